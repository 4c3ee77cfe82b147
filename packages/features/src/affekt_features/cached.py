"""An encoder that computes nothing twice: a stand-in with the same results, in any pipeline."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self

from affekt import Clip, ComponentError, Encoder, Features, Missing, Modality, Pipeline
from affekt.devices import device_of, moved

from affekt_features.entry import Precision
from affekt_features.keys import contents, describe, key_of
from affekt_features.relevance import reads_of
from affekt_features.store import Computed, FeatureStore


@dataclass(frozen=True, eq=False)
class CachedEncoder:
    """Takes features from a store, and has the encoder compute those that are not there."""

    encoder: Encoder
    store: FeatureStore
    precision: Precision = "float32"
    """What is computed is rounded to this; features that are there in single precision are taken as they are."""
    if TYPE_CHECKING:
        modality: ClassVar[Modality]
    else:

        @property
        def modality(self) -> Modality:
            """The encoder's: what a class says of itself, a stand-in can only pass on."""
            return self.encoder.modality

    @property
    def device(self) -> str | None:
        """Where the encoder computes; None where it has no such option."""
        return device_of(self.encoder)

    def to(self, device: str) -> Self:
        """The same encoder, with the encoder on another device; the features of one device serve on the other."""
        return replace(self, encoder=moved(self.encoder, device))

    def contents(self, clip: Clip) -> str:
        """SHA-256 of what the encoder reads of a clip."""
        return contents(clip, self.modality, reads_of(self.encoder))

    @cached_property
    def described(self) -> dict[str, Any]:
        """What the keys say of the encoder."""
        return describe(self.encoder)

    @property
    def _rounded(self) -> dict[str, Any]:
        return self.described if self.precision == "float32" else {**self.described, "stored": self.precision}

    def keys(self, contents: str) -> tuple[str, ...]:
        """The keys of the features of these contents: the one they are stored under, then others that serve."""
        own = key_of(contents, self._rounded)
        return (own,) if self.precision == "float32" else (own, key_of(contents, self.described))

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        """See `Encoder`.

        Raises:
            StoreFull: there is no room for what was computed.
        """
        keys = [key_of(self.contents(clip), self._rounded) for clip in clips]
        clip_of = dict(zip(keys, clips, strict=True))

        def compute(wanted: Sequence[str]) -> Computed:
            results = self.encoder.encode([clip_of[key] for key in wanted])
            if len(results) != len(wanted):
                name = type(self.encoder).__name__
                raise ComponentError(f"{name}.encode returned {len(results)} results for {len(wanted)} clips")
            return {key: self._sourced(result) for key, result in zip(wanted, results, strict=True)}

        return self.store.through(keys, compute, self.precision)

    def _sourced(self, result: Features | Missing) -> Features | Missing:
        if isinstance(result, Missing) or result.source:
            return result
        return replace(result, source=source_of(self.described))

    def stands_for(self) -> dict[str, Any]:
        """The encoder, for provenance: what it made does not depend on who stored it."""
        if callable(delegate := getattr(self.encoder, "stands_for", None)):
            other: dict[str, Any] = delegate()
            return other
        facts = {key: self.described[key] for key in ("target", "name", "distribution", "version")}
        options = getattr(self.encoder, "model_dump", dict)
        return {**facts, "options": options(mode="json"), "weights": list(self.described["weights"])}


def source_of(described: dict[str, Any]) -> str:
    """The component and the options that matter, in a line."""
    options = ", ".join(f"{key}={value!r}" for key, value in described["options"].items())
    return f"{described['name'] or described['target']}({options})"


def cached(encoder: Encoder, store: FeatureStore, precision: Precision = "float32") -> CachedEncoder:
    """The encoder, with features from this store."""
    return encoder if isinstance(encoder, CachedEncoder) else CachedEncoder(encoder, store, precision)


def cached_pipeline(pipeline: Pipeline, store: FeatureStore) -> Pipeline:
    """The pipeline, with the features of all its encoders from this store."""
    return replace(pipeline, encoders={slot: cached(encoder, store) for slot, encoder in pipeline.encoders.items()})
