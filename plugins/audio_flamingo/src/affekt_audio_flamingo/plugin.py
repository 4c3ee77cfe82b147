"""Announces the components. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl

LICENCE = "NVIDIA OneWay Noncommercial License: research only, not for commercial use"
SIZE = 16_540_000_000


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    yield ComponentInfo(
        role="encoder",
        name="audio-flamingo",
        target="affekt_audio_flamingo.encoder:AudioFlamingoEncoder",
        summary="Features of Audio Flamingo 3's encoder, 40 ms a row (Goel et al., 2025)",
        sample_rate=16_000,
        licence=LICENCE,
        size=SIZE,
    )
    yield ComponentInfo(
        role="preparer",
        name="audio-flamingo",
        target="affekt_audio_flamingo.describer:AudioFlamingoDescriber",
        summary="Describes the tone of voice in words and notes it in the clip, with Audio Flamingo 3",
        sample_rate=16_000,
        licence=LICENCE,
        size=SIZE,
    )
