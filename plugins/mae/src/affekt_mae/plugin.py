"""Announces the components. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    yield ComponentInfo(
        role="encoder",
        name="mae",
        target="affekt_mae.encoder:MaeEncoder",
        summary="What a face shows, one vector a picture (He et al., 2022)",
        licence="CC-BY-NC-4.0",
        size=1_318_000_000,
    )
