"""Log-mel spectrograms of recordings and of distorted copies, computed once and read from a memory-mapped file."""

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float16, Float32, Int64
from rich.progress import track

from affekt_training.heads.distortion import SAMPLE_RATE, distort
from affekt_training.heads.voice_statistics import read
from affekt_training.tuning.recordings import Recording

RECIPE = "2026-11-30"
"""Part of the cache's key: change it with anything here or in `distortion`."""
COPIES = 3
"""As recorded, and twice distorted."""
LONGEST = 6.0
"""Seconds of a recording at most; the loudest stretch of this length is kept."""
MELS = 80
QUIET = 25.0
"""Decibels under the loud parts (their 95th percentile) from which sound counts as a pause at either end."""


@dataclass(frozen=True, eq=False)
class Spectrograms:
    """Rows of 10 ms of all copies of all recordings, one after the other."""

    rows: Float16[np.ndarray, "row mel"]
    begins: Int64[np.ndarray, "copy clip+1"]

    def of(self, copy: int, clip: int) -> Float32[np.ndarray, "row mel"]:
        """The spectrogram of one copy of one recording."""
        begin, end = self.begins[copy, clip : clip + 2]
        return self.rows[begin:end].astype(np.float32)

    def length(self, copy: int, clip: int) -> int:
        """Its rows."""
        return int(self.begins[copy, clip + 1] - self.begins[copy, clip])


def spectrograms(recordings: Sequence[Recording], cache: Path, processes: int = 1) -> Spectrograms:
    """The spectrograms of all recordings, from the cache or made now (about 30 ms a copy)."""
    listing = "\n".join(
        f"{recording.corpus} {recording.path.name} {recording.path.stat().st_size}" for recording in recordings
    )
    key = sha256(f"{RECIPE} {COPIES} {LONGEST}\n{listing}".encode()).hexdigest()[:16]
    rows, begins = cache / f"mel-{key}.f16", cache / f"mel-{key}.json"
    if not begins.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        _write(recordings, rows, begins, processes)
    table = np.array(json.loads(begins.read_text()), dtype=np.int64)
    return Spectrograms(np.memmap(rows, dtype=np.float16, mode="r").reshape(-1, MELS), table)


def _write(recordings: Sequence[Recording], rows: Path, begins: Path, processes: int) -> None:
    partial = rows.with_suffix(f".{os.getpid()}")
    tables, at = [], 0
    with partial.open("wb") as file:
        for copy in range(COPIES):
            table = [at]
            for mel in track(_computed(recordings, copy, processes), f"spectrograms, copy {copy + 1}", len(recordings)):
                file.write(mel.astype(np.float16).tobytes())
                at += len(mel)
                table.append(at)
            tables.append(table)
    partial.replace(rows)
    begins.write_text(json.dumps(tables))


def _computed(recordings: Sequence[Recording], copy: int, processes: int) -> Iterator[Float32[np.ndarray, "row mel"]]:
    if processes == 1:
        yield from (_spectrogram(recording.path, copy, index) for index, recording in enumerate(recordings))
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(
            _spectrogram,
            (recording.path for recording in recordings),
            [copy] * len(recordings),
            range(len(recordings)),
            chunksize=32,
        )


def _spectrogram(path: Path, copy: int, index: int) -> Float32[np.ndarray, "row mel"]:
    random = np.random.default_rng((copy, index))
    sound = trimmed(read(path), random.uniform(0.0, 0.2 if copy < 2 else 1.0))
    if copy:
        sound = distort(sound, random, speed=True)
    return log_mel(sound)


def trimmed(sound: Float32[np.ndarray, "time"], margin: float) -> Float32[np.ndarray, "time"]:
    """The sound without the silence at both ends but for `margin` seconds, and at most `LONGEST` seconds of it."""
    hop = SAMPLE_RATE // 50
    frames = sound[: len(sound) // hop * hop].reshape(-1, hop)
    if len(frames) < 5:
        return sound
    level = 10 * np.log10((frames**2).mean(axis=1) + 1e-10)
    loud = np.flatnonzero(level > np.quantile(level, 0.95) - QUIET)
    begin = max(0, int(loud[0] * hop - margin * SAMPLE_RATE))
    end = min(len(sound), int((loud[-1] + 1) * hop + margin * SAMPLE_RATE))
    longest = int(LONGEST * SAMPLE_RATE)
    if end - begin > longest:
        power = np.cumsum(np.concatenate([[0.0], sound[begin:end].astype(np.float64) ** 2]))
        begin += int((power[longest:] - power[:-longest]).argmax())
        end = begin + longest
    return sound[begin:end]


def log_mel(sound: Float32[np.ndarray, "time"]) -> Float32[np.ndarray, "row mel"]:
    """Whisper's spectrogram of sound at 16 kHz, unpadded as affekt-whisper makes it; an even number of rows."""
    extracted = _extractor()(
        sound, sampling_rate=SAMPLE_RATE, padding="do_not_pad", truncation=False, return_tensors="np"
    )
    mel: Float32[np.ndarray, "row mel"] = np.asarray(extracted.input_features)[0].T
    return mel[: len(mel) // 2 * 2]


@cache
def _extractor() -> Any:
    from transformers import WhisperFeatureExtractor

    return WhisperFeatureExtractor(feature_size=MELS)  # type: ignore[no-untyped-call]
