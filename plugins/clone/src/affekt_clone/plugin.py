"""Announces the component. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    yield ComponentInfo(
        role="speaker",
        name="clone",
        target="affekt_clone.speaker:ClonedSpeaker",
        summary="Speaks in a voice lent with consent: another speaker's speech rebuilt from it (kNN-VC, WORLD)",
        weights=("whisper-base", "ge2e", "perth"),
        sample_rate=24_000,
    )
