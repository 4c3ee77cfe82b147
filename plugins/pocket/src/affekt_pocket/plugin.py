"""Announces the component. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    yield ComponentInfo(
        role="speaker",
        name="pocket",
        target="affekt_pocket.speaker:PocketSpeaker",
        summary="Speaks in a voice lent with consent: Kyutai's Pocket TTS, zero-shot cloning on a CPU",
        weights=("ge2e", "perth"),
        sample_rate=24_000,
    )
