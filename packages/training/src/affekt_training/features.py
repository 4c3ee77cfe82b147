"""Features of frozen encoders, made once and then read from a cache.

A data set's rows of one slot lie in one file, named after everything they depend on: the encoder, its options and
version, and the samples' names, sizes and dates.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
from affekt import Clip, DataError, FaceTrack, Features, plugins
from affekt_datasets import Dataset

from affekt_training.config import FeatureUse

Copies = list[Features]
"""The features of a sample, then of altered copies of it; none where it lacks the modality."""
Progress = Callable[[str, int, int], None]
"""Told what is being made, how many are done, and of how many."""


def gather(
    uses: Mapping[str, FeatureUse], data: Dataset, cache: Path, tell: Progress | None = None
) -> list[tuple[Mapping[str, Features], ...]]:
    """For every sample its copies, each slot → features. Slots that a sample lacks are absent.

    Raises:
        DataError: a .npy file is missing or holds no rows.
    """
    made = {
        slot: _slot(use, data, cache, tell) for slot, use in uses.items() if use.only is None or data.name in use.only
    }
    found: list[tuple[Mapping[str, Features], ...]] = []
    for index in range(len(data)):
        own = {slot: each[index] for slot, each in made.items() if each[index]}
        count = max(map(len, own.values()), default=0)
        found.append(
            tuple({slot: each[min(copy, len(each) - 1)] for slot, each in own.items()} for copy in range(count))
        )
    return found


def _slot(use: FeatureUse, data: Dataset, cache: Path, tell: Progress | None) -> list[Copies]:
    if use.files:
        folder = use.files.get(data.name)
        return [[_npy(Path(folder).expanduser() / f"{s.id}.npy")] if folder else [] for s in data.samples]
    if use.use is None:
        raise DataError(f"a slot of {data.name} has neither `use` nor `files`", hint="use: whisper")
    file = cache / f"{data.name}-{use.use}-{_key(use, data)}.npz"
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        _write(_made(use, data, tell), file)
    return _read(file)


def _made(use: FeatureUse, data: Dataset, tell: Progress | None) -> list[Copies]:
    if use.copies:
        return _distorted(use, data)
    encoder = plugins().create("encoder", use.use or "", **use.options)
    preparers = [plugins().create("preparer", name, **options) for name, options in use.needs.items()]
    found: list[Copies] = []
    for index, sample in enumerate(data.samples):
        clip = as_face(sample.clip()) if use.pictures_are_faces else sample.clip()
        for preparer in preparers:
            (clip,) = preparer.prepare([clip])
        (one,) = encoder.encode([clip])
        found.append([one] if isinstance(one, Features) else [])
        if tell and index % 20 == 0:
            tell(f"{use.use} of {data.name}", index, len(data))
    return found


def _distorted(use: FeatureUse, data: Dataset) -> list[Copies]:
    """Every recording as it is, then as distorted copies, so that training hears other rooms and microphones."""
    if use.use != "voice-statistics":
        raise DataError(f"there are no distorted copies for {use.use}", hint="copies: false, or use: voice-statistics")
    from affekt_training.heads.voice_statistics import copies

    return copies(data.name, [sample.media for sample in data.samples if sample.media is not None])


def as_face(clip: Clip) -> Clip:
    """A clip whose pictures are cropped faces already, as data sets of faces have them."""
    from affekt_face.crops import CROP, TIGHT

    if clip.video is None:
        return clip
    frames = clip.video.frames
    # The expression encoder looks at the inside of a crop: here that is the whole picture.
    edge = round(frames.shape[1] * (CROP / TIGHT - 1) / 2)
    crops = np.pad(frames, ((0, 0), (edge, edge), (edge, edge), (0, 0)), mode="edge")
    boxes = np.tile(np.array([0, 0, frames.shape[2], frames.shape[1]], np.float32), (len(frames), 1))
    return Clip(id=clip.id, video=clip.video, faces=FaceTrack(times=clip.video.at(), boxes=boxes, crops=crops))


def _npy(path: Path) -> Features:
    """One file of upstream's layout: a vector or rows."""
    if not path.is_file():
        raise DataError(f'"{path}" is missing', hint="extract the features of all samples, or leave the set out")
    values = np.atleast_2d(np.load(path, allow_pickle=False)).astype(np.float32)
    if values.ndim != 2:
        raise DataError(f'"{path}" should hold a vector or rows; found an array of shape {list(values.shape)}')
    return Features(values=values, hop=1.0, source=str(path))


def _key(use: FeatureUse, data: Dataset) -> str:
    found = plugins().find("encoder", use.use or "")
    told = [use.model_dump(mode="json", exclude={"only", "explains"}), found.version, found.info.target]
    listing = []
    for sample in data.samples:
        stat = sample.media.stat() if sample.media else None
        listing.append([sample.id, sample.row, stat and stat.st_size, stat and stat.st_mtime_ns])
    return sha256(json.dumps([told, listing]).encode()).hexdigest()[:16]


def _write(found: Sequence[Copies], file: Path) -> None:
    """The file appears whole or not at all."""
    flat = [features for own in found for features in own]
    if not flat:
        raise DataError(f"{file.name.partition('-')[0]} holds nothing that the encoder can hear or see")
    partial = file.with_name(f".{file.stem}-{os.getpid()}.npz")
    np.savez(
        partial,
        counts=np.array([len(own) for own in found]),
        lengths=np.array([len(features.values) for features in flat]),
        values=np.concatenate([features.values for features in flat]),
        spans=np.concatenate([features.clock() for features in flat]),
        names=np.array(flat[0].names or (), dtype=np.str_),
    )
    partial.replace(file)


def _read(file: Path) -> list[Copies]:
    with np.load(file, allow_pickle=False) as stored:
        counts, edges = stored["counts"], np.cumsum(stored["lengths"])[:-1]
        values, spans = np.split(stored["values"], edges), np.split(stored["spans"], edges)
        names = tuple(str(name) for name in stored["names"]) or None
    pieces = (
        Features(values=rows, spans=clock, names=names, source=file.stem)
        for rows, clock in zip(values, spans, strict=True)
    )
    return [[next(pieces) for _ in range(count)] for count in counts]
