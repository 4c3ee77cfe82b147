"""Announces the component. Imported to list plugins: keep it light."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    yield ComponentInfo(
        role="encoder",
        name="prosody",
        target="affekt_prosody.encoder:ProsodyEncoder",
        summary="Pitch, voicing, loudness, spectral tilt, harmonicity, rate and pauses, 10 ms a row",
        sample_rate=16_000,
    )
