"""The simplest fuser: one token a feature."""

from collections.abc import Sequence

import numpy as np
from affekt import Component, Evidence, FusedSequence
from affekt.errors import DataError
from pydantic import Field


class Concatenate(Component):
    """The mean over time of every slot, as one token each by the slots' names, padded with zeros to one width.

    A slot that is missing gets a token whose mask is False.
    """

    width: int = Field(default=1024, gt=0, description="Of a token; at least that of the widest features")

    def fuse(self, evidence: Sequence[Evidence]) -> list[FusedSequence]:
        """Makes a token of every slot, in the order of their names."""
        return [self._one(clip_evidence) for clip_evidence in evidence]

    def _one(self, evidence: Evidence) -> FusedSequence:
        slots = sorted({*evidence.features, *evidence.missing})
        tokens = np.zeros((len(slots), self.width), dtype=np.float32)
        mask = np.array([slot in evidence.features for slot in slots], dtype=np.bool_)
        for row, slot in zip(tokens, slots, strict=True):
            if slot in evidence.features:
                mean = evidence.features[slot].values.mean(axis=0)
                if len(mean) > self.width:
                    raise DataError(
                        f'"{slot}" has {len(mean)} columns, more than the token width of {self.width}',
                        hint="a larger width",
                    )
                row[: len(mean)] = mean
        return FusedSequence(tokens=tokens, mask=mask)
