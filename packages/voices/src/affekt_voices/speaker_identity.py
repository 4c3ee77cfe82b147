"""Whose voice is it: the speaker encoder of Resemblyzer, in plain torch.

GE2E (Wan et al., 2018, "Generalized end-to-end loss for speaker verification", arXiv:1710.10467): three LSTM layers
over 40 mel bands, one vector for 1.6 s; their mean is the voice. Ported from resemblyzer 0.1.4 (Apache-2.0), whose own
code needs webrtcvad and pkg_resources; a test holds it to that package's numbers. What is not here: its removal of
silences; `speech_only` keeps what is within 40 dB of the loudest frame instead.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import soxr  # type: ignore[import-untyped]
from affekt import AudioSignal
from affekt_weights import fetch
from jaxtyping import Float32

from affekt_voices.weights import GE2E

if TYPE_CHECKING:
    from torch import nn

ENCODER = "GE2E, Resemblyzer 0.1.4"
SAMPLE_RATE = 16_000
WINDOW, HOP, BANDS = 400, 160, 40
"""Samples, samples, mel bands."""
PART, STEP = 160, 77
"""Mel frames heard at once, 1.6 s, and from one part to the next."""
SILENT_DB = 40.0
"""Below the loudest frame: a pause."""


def embedding(audio: AudioSignal) -> Float32[np.ndarray, "256"]:
    """The voice as a vector of length 1, the mean over parts of 1.6 s.

    Raises:
        WeightsError: the network's weights cannot be had.
    """
    mean = parts(audio).mean(axis=0)
    unit: Float32[np.ndarray, "256"] = (mean / np.linalg.norm(mean)).astype(np.float32)
    return unit


def parts(audio: AudioSignal) -> Float32[np.ndarray, "part 256"]:
    """The voice in every 1.6 s, each a vector of length 1."""
    import torch

    mel = _mel(speech_only(audio))
    starts = range(0, max(1, len(mel) - PART + 1), STEP)
    windows = [np.pad(part, ((0, PART - len(part)), (0, 0))) for part in (mel[at : at + PART] for at in starts)]
    lstm, linear = _network()
    with torch.inference_mode():
        _, (hidden, _) = lstm(torch.from_numpy(np.stack(windows)))
        raw = torch.relu(linear(hidden[-1]))
        units: Float32[np.ndarray, "part 256"] = (raw / raw.norm(dim=1, keepdim=True)).numpy()
        return units


def similarity(first: Float32[np.ndarray, "256"], other: Float32[np.ndarray, "256"]) -> float:
    """Cosine: 1 for the same vector. `python -m affekt_voices.same_speaker` measures what it is between people."""
    return float(first @ other)


def speech_only(audio: AudioSignal) -> Float32[np.ndarray, "time"]:
    """The speech of a recording, at 16 kHz, at −30 dB of full scale or louder, without pauses."""
    samples = audio.samples
    if audio.sample_rate != SAMPLE_RATE:
        samples = soxr.resample(samples, audio.sample_rate, SAMPLE_RATE)
    frames = len(samples) // HOP
    if frames:
        blocks = samples[: frames * HOP].reshape(frames, HOP)
        levels = np.sqrt((blocks**2).mean(axis=1))
        samples = blocks[levels > levels.max() * 10 ** (-SILENT_DB / 20)].ravel()
    rms = np.sqrt(np.mean(samples**2)) if len(samples) else 0.0
    gain = max(1.0, 10 ** (-30 / 20) / rms) if rms else 1.0
    speech: Float32[np.ndarray, "time"] = (samples * gain).astype(np.float32)
    return speech


def _mel(samples: Float32[np.ndarray, "time"]) -> Float32[np.ndarray, "frame 40"]:
    padded = np.pad(samples, WINDOW // 2)
    count = 1 + (len(padded) - WINDOW) // HOP
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP][:count]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    power = np.abs(np.fft.rfft(frames * window, axis=1)) ** 2
    mel: Float32[np.ndarray, "frame 40"] = (power @ _filters().T).astype(np.float32)
    return mel


@lru_cache(maxsize=1)
def _filters() -> Float32[np.ndarray, "40 bin"]:
    """Triangles of equal area on Slaney's mel scale: linear below 1 kHz, logarithmic above."""

    def mel(hertz: float) -> float:
        return hertz * 3 / 200 if hertz < 1000 else 15 + 27 * np.log(hertz / 1000) / np.log(6.4)

    def hertz(mel: np.ndarray) -> np.ndarray:
        return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))

    edges = hertz(np.linspace(0, mel(SAMPLE_RATE / 2), BANDS + 2))
    bins = np.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    heights = np.maximum(0, np.minimum(rising, falling))
    triangles: Float32[np.ndarray, "40 bin"] = heights * (2 / (edges[2:] - edges[:-2]))[:, None]
    return triangles


@lru_cache(maxsize=1)
def _network() -> "tuple[nn.LSTM, nn.Linear]":
    import torch
    from torch import nn

    state = torch.load(fetch(GE2E) / "pretrained.pt", map_location="cpu", weights_only=True)["model_state"]
    lstm, linear = nn.LSTM(BANDS, 256, num_layers=3, batch_first=True), nn.Linear(256, 256)
    lstm.load_state_dict({name.removeprefix("lstm."): value for name, value in state.items() if "lstm." in name})
    linear.load_state_dict({name.removeprefix("linear."): value for name, value in state.items() if "linear." in name})
    return lstm.eval(), linear.eval()
