"""Announces the speaker and its weights. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl
from affekt_weights.manifest import WeightsInfo

from affekt_kokoro.weights import ALL_VOICES, ENGLISH_VOICES, KOKORO


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    yield ComponentInfo(
        role="speaker",
        name="kokoro",
        target="affekt_kokoro.speaker:KokoroSpeaker",
        summary="Speech in nine emotions and 54 voices: Kokoro-82M with controlled prosody",
        weights=(KOKORO.name, ENGLISH_VOICES.name),
        sample_rate=24_000,
        languages=("en", "zh"),
    )


@hookimpl
def affekt_weights() -> Iterator[WeightsInfo]:
    yield KOKORO
    yield ENGLISH_VOICES
    yield ALL_VOICES
