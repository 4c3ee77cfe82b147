"""Announces the components. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    yield ComponentInfo(
        role="encoder",
        name="eva",
        target="affekt_eva.encoder:EvaEncoder",
        summary="What a scene or a face holds: class token and patches of EVA-CLIP or EVA-02 (Fang et al., 2023)",
        licence="MIT",
        size=4_050_000_000,
    )
