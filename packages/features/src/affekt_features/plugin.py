"""Announces the components. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    for modality, what in (("Audio", "sound"), ("Face", "the face"), ("Text", "words")):
        yield ComponentInfo(
            role="encoder",
            name=f"imported-{modality.lower()}",
            target=f"affekt_features.imported_encoders:Imported{modality}",
            summary=f"Ready-made features of {what}, by the clip's name",
        )
