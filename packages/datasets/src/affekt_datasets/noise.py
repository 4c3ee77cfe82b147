"""The noise of MER2024's track NOISE, as a transform of clips (Lian et al. 2024, arXiv 2404.17113).

Sound: recordings of other people's speech (MUSAN's, in the paper) are added at 5 to 10 dB below the voice, scaled by
root mean square; where the sum exceeds 16 bits the whole is made quieter. Pictures: halved and doubled again once or
twice, or left as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from affekt import AudioSignal, Clip, MissingDependency, VideoFrames
from jaxtyping import Float32, Float64

from affekt_datasets.errors import DatasetError
from affekt_datasets.media_folders import clips_in

SNR = tuple(range(5, 11))
"""The signal-to-noise ratio in decibels."""
BLUR = (1, 2, 4)
"""How many times smaller a picture becomes before it is enlarged again."""
FULL = np.iinfo(np.int16)


@dataclass(frozen=True)
class Mer2024Noise:
    """Adds the noise; the same seed and clip give the same noise."""

    folder: Path
    """Recordings of noise, any media files."""
    seed: int = 0
    snr: tuple[int, ...] = SNR
    blur: tuple[int, ...] = BLUR
    _read: dict[tuple[Path, int], Float32[np.ndarray, "time"]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def recordings(self) -> list[Path]:
        """The noises, in the order of their names.

        Raises:
            DatasetError: there is none.
        """
        recordings = list(clips_in(self.folder))
        if not recordings:
            raise DatasetError(f'"{self.folder}" holds no recordings of noise', hint="the speech folder of MUSAN")
        return recordings

    def __call__(self, clips: Sequence[Clip]) -> list[Clip]:
        """Noisy copies; what was added is in `Clip.notes`."""
        return [self._with_noise(clip) for clip in clips]

    def _with_noise(self, clip: Clip) -> Clip:
        random = np.random.default_rng(int.from_bytes(sha256(f"{self.seed} {clip.id}".encode()).digest()[:8], "big"))
        snr, rate = int(random.choice(self.snr)), int(random.choice(self.blur))
        if clip.audio is not None:
            noise = self._noise(len(clip.audio.samples), clip.audio.sample_rate, random)
            mixed = add_noise(clip.audio.samples, noise, snr)
            clip = replace(clip, audio=AudioSignal(samples=mixed, sample_rate=clip.audio.sample_rate))
            clip = replace(clip, notes=(*clip.notes, f"noise {snr} dB below the voice was added"))
        if clip.video is not None and len(clip.video.frames):
            frames = np.stack([blurred(frame, rate) for frame in clip.video.frames])
            clip = replace(clip, video=VideoFrames(frames=frames, fps=clip.video.fps, times=clip.video.times))
            clip = replace(clip, notes=(*clip.notes, f"pictures were made {rate} times smaller and enlarged again"))
        return clip

    def _noise(self, length: int, sample_rate: int, random: np.random.Generator) -> Float64[np.ndarray, "time"]:
        """A stretch of noises one after the other."""
        joined: list[np.ndarray] = []
        while sum(map(len, joined)) <= length:
            joined.append(self._samples(self.recordings[random.integers(len(self.recordings))], sample_rate))
        noise = np.concatenate(joined).astype(np.float64)
        start = int(random.integers(0, len(noise) - length, endpoint=True))
        return noise[start : start + length]

    def _samples(self, path: Path, sample_rate: int) -> Float32[np.ndarray, "time"]:
        key = (path, sample_rate)
        if key not in self._read:
            from affekt_media import load

            clip = load(path, sample_rate=sample_rate)
            if clip.audio is None:
                raise DatasetError(f'"{path}" is no noise: {clip.why_missing("audio")}')
            self._read[key] = clip.audio.samples
        return self._read[key]


def add_noise(
    clean: Float32[np.ndarray, "time"], noise: Float64[np.ndarray, "time"], snr: float
) -> Float32[np.ndarray, "time"]:
    """The sum in 16-bit steps, its noise `snr` decibels below the clean sound by root mean square.

    Where the sum exceeds 16 bits, all of it is scaled down to just fit. Silent noise adds nothing.
    """
    voice = np.trunc(np.clip(clean.astype(np.float64) * -FULL.min, FULL.min, FULL.max))
    level = _rms(voice) / 10 ** (snr / 20)
    mixed = voice + noise * (level / loudness if (loudness := _rms(noise)) > 0 else 0.0)
    peak = max(mixed.max(initial=0) / FULL.max, mixed.min(initial=0) / FULL.min)
    scaled: Float32[np.ndarray, "time"] = (np.trunc(mixed / max(peak, 1.0)) / -FULL.min).astype(np.float32)
    return scaled


def _rms(samples: Float64[np.ndarray, "time"]) -> float:
    return float(np.sqrt(np.mean(np.square(samples)))) if len(samples) else 0.0


def blurred(frame: Any, rate: int) -> Any:
    """A picture made `rate` (a power of two) times smaller and enlarged again; sides may grow to a multiple of it.

    Raises:
        MissingDependency: OpenCV is not installed.
    """
    try:
        import cv2
    except ImportError as error:
        raise MissingDependency("blur needs OpenCV", hint='pip install "affekt-datasets[noise]"') from error
    times = rate.bit_length() - 1
    for _ in range(times):
        frame = cv2.pyrDown(frame)
    for _ in range(times):
        frame = cv2.pyrUp(frame)
    return frame
