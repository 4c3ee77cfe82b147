"""The simplest fuser: one token a feature."""

from collections.abc import Sequence

import numpy as np
from affekt import Component, Evidence, FusedSequence
from affekt.errors import DataError
from pydantic import Field


class Concatenate(Component):
    """The mean over time of every slot, as one token each in the slots' order, padded with zeros to one width.

    A slot that is missing gets a token whose mask is False.
    """

    width: int = Field(default=1024, gt=0, description="Of a token; at least that of the widest features")

    def fuse(self, evidence: Sequence[Evidence]) -> list[FusedSequence]:
        return [self._one(known) for known in evidence]

    def _one(self, known: Evidence) -> FusedSequence:
        slots = [*known.features, *known.missing]
        tokens = np.zeros((len(slots), self.width), dtype=np.float32)
        for row, (slot, features) in zip(tokens, known.features.items(), strict=False):
            if features.values.shape[1] > self.width:
                raise DataError(
                    f'"{slot}" has {features.values.shape[1]} columns, more than the token width of {self.width}',
                    hint="a larger width",
                )
            row[: features.values.shape[1]] = features.values.mean(axis=0)
        mask = np.arange(len(slots)) < len(known.features)
        return FusedSequence(tokens=tokens, mask=mask)
