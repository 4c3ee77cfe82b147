"""Announces the component and its weights. Imported to list plugins: keep it free of torch."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl
from affekt_weights import WeightsInfo

from affekt_speakers.weights import SPEAKER_NETWORKS


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    yield ComponentInfo(
        role="preparer",
        name="speaker-turns",
        target="affekt_speakers.turns:SpeakerTurns",
        summary="Who speaks when, overlap included: one name a person over a whole recording",
        weights=("speaker-networks",),
        sample_rate=16_000,
    )


@hookimpl
def affekt_weights() -> Iterator[WeightsInfo]:
    yield SPEAKER_NETWORKS
