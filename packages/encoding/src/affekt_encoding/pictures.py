"""Pictures as a network expects them: resized as torchvision resizes PIL images, scaled, normalised.

Needs Pillow, which an encoder of pictures declares itself.
"""

from collections.abc import Iterable
from typing import Annotated, Literal

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image
from pydantic import Field
from torch import Tensor

Normalize = Annotated[
    Literal["none", "imagenet", "clip", "half"],
    Field(description="Mean and deviation of the colours that the network was trained with; none: 0 to 1 as they are"),
]

_MEAN_AND_DEVIATION = {
    "none": ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
    "imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "clip": ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)),
    "half": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
}


def prepared(
    pictures: Iterable[UInt8[np.ndarray, "height width 3"]],
    size: int,
    normalize: Normalize,
    filter: Literal["bilinear", "bicubic"] = "bilinear",
) -> Tensor:
    """Pictures of shape [time, 3, size, size] in single precision, squeezed into the square whatever their shape."""
    wanted = Image.Resampling[filter.upper()]
    resized = [
        picture
        if picture.shape[:2] == (size, size)
        else np.asarray(Image.fromarray(picture).resize((size, size), wanted))
        for picture in pictures
    ]
    values = torch.from_numpy(np.stack(resized)).permute(0, 3, 1, 2).float().div_(255)
    mean, deviation = (torch.tensor(colours).view(3, 1, 1) for colours in _MEAN_AND_DEVIATION[normalize])
    return values.sub_(mean).div_(deviation)
