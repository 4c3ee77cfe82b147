"""Announces the components. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    yield ComponentInfo(
        role="encoder",
        name="videomae",
        target="affekt_videomae.encoder:VideoMaeEncoder",
        summary="How a face or a scene moves, from 16 frames of it (Tong et al., 2022)",
        licence="CC-BY-NC-4.0",
        size=1_372_000_000,
    )
