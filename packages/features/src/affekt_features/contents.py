"""From a medium to what it decodes to, remembered: so that a finished clip is recognised without decoding it again.

A recipe is what decoding depends on: the media bytes, the decode parameters, the preparers, and the text and subtitles
that come with the clip. Each modality it leads to is one small file of the store.
"""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import stringzilla  # type: ignore[import-not-found, unused-ignore]
from affekt import Modality
from affekt_datasets import DatasetError, Sample
from affekt_datasets.loading import pictures
from affekt_media.subtitles import find_subtitles

from affekt_features.keys import digest
from affekt_features.store import FeatureStore


def recipe_of(media: str, prepare: Sequence[Mapping[str, Any]], reads: Sequence[str]) -> str:
    """The key of everything that the fields of a prepared clip depend on.

    Args:
        media: from `media_of`.
        prepare: the preparers that matter to the fields, as `keys.describe` describes them.
        reads: the fields.
    """
    return digest({"media": media, "prepare": list(prepare), "reads": list(reads)})


def media_of(sample: Sample, decode: Mapping[str, Any]) -> str:
    """The key of everything that the decoded clip depends on.

    Raises:
        DatasetError: the sample has no media, or they cannot be read.
    """
    return digest(
        {
            "media": media_digest(sample),
            "beside": _subtitles(sample),
            "text": sample.text,
            "language": sample.language,
            "decode": dict(decode),
            "decoder": _decoder(),
        }
    )


@cache
def _decoder() -> str:
    return version("affekt-media")


def media_digest(sample: Sample) -> str:
    """SHA-256 of the media bytes: of a file, of the files of a folder, or of a row of an array file.

    Raises:
        DatasetError: there are none, or they cannot be read.
    """
    media = sample.media
    if media is None:
        raise DatasetError(f'"{sample.id}" has no media', hint="`affekt datasets check` lists what is missing")
    try:
        if sample.row is not None:
            picture = pictures(media)[sample.row]
            return hashlib.sha256(f"{picture.dtype.str}{picture.shape}".encode() + picture.tobytes()).hexdigest()
        if media.is_dir():
            files = sorted(path for path in media.iterdir() if path.is_file())
            return digest([[path.name, _digest(path)] for path in files])
        return _digest(media)
    except (OSError, IndexError) as error:
        raise DatasetError(f'"{media}" cannot be read: {error}', hint="`affekt datasets check`") from error


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _subtitles(sample: Sample) -> str | None:
    if sample.media is None or sample.row is not None or not sample.media.is_file():
        return None
    subtitles = find_subtitles(sample.media, True)
    return None if subtitles is None else digest([repr(cue) for cue in subtitles.cues])


def remember(store: FeatureStore, recipe: str, modality: Modality, contents: str) -> None:
    """Notes what a recipe leads to.

    Raises:
        StoreFull: there is no room.
    """
    store.backend.write(_name(recipe, modality), f"{contents} {_check(recipe, modality, contents)}\n".encode())


def remembered(store: FeatureStore, recipe: str, modality: Modality) -> str | None:
    """What a recipe leads to; None when it is not known, or the note is corrupt, which is counted."""
    file = store.backend.read(_name(recipe, modality))
    if file is None:
        return None
    contents, _, check = bytes(file.data).decode("ascii", "replace").rstrip("\n").partition(" ")
    if check != _check(recipe, modality, contents):
        store.found_corrupt += 1
        return None
    return contents


def _name(recipe: str, modality: Modality) -> str:
    return f"contents/{recipe[:2]}/{recipe}-{modality}"


def _check(recipe: str, modality: Modality, contents: str) -> str:
    return format(stringzilla.hash(f"{recipe} {modality} {contents}".encode()), "016x")
