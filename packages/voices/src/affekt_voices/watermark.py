"""Writes an inaudible mark into speech and hears it again: Perth (Resemble AI, 2025), run by `perth`.

The mark lies below 2 kHz, so it survives MP3, Ogg Vorbis, resampling down to 8 kHz and moderate noise. A change of
speed or pitch removes it: its absence proves nothing.
"""

from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import soxr  # type: ignore[import-untyped]
from affekt import AudioSignal
from affekt_weights import fetch
from jaxtyping import Float32

from affekt_voices.errors import WatermarkError
from affekt_voices.weights import CHECKPOINT, PERTH

if TYPE_CHECKING:
    from affekt_voices.perth import PerthNet

THRESHOLD = 0.5
"""What speech must score, once it is encoded, to be written."""
CERTAIN = 0.9
"""Scores from here on tell a stranger's file: quiet recordings with pauses of digital silence score up to 0.87 without
the mark. With it 99 of 100 sentences score more, and still do so after coding; see the readme."""
SHORTEST = 0.2
"""The shortest sound in seconds. Shorter sounds do not hold the mark reliably."""
FLOOR = 10 ** (-56 / 20)
"""The floor as a share of the speech's RMS: noise added before marking, far below hearing. The mark is a change of what
is there, so it cannot exist in digital silence; without the noise, Perth's own detector loses it once a file has 16
bits."""
FAINTEST = 1e-5
"""Sounds whose loudest sample is below this, −100 dB of full scale, are silence: nothing to mark or to hear."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """Whether a sound carries the mark."""

    score: float
    """About 1 with the mark and 0 without; 0 where nothing can be heard."""
    found: bool
    reason: str = ""
    """Why nothing can be heard, where that is so: the sound is silent, or too short."""

    @property
    def certain(self) -> bool:
        """Whether the mark is heard so well that the sound cannot be an unmarked one."""
        return self.score >= CERTAIN


def mark(audio: AudioSignal) -> AudioSignal:
    """The same speech with the mark, 15 dB or more below it. Length and sample rate stay; peaks stay within ±1.

    Raises:
        WatermarkError: the sound is silent or too short for the mark, or the mark cannot be heard in the result.
        WeightsError: the network's weights cannot be had.
    """
    if reason := _unfit(audio):
        raise WatermarkError(f"this sound cannot carry a watermark: {reason}", hint="speech of a second or more")
    floor = np.random.default_rng(0).standard_normal(len(audio.samples)) * FLOOR * np.sqrt(np.mean(audio.samples**2))
    floored = AudioSignal(samples=(audio.samples + floor).astype(np.float32), sample_rate=audio.sample_rate)
    marked = floored.samples + _residual(floored)
    # Scaling the whole keeps the mark; clipping the peaks, as a file would, harms it.
    marked = (marked / max(1.0, float(np.abs(marked).max()))).astype(np.float32)
    result = AudioSignal(samples=marked, sample_rate=audio.sample_rate)
    if not (heard := detect(result)).found:
        raise WatermarkError(
            f"the watermark was written but cannot be heard: it scores {heard.score:.2f}, below {THRESHOLD}",
            hint="speech, of a second or more: tones and noise may not hold it",
        )
    return result


def detect(audio: AudioSignal) -> Heard:
    """Listens for the mark in a whole sound, at any sample rate.

    Raises:
        WeightsError: the network's weights cannot be had.
    """
    if reason := _unfit(audio):
        return Heard(score=0.0, found=False, reason=reason)
    network = _network()
    import torch

    score = network.score(torch.from_numpy(_resampled(audio.samples, audio.sample_rate, _rate())))
    return Heard(score=round(score, 4), found=score >= THRESHOLD)


def _unfit(audio: AudioSignal) -> str:
    """Why a sound cannot carry the mark; empty when it can."""
    if audio.duration < SHORTEST:
        return f"it lasts {audio.duration:.2f} s, less than {SHORTEST} s"
    if np.abs(audio.samples).max(initial=0.0) < FAINTEST:
        return "it is silent"
    return ""


def _residual(audio: AudioSignal) -> Float32[np.ndarray, "time"]:
    """What to add. Only this is resampled: the speech itself keeps every sample and all its high frequencies."""
    network = _network()
    import torch

    at_network = _resampled(audio.samples, audio.sample_rate, _rate())
    residual = network.residual(torch.from_numpy(at_network)).numpy()
    back = _resampled(residual, _rate(), audio.sample_rate)[: len(audio.samples)]
    return np.pad(back, (0, len(audio.samples) - len(back)))


def _resampled(samples: Float32[np.ndarray, "time"], rate: int, wanted: int) -> Float32[np.ndarray, "time"]:
    same = np.array(samples, dtype=np.float32)  # a copy: torch refuses to share arrays that are read-only
    return same if rate == wanted else np.ascontiguousarray(soxr.resample(same, rate, wanted), dtype=np.float32)


def _rate() -> int:
    rate: int = _perth().SAMPLE_RATE
    return rate


@lru_cache(maxsize=1)
def _network() -> "PerthNet":
    network: PerthNet = _perth().PerthNet.load(fetch(PERTH) / CHECKPOINT)
    return network


def _perth() -> Any:
    """The module with the network, imported on first use with torch: `import affekt_voices` must stay cheap."""
    try:
        return import_module("affekt_voices.perth")
    except ImportError as error:
        raise WatermarkError(
            f"the watermark's network cannot be imported: {error}", hint="pip install affekt-voices, with torch"
        ) from error
