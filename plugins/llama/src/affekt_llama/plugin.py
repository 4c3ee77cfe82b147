"""Announces the component and its weights. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl
from affekt_weights import WeightsInfo

from affekt_llama.weights import SMOLLM2


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    yield ComponentInfo(
        role="reasoner",
        name="llama",
        target="affekt_llama.reasoner:LlamaReasoner",
        summary="Emotion labels scored by a causal language model; untuned and near chance with its default weights",
        weights=("smollm2",),
        languages=("en",),
    )


@hookimpl
def affekt_weights() -> Iterator[WeightsInfo]:
    yield SMOLLM2
