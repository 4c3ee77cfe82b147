"""What the voice head learns from: pooled statistics of labelled recordings and of distorted copies of them, cached."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np
import soundfile  # type: ignore[import-untyped]
import soxr  # type: ignore[import-untyped]
from affekt import AudioSignal, Clip, DataError, Encoder, Features, plugins
from affekt_heads.emotions import EMOTIONS
from affekt_heads.voice import LAYERS, LoudnessProbe
from jaxtyping import Float32, Int64

from affekt_training.cache import default_cache
from affekt_training.heads.corpora import Recording, recordings
from affekt_training.heads.distortion import SAMPLE_RATE, distort

ENCODER = "whisper"
RECIPE = "2026-11-23"
"""Part of the cache's key: change it with anything here, in `distortion` or in `LoudnessProbe.pool`."""
COPIES = ("clean", "alone", "within")
"""The copies of a recording: as recorded; distorted; and distorted with other recordings of the same speaker before and
after, because in life a window is cut from longer speech."""
DISTORTED = {"ravdess": COPIES, "emodb": COPIES, "emogator": COPIES[:2]}
"""The copies that are made of a corpus, for making them takes longer than training. The last one that there is stands
in for those that are not; corpora that are not named are read as recorded."""

Statistics = Float32[np.ndarray, "clip statistic"]


@dataclass(frozen=True, kw_only=True, eq=False)
class VoiceStatistics:
    """Recordings as numbers; one row a recording in every copy."""

    copies: tuple[Statistics, ...]
    emotions: Int64[np.ndarray, "clip"]
    """The emotion of every clip, as an index into `EMOTIONS`."""
    corpora: tuple[str, ...]
    speakers: tuple[str, ...]
    ids: tuple[str, ...]

    def of(self, corpus: str) -> np.ndarray:
        """Which clips are a corpus's."""
        return np.array([name == corpus for name in self.corpora])


def gather(folders: dict[str, Path | None], copies: Sequence[str] = COPIES) -> VoiceStatistics:
    """The statistics of several corpora, from the cache or made now (0.1 s a recording and copy)."""
    probe, kept = LoudnessProbe.shipped(), default_cache()
    parts = []
    for corpus, folder in folders.items():
        recordings_of = recordings(corpus, folder)
        parts.append(
            (
                corpus,
                recordings_of,
                [_cached(corpus, _made(corpus, copy), recordings_of, probe, kept) for copy in copies],
            )
        )
    return VoiceStatistics(
        copies=tuple(np.concatenate([statistics[index] for _, _, statistics in parts]) for index in range(len(copies))),
        emotions=np.array(
            [EMOTIONS.index(recording.emotion) for _, recordings_of, _ in parts for recording in recordings_of],
            dtype=np.int64,
        ),
        corpora=tuple(corpus for corpus, recordings_of, _ in parts for _ in recordings_of),
        speakers=tuple(recording.speaker for _, recordings_of, _ in parts for recording in recordings_of),
        ids=tuple(recording.path.stem for _, recordings_of, _ in parts for recording in recordings_of),
    )


def _made(corpus: str, copy: str) -> str:
    distortions = DISTORTED.get(corpus, COPIES[:1])
    return copy if copy in distortions else distortions[-1]


def _cached(corpus: str, copy: str, recordings: Sequence[Recording], probe: LoudnessProbe, cache: Path) -> Statistics:
    listing = "\n".join(f"{recording.path.name} {recording.path.stat().st_size}" for recording in recordings)
    key = sha256(f"{RECIPE} {LAYERS} {copy}\n{listing}".encode() + probe.weight.tobytes()).hexdigest()[:16]
    file = cache / f"voice-{corpus}-{copy}-{key}.npy"
    if not file.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(f".{file.stem}-{os.getpid()}.npy")
        np.save(partial, np.stack(list(_statistics(recordings, copy, probe))))
        partial.replace(file)
    statistics: Statistics = np.load(file)
    return statistics


def _statistics(recordings: Sequence[Recording], copy: str, probe: LoudnessProbe) -> Iterator[np.ndarray]:
    random = np.random.default_rng(COPIES.index(copy))
    for recording in recordings:
        samples, begin, end = read(recording.path), 0.0, np.inf
        if copy == "alone":
            samples = distort(samples, random, speed=True)
        elif copy == "within":
            samples, begin, end = _surrounded(recording, recordings, random)
        heard = encoded(samples, LAYERS, str(recording.path))
        clock = heard.clock()
        yield probe.pool(heard.values[(clock[:, 0] >= begin) & (clock[:, 1] <= end)])


def _surrounded(
    recording: Recording, recordings: Sequence[Recording], random: np.random.Generator
) -> tuple[Float32[np.ndarray, "time"], float, float]:
    """The recording between two others of its speaker, and the seconds at which it begins and ends."""
    own = [other for other in recordings if other.speaker == recording.speaker]
    before, after = (
        distort(read(own[random.integers(len(own))].path), random, speed=False)
        if random.random() < 0.7
        else np.zeros(0, np.float32)
        for _ in range(2)
    )
    middle = distort(read(recording.path), random, speed=False)
    begin = len(before) / SAMPLE_RATE
    return np.concatenate([before, middle, after]), begin, begin + len(middle) / SAMPLE_RATE


def read(path: Path) -> Float32[np.ndarray, "time"]:
    """A sound file as mono at 16 kHz."""
    samples, sample_rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    resampled: Float32[np.ndarray, "time"] = (
        mono if sample_rate == SAMPLE_RATE else soxr.resample(mono, sample_rate, SAMPLE_RATE).astype(np.float32)
    )
    return resampled


def copies(corpus: str, media: Sequence[Path]) -> list[list[Features]]:
    """The statistics of every file of a corpus as it is, distorted, and distorted between others of its speaker.

    Files whose label is none of our emotions have none.
    """
    statistics = gather({corpus: Path(os.path.commonpath([path.parent for path in media]))})
    row = {clip: index for index, clip in enumerate(statistics.ids)}
    return [
        [Features(values=copy[row[path.stem]][None], hop=1.0) for copy in statistics.copies] if path.stem in row else []
        for path in media
    ]


def encoded(samples: Float32[np.ndarray, "time"], layers: tuple[int, ...], name: str = "") -> Features:
    """Rows of Whisper's encoder for sound at 16 kHz.

    Raises:
        DataError: there is nothing in the sound to encode.
    """
    (features,) = _encoder(layers).encode([Clip(id=name, audio=AudioSignal(samples=samples, sample_rate=SAMPLE_RATE))])
    if not isinstance(features, Features):
        raise DataError(f'"{name}" cannot be trained on: {features.reason}', hint="leave the recording out")
    return features


@cache
def _encoder(layers: tuple[int, ...]) -> Encoder:
    """Made once: its weights are read on first use."""
    return plugins().create("encoder", ENCODER, layers=layers)
