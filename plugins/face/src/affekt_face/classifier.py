"""The trained expression networks with their calibration, as one file of safetensors.

The file's metadata says what is in it: `networks` (a JSON list of the options of `ExpressionNetwork`, tensors of the
first one begin with `0.`), `classes` and `temperature`.
"""

import json
import math
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Self

import torch
from affekt import WeightsError
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn
from torch.nn import functional

from affekt_face.network import CLASSES, ExpressionNetwork


@dataclass(frozen=True)
class View:
    """One way to look at a face: closer, turned or shifted, as crops of a face differ from picture to picture."""

    zoom: float = 1.0
    degrees: float = 0.0
    down: float = 0.0
    """Share of half the side."""

    def of(self, faces: Tensor) -> Tensor:
        """The faces [n, 1, side, side] seen this way; what lies beyond the border is mirrored."""
        angle = math.radians(self.degrees)
        cosine, sine = math.cos(angle) / self.zoom, math.sin(angle) / self.zoom
        transform = torch.tensor([[cosine, -sine, 0.0], [sine, cosine, self.down]]).expand(len(faces), 2, 3)
        grid = functional.affine_grid(transform, list(faces.shape), align_corners=False)
        return functional.grid_sample(faces, grid, padding_mode="reflection", align_corners=False)


VIEWS = (
    View(),
    View(zoom=1.06),
    View(zoom=1.12),
    View(zoom=1.05, degrees=8),
    View(zoom=1.05, degrees=-8),
    View(zoom=1.06, down=-0.06),
    View(zoom=1.06, down=0.06),
)
"""What is averaged, each with its mirror image."""


class Classifier(nn.Module):
    """Calibrated probabilities of faces: the mean of the networks' logits over `VIEWS` and their mirror images."""

    def __init__(self, networks: list[ExpressionNetwork], temperature: float) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)
        self.temperature = temperature
        """What the logits are divided by, so that a probability is how often the answer is right (Guo et al., 2017)."""

    @classmethod
    def packaged(cls) -> Self:
        """The classifier that comes with this package; MODEL_CARD.md describes it."""
        return cls.read(Path(str(files("affekt_face") / "expression.safetensors")))

    @classmethod
    def read(cls, path: Path) -> Self:
        """A classifier from a file.

        Raises:
            WeightsError: the file is missing, or holds something else.
        """
        try:
            with safe_open(path, framework="pt") as file:
                metadata = file.metadata() or {}
                tensors = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
            if tuple(json.loads(metadata["classes"])) != CLASSES:
                raise ValueError(f"its classes are {metadata['classes']}")
            networks = [ExpressionNetwork(**options) for options in json.loads(metadata["networks"])]
            for number, network in enumerate(networks):
                own = {
                    name.removeprefix(f"{number}."): t for name, t in tensors.items() if name.startswith(f"{number}.")
                }
                network.load_state_dict(own)
            temperature = float(metadata["temperature"])
        except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
            raise WeightsError(
                f'"{path}" holds no expression networks: {error}',
                hint="a file written by training/train_expression.py",
            ) from error
        return cls(networks, temperature).eval()

    @torch.inference_mode()
    def logits(self, faces: Tensor) -> Tensor:
        """Logits [n, 7], not yet calibrated, of grey faces uint8 [n, 48, 48]."""
        pixels = faces[:, None].float()
        total = torch.zeros(len(faces), len(CLASSES))
        for view in VIEWS:
            seen = view.of(pixels).contiguous(memory_format=torch.channels_last)
            for network in self.networks:
                total += network(seen) + network(seen.flip(-1))
        return total / (2 * len(VIEWS) * len(self.networks))

    def forward(self, faces: Tensor) -> Tensor:
        """Probabilities [n, 7], in the order of `CLASSES`, of grey faces uint8 [n, 48, 48]."""
        return (self.logits(faces) / self.temperature).softmax(dim=1)
