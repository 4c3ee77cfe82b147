import numpy as np
from affekt import Component, FusedSequence


class Means(Component):
    """Good: the mean of a slot is a token."""

    def fuse(self, evidence):
        return [self.one(known) for known in evidence]

    def one(self, known):
        slots = sorted({*known.features, *known.missing})
        tokens = np.zeros((len(slots), 2), np.float32)
        for row, slot in zip(tokens, slots, strict=True):
            if slot in known.features:
                row[:] = known.features[slot].values.mean()
        return FusedSequence(tokens=tokens, mask=np.array([slot in known.features for slot in slots]))


class WidthOfItsSlots(Means):
    def one(self, known):
        fused = super().one(known)
        tokens = np.zeros((len(fused.tokens), 2 + len(known.features)), np.float32)
        return FusedSequence(tokens=tokens, mask=fused.mask)


class AttendsToZeros(Means):
    def one(self, known):
        fused = super().one(known)
        return FusedSequence(tokens=fused.tokens, mask=np.ones(len(fused.tokens), np.bool_))
