"""Voices of enrolment clips: a folder with NAME.wav for each person, or NAME/*.wav for several clips of one."""

from pathlib import Path

import numpy as np
import soundfile  # type: ignore[import-untyped]
import soxr  # type: ignore[import-untyped]
from affekt import DataError
from jaxtyping import Float32

from affekt_speakers.clustering import centres_of
from affekt_speakers.networks import Networks
from affekt_speakers.segmentation import SAMPLE_RATE
from affekt_speakers.stretches import stretches

SUFFIXES = (".wav", ".flac", ".ogg", ".opus", ".mp3")


def enrolled(folder: Path, networks: Networks) -> dict[str, Float32[np.ndarray, "192"]]:
    """Name → voice, of everybody in the folder.

    Raises:
        DataError: there is no folder, no clip in it, or a clip in which nobody speaks.
    """
    if not folder.is_dir():
        raise DataError(f'enrolled: "{folder}" is no folder', hint="a folder with NAME.wav for each person")
    clips: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES:
            name = path.relative_to(folder).parts[0]
            clips.setdefault(Path(name).stem if path.parent == folder else name, []).append(path)
    if not clips:
        raise DataError(f'enrolled: "{folder}" holds no clip', hint=f"NAME{SUFFIXES[0]}, of ten seconds or more")
    return {name: _voice(paths, networks) for name, paths in clips.items()}


def _voice(paths: list[Path], networks: Networks) -> Float32[np.ndarray, "192"]:
    heard = [stretch for path in paths for stretch in stretches(networks, _samples(path))]
    if not any(stretch.alone for stretch in heard):
        raise DataError(
            f'enrolled: nobody is heard in "{paths[0]}"', hint="ten seconds or more of the person, who speaks alone"
        )
    voices = np.array([stretch.voice for stretch in heard])
    seconds = np.array([stretch.alone for stretch in heard])
    centre: Float32[np.ndarray, "192"] = centres_of(voices, seconds, np.zeros(len(heard), np.int64))[0]
    return centre


def _samples(path: Path) -> Float32[np.ndarray, "time"]:
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, OSError) as error:
        raise DataError(f'enrolled: "{path}" cannot be read: {error}', hint="a WAV or FLAC file") from error
    mono = samples.mean(axis=1)
    return mono if rate == SAMPLE_RATE else np.asarray(soxr.resample(mono, rate, SAMPLE_RATE), np.float32)
