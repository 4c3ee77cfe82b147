"""Announces a preparer and the data that ship here. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl
from affekt_weights import BundledSource, WeightsFile, WeightsInfo

ASTERISK_PROMPTS = WeightsInfo(
    name="asterisk-prompts",
    summary="Data, not a model: statistics of sixty spoken prompts, from which heads learn everyday neutral speech",
    files=(
        WeightsFile(
            path="asterisk_prompts.safetensors",
            size=983_312,
            sha256="d283056285cff84c97ae820105b33b4a5e28c61ff3c094d1a4a670cda7cd6b9d",
        ),
    ),
    sources=(BundledSource(package="affekt_training", distribution="affekt-training", folder="heads/data"),),
    licence="CC-BY-SA-3.0 AND CC-BY-3.0",
    languages=("en", "es", "fr", "it", "ru"),
    homepage="https://www.asterisksounds.org",
)


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    """The preparer of pictures that are faces already."""
    yield ComponentInfo(
        role="preparer",
        name="cropped-faces",
        target="affekt_training.cropped_faces:CroppedFaces",
        summary="Takes pictures that are cropped faces already, as data sets of faces have them, for a face track",
    )


@hookimpl
def affekt_weights() -> Iterator[WeightsInfo]:
    """The statistics of Asterisk's prompts."""
    yield ASTERISK_PROMPTS
