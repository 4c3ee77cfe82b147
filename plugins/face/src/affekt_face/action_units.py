"""The encoder of what the face's muscles do: blendshapes read as FACS action units."""

from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar

import numpy as np
from affekt import Clip, Component, Features, Missing, Modality
from affekt_weights import fetch
from pydantic import Field

from affekt_face.blendshapes import ACTION_UNITS, BLENDSHAPES
from affekt_face.clock import spans
from affekt_face.landmarker import Landmarker

MIXING = np.zeros((len(BLENDSHAPES), len(ACTION_UNITS)), np.float32)
"""Share of every blendshape in every action unit."""
for _column, _parts in enumerate(ACTION_UNITS.values()):
    for _part in _parts:
        MIXING[BLENDSHAPES.index(_part), _column] = 1 / len(_parts)


class ActionUnits(Component):
    """Strength, 0 to 1, of 18 action units in every frame of the face track; `blendshapes.ACTION_UNITS` says how."""

    modality: ClassVar[Modality] = "face"

    threads: int = Field(default=2, ge=1, description="Threads of the network")
    weights: str = Field(
        default="face-landmarker", description="Weights by name, or a folder that holds face_landmarker.task"
    )

    @cached_property
    def _landmarker(self) -> Landmarker:
        return Landmarker(fetch(self.weights), self.threads)

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        """A row a sighting of the face, or why there is none."""
        return [self._rows(clip) for clip in clips]

    def _rows(self, clip: Clip) -> Features | Missing:
        if clip.faces is None:
            return Missing(reason=clip.why_missing("face"))
        if not len(clip.faces.times):
            return Missing(reason="the face track is empty")
        if clip.faces.landmarks is None:
            return Missing(reason="the face track has no landmarks to read action units from")
        blendshapes = np.stack([self._landmarker.blendshapes(landmarks) for landmarks in clip.faces.landmarks])
        return Features(values=blendshapes @ MIXING, spans=spans(clip.faces), names=tuple(ACTION_UNITS))
