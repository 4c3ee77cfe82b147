"""The facial expression network: a small residual network over 48x48 grey faces (He et al., 2016).

Shared by the `expression` encoder and by `training/train_expression.py`; knows nothing of files or clips.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

CLASSES = ("angry", "disgusted", "fearful", "happy", "neutral", "sad", "surprised")
"""Columns of the logits: FER2013's seven emotions in alphabetical order, in the project's words."""

SIDE = 48
"""Pixels on a side of the faces that the network was trained on."""


def convolution(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """A 3x3 convolution and its batch normalisation."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
    )


class Residual(nn.Module):
    """Two convolutions beside a shortcut, which is pooled and projected where the shape changes."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = convolution(inputs, outputs, stride)
        self.second = convolution(outputs, outputs)
        self.shortcut: nn.Module = nn.Identity()
        if stride > 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(stride, ceil_mode=True),
                nn.Conv2d(inputs, outputs, 1, bias=False),
                nn.BatchNorm2d(outputs),
            )

    def forward(self, x: Tensor) -> Tensor:
        """Computes the block's maps."""
        return torch.relu_(self.second(torch.relu_(self.first(x))) + self.shortcut(x))


class ExpressionNetwork(nn.Module):
    """Grey faces to seven logits in the order of `CLASSES`.

    `widths` and `blocks` say the channels and the residual blocks of each stage; a stage halves the side.
    """

    def __init__(self, widths: Sequence[int], blocks: Sequence[int], *, dropout: float = 0.0) -> None:
        super().__init__()
        self.shape = {"widths": tuple(widths), "blocks": tuple(blocks)}
        """The options that make a network for the same weights."""
        self.stem = nn.Sequential(
            nn.Conv2d(1, widths[0], 5, stride=2, padding=2, bias=False),
            nn.BatchNorm2d(widths[0]),
            nn.ReLU(inplace=True),
        )
        stages: list[nn.Module] = []
        inputs = widths[0]
        for stage, (outputs, count) in enumerate(zip(widths, blocks, strict=True)):
            for block in range(count):
                stages.append(Residual(inputs, outputs, stride=2 if stage > 0 and block == 0 else 1))
                inputs = outputs
        self.body = nn.Sequential(*stages)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(inputs, len(CLASSES))

    def forward(self, faces: Tensor) -> Tensor:
        """Logits [batch, 7] of faces [batch, 1, side, side] in any brightness range."""
        # Each face is standardised by itself: how bright or flat a room is says nothing of what is felt.
        centred = faces - faces.mean(dim=(2, 3), keepdim=True)
        x = centred / centred.std(dim=(2, 3), keepdim=True).clamp_min(1e-3)
        logits: Tensor = self.head(self.dropout(self.body(self.stem(x)).mean(dim=(2, 3))))
        return logits


def fold_normalisation(module: nn.Module) -> None:
    """Folds every batch normalisation into the convolution before it, in place: the same logits in less time.

    The networks must be in evaluation mode.
    """
    for part in module.modules():
        if not isinstance(part, nn.Sequential):
            continue
        for index in reversed(range(1, len(part))):
            convolution, normalisation = part[index - 1], part[index]
            if isinstance(convolution, nn.Conv2d) and isinstance(normalisation, nn.BatchNorm2d):
                part[index - 1] = fuse_conv_bn_eval(convolution, normalisation)
                del part[index]
