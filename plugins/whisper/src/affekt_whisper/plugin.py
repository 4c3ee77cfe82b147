"""Announces the components. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator
from typing import Any

from affekt import ComponentInfo, hookimpl


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    yield ComponentInfo(
        role="preparer",
        name="whisper",
        target="affekt_whisper.transcript:WhisperTranscript",
        summary="Writes down what is said, with the time of every word; writes nothing where nobody speaks",
        weights=("whisper-base",),
        sample_rate=16_000,
    )
    yield ComponentInfo(
        role="encoder",
        name="whisper",
        target="affekt_whisper.encoder:WhisperEncoder",
        summary="Speech features of Whisper's encoder, 20 ms a row (Radford et al., 2022)",
        weights=("whisper-base",),
        sample_rate=16_000,
    )


@hookimpl
def affekt_weights() -> Iterator[Any]:
    from affekt_whisper.weights import WHISPER_BASE, WHISPER_BASE_MIRROR

    yield WHISPER_BASE
    yield WHISPER_BASE_MIRROR
