"""Announces the component. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    yield ComponentInfo(
        role="encoder",
        name="hubert",
        target="affekt_hubert.encoder:HubertEncoder",
        summary="Self-supervised speech features, 20 ms a row (Hsu et al., 2021)",
        sample_rate=16_000,
        licence="Apache-2.0",
        size=377_486_848,
    )
