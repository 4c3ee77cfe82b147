import numpy as np
import pytest
import torch

pytest.importorskip("PIL", reason="needs Pillow, which encoders of pictures bring")
torchvision = pytest.importorskip("torchvision", reason="compares with torchvision, which is not installed")

from affekt_encoding.pictures import prepared  # noqa: E402


@pytest.mark.parametrize("filter", ["bilinear", "bicubic"])
@pytest.mark.parametrize(("height", "width"), [(90, 64), (20, 30), (32, 32)])
def test_pictures_are_resized_and_normalised_as_torchvision_does(filter, height, width):
    from PIL import Image
    from torchvision.transforms import Compose, InterpolationMode, Normalize, Resize, ToTensor

    picture = np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8)
    theirs = Compose(
        [
            Resize((32, 32), InterpolationMode(filter)),
            ToTensor(),
            Normalize((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)),
        ]
    )
    found = prepared(picture[None], 32, "clip", filter)
    torch.testing.assert_close(found[0], theirs(Image.fromarray(picture)), atol=1e-6, rtol=0)


def test_without_normalisation_colours_are_shares():
    assert prepared(np.full((1, 4, 4, 3), 51, np.uint8), 4, "none").unique().tolist() == [pytest.approx(0.2)]
