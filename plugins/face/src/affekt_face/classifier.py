"""The trained expression networks with their calibration, as one file of safetensors.

The file's metadata says what is in it: `networks` (a JSON list of the options of `ExpressionNetwork`, tensors of the
first one begin with `0.`), `classes` and `temperature`.
"""

import json
from importlib.resources import files
from pathlib import Path
from typing import Self

import torch
from affekt import WeightsError
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn
from torch.nn import functional

from affekt_face.network import CLASSES, ExpressionNetwork, fold_normalisation

ZOOMS = (1.0, 1.12)
"""How close a face is looked at; the answers are averaged. Five more views, turned and shifted, gained nothing."""


def zoomed(faces: Tensor, zoom: float) -> Tensor:
    """The middle of the faces [n, 1, side, side], so many times as large."""
    if zoom == 1.0:
        return faces
    transform = torch.tensor([[1 / zoom, 0.0, 0.0], [0.0, 1 / zoom, 0.0]]).expand(len(faces), 2, 3)
    grid = functional.affine_grid(transform, list(faces.shape), align_corners=False)
    return functional.grid_sample(faces, grid, align_corners=False)


class Classifier(nn.Module):
    """Calibrated probabilities of faces: the mean of the networks' logits over `ZOOMS` and mirror images."""

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
        classifier = cls(networks, temperature).eval()
        fold_normalisation(classifier)
        fast: Self = classifier.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return fast

    @torch.inference_mode()
    def logits(self, faces: Tensor) -> Tensor:
        """Logits [n, 7], not yet calibrated, of grey faces uint8 [n, 48, 48]."""
        pixels = faces[:, None].float()
        total = torch.zeros(len(faces), len(CLASSES))
        for zoom in ZOOMS:
            views = zoomed(pixels, zoom).contiguous(memory_format=torch.channels_last)
            for network in self.networks:
                total += network(views) + network(views.flip(-1))
        return total / (2 * len(ZOOMS) * len(self.networks))

    def forward(self, faces: Tensor) -> Tensor:
        """Probabilities [n, 7], in the order of `CLASSES`, of grey faces uint8 [n, 48, 48]."""
        return (self.logits(faces) / self.temperature).softmax(dim=1)
