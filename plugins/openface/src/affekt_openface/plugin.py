"""Announces the components. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    yield ComponentInfo(
        role="encoder",
        name="openface",
        target="affekt_openface.encoder:OpenFaceEncoder",
        summary="Action units of OpenFace 2: from its CSV, from its program, else from affekt-face; says which",
    )
