"""Announces the component. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    yield ComponentInfo(
        role="speaker",
        name="clone",
        target="affekt_clone.speaker:ClonedSpeaker",
        summary="Speaks in a voice lent with consent: Kokoro's, fitted to the person, or another's, converted",
        weights=("kokoro", "kokoro-english-voices", "kokoro-voices", "whisper-base", "ge2e", "perth"),
        sample_rate=24_000,
    )
