"""Encoders that run while a batch is made, as the original Emotion-LLaMA runs EVA; nothing of theirs is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from affekt import Clip, Encoder, Features, Missing, Preparer, plugins
from affekt_datasets import Sample
from affekt_features.relevance import reads_of, relevant

from affekt_training.config import FeatureUse


class LiveEncoders:
    """The live encoders of a run. The last clip is kept, so that it is decoded once for all of them."""

    def __init__(self, uses: Mapping[str, FeatureUse]) -> None:
        registry = plugins()
        self.encoders: dict[str, Encoder] = {
            slot: registry.create("encoder", use.use or "", **use.options) for slot, use in uses.items()
        }
        self.preparers: dict[str, list[Preparer]] = {}
        for slot, use in uses.items():
            preparers = {name: registry.create("preparer", name, **options) for name, options in use.needs.items()}
            needed = relevant(list(preparers.items()), reads_of(self.encoders[slot]))
            self.preparers[slot] = [preparers[name] for name in needed]
        self._sample: Sample | None = None
        self._decoded: Clip | None = None

    def encode(self, slot: str, sample: Sample) -> Features | Missing:
        """Features of a sample, computed now.

        Raises:
            AffektError: the sample cannot be decoded or encoded.
        """
        if self._sample is not sample or self._decoded is None:
            self._sample, self._decoded = sample, sample.clip()
        clip = self._decoded
        for preparer in self.preparers[slot]:
            (clip,) = preparer.prepare([clip])
        (encoded,) = self.encoders[slot].encode([clip])
        return encoded


@dataclass(frozen=True, kw_only=True, eq=False)
class LiveFeatures:
    """Features of one sample in one slot, computed each time that they are looked at."""

    encoders: LiveEncoders
    slot: str
    sample: Sample
    names: tuple[str, ...] | None = None

    @property
    def values(self) -> np.ndarray[Any, Any] | None:
        """Rows over time; None where the sample lacks the modality."""
        encoded = self.encoders.encode(self.slot, self.sample)
        return encoded.values if isinstance(encoded, Features) else None

    def load(self) -> Features | None:
        """The features with their clock; None where the sample lacks the modality."""
        encoded = self.encoders.encode(self.slot, self.sample)
        return encoded if isinstance(encoded, Features) else None
