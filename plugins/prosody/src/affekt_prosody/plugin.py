"""Announces the component and its weights. Imported to list plugins: keep it light."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl
from affekt_weights import WeightsInfo

from affekt_prosody.weights import SILERO_VAD


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    yield ComponentInfo(
        role="encoder",
        name="prosody",
        target="affekt_prosody.encoder:ProsodyEncoder",
        summary="Pitch, voicing, loudness, spectral tilt, harmonicity, rate, pauses and speech, 10 ms a row",
        sample_rate=16_000,
        weights=("silero-vad",),
    )


@hookimpl
def affekt_weights() -> Iterator[WeightsInfo]:
    yield SILERO_VAD
