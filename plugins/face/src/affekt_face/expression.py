"""The encoder of what the face expresses: calibrated probabilities of seven expressions, frame by frame."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np
import torch
from affekt import Clip, Component, Features, Missing, Modality
from jaxtyping import UInt8
from pydantic import Field

from affekt_face.classifier import Classifier
from affekt_face.clock import spans
from affekt_face.crops import CROP, TIGHT
from affekt_face.network import CLASSES, SIDE


class Expression(Component):
    """Probabilities, summing to 1 in every row, of the expressions in `CLASSES`."""

    modality: ClassVar[Modality] = "face"
    renamed_options: ClassVar[Mapping[str, str]] = {"batch": "batch_size"}

    weights: Path | None = Field(
        default=None, description="A file written by training/train_expression.py; the packaged one if none is given"
    )
    batch_size: int = Field(default=128, ge=1, description="Faces at a time")

    @cached_property
    def _classifier(self) -> Classifier:
        return Classifier.packaged() if self.weights is None else Classifier.read(self.weights)

    @property
    def weights_in_use(self) -> tuple[str, ...]:
        """Names of `affekt weights list` for provenance: the packaged network, where no other file replaces it."""
        return ("expression-network",) if self.weights is None else ()

    @property
    def trained_on(self) -> tuple[str, ...]:
        """What the packaged network learnt from; benchmarks read it."""
        return ("FER2013 train", "RAF-DB train") if self.weights is None else (f"unknown ({self.weights.name})",)

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        """A row a sighting of the face, or why there is none."""
        return [self._rows(clip) for clip in clips]

    def _rows(self, clip: Clip) -> Features | Missing:
        if clip.faces is None:
            return Missing(reason=clip.why_missing("face"))
        if not len(clip.faces.times):
            return Missing(reason="the face track is empty")
        faces = torch.from_numpy(np.stack([grey(crop) for crop in clip.faces.crops]))
        values = torch.cat([self._classifier(part) for part in faces.split(self.batch_size)]).numpy()  # type: ignore[no-untyped-call]
        return Features(values=values, spans=spans(clip.faces), names=CLASSES)


def grey(crop: UInt8[np.ndarray, "side side 3"]) -> UInt8[np.ndarray, "48 48"]:
    """The inside of a crop as FER2013 shows faces: grey, with little around them."""
    edge = round(len(crop) * (1 - TIGHT / CROP) / 2)
    inside = crop[edge : len(crop) - edge, edge : len(crop) - edge]
    return cv2.cvtColor(cv2.resize(inside, (SIDE, SIDE), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
