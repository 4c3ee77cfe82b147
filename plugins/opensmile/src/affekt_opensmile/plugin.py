"""Announces the component. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    yield ComponentInfo(
        role="encoder",
        name="opensmile",
        target="affekt_opensmile.encoder:OpenSmileEncoder",
        summary="eGeMAPS: 88 named parameters of a voice (Eyben et al., 2016). openSMILE is not for commercial use",
        sample_rate=16_000,
    )
