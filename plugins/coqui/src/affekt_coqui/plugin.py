"""Announces the component. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    yield ComponentInfo(
        role="speaker",
        name="coqui",
        target="affekt_coqui.speaker:CoquiSpeaker",
        summary="Speaks with a Coqui model of yours: XTTS, YourTTS, VITS, Tacotron 2, FreeVC, OpenVoice",
    )
