"""Announces the component. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    yield ComponentInfo(
        role="encoder",
        name="wavlm",
        target="affekt_wavlm.encoder:WavLMEncoder",
        summary="Self-supervised speech features through s3prl, 20 ms a row (Chen et al., 2022)",
        sample_rate=16_000,
        licence="CC BY-SA 3.0",
        size=377_526_656,
    )
