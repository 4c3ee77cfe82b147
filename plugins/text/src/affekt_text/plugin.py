"""Announces the component and its weights. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl
from affekt_weights import WeightsInfo

from affekt_text.weights import ALL_MINILM_L6


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    yield ComponentInfo(
        role="encoder",
        name="minilm",
        target="affekt_text.encoder:MiniLMEncoder",
        summary="Sentences of the transcript as 384 numbers each (Reimers and Gurevych, 2019)",
        weights=("all-minilm-l6",),
        languages=("en",),
    )


@hookimpl
def affekt_weights() -> Iterator[WeightsInfo]:
    yield ALL_MINILM_L6
