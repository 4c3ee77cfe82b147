"""Announces the components. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    yield ComponentInfo(
        role="encoder",
        name="mmaction2",
        target="affekt_mmaction2.encoder:Mmaction2Encoder",
        summary="Any recogniser's backbone from a config and a checkpoint of MMAction2: SlowFast, Swin, UniFormer …",
    )
