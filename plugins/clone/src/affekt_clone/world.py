"""WORLD: speech as pitch, spectral envelope and aperiodicity, and back (Morise, Yokomori & Ozawa, 2016).

"WORLD: a vocoder-based high-quality speech synthesis system for real-time applications", IEICE Transactions on
Information and Systems E99-D(7), through pyworld (MIT).
"""

import importlib.util
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import numpy as np
import soxr  # type: ignore[import-untyped]
from affekt import AudioSignal
from jaxtyping import Float32, Float64

SAMPLE_RATE = 24_000
STEP = 0.005
"""Seconds from one frame to the next."""
LOWEST, HIGHEST = 55.0, 600.0
"""Hertz, between which pitch is looked for."""


@dataclass(frozen=True, kw_only=True)
class Frames:
    """Speech taken apart, a row every 5 ms."""

    pitch: Float64[np.ndarray, "frame"]
    """Hertz; 0 where unvoiced."""
    envelope: Float64[np.ndarray, "frame bin"]
    """The power of each bin in each frame."""
    noise: Float64[np.ndarray, "frame bin"]
    """Share of noise in each bin's amplitude, 0 to 1."""


def pitch_of(audio: AudioSignal) -> Float64[np.ndarray, "frame"]:
    """Hertz every 5 ms, by Harvest and StoneMask; 0 where unvoiced."""
    return _pitch(at_world_rate(audio).astype(np.float64))[0]


def taken_apart(audio: AudioSignal) -> Frames:
    """Pitch as `pitch_of`, envelope by CheapTrick, noise by D4C."""
    world = _world()
    samples = at_world_rate(audio).astype(np.float64)
    pitch, times = _pitch(samples)
    envelope = world.cheaptrick(samples, pitch, times, SAMPLE_RATE)
    return Frames(pitch=pitch, envelope=envelope, noise=world.d4c(samples, pitch, times, SAMPLE_RATE))


def put_together(frames: Frames) -> AudioSignal:
    """The speech of these frames, at 24 kHz."""
    arrays = (np.ascontiguousarray(part, dtype=np.float64) for part in (frames.pitch, frames.envelope, frames.noise))
    samples = _world().synthesize(*arrays, SAMPLE_RATE, STEP * 1000)
    return AudioSignal(samples=(samples / max(1.0, np.abs(samples).max())).astype(np.float32), sample_rate=SAMPLE_RATE)


def _pitch(
    samples: Float64[np.ndarray, "time"],
) -> tuple[Float64[np.ndarray, "frame"], Float64[np.ndarray, "frame"]]:
    """And the times at which it is."""
    rough, times = _world().harvest(samples, SAMPLE_RATE, LOWEST, HIGHEST, STEP * 1000)
    return _world().stonemask(samples, rough, times, SAMPLE_RATE), times


def at_world_rate(audio: AudioSignal) -> Float32[np.ndarray, "time"]:
    """The samples at 24 kHz."""
    if audio.sample_rate == SAMPLE_RATE:
        return audio.samples
    samples: Float32[np.ndarray, "time"] = soxr.resample(audio.samples, audio.sample_rate, SAMPLE_RATE).astype(
        np.float32
    )
    return samples


@lru_cache(maxsize=1)
def _world() -> ModuleType:
    """The compiled module: the package around it imports pkg_resources, which setuptools 81 removed."""
    package = importlib.util.find_spec("pyworld")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError("pyworld is not installed", name="pyworld")
    (compiled,) = Path(package.submodule_search_locations[0]).glob("pyworld.*.so")
    spec = importlib.util.spec_from_file_location("pyworld.pyworld", compiled)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules.setdefault("pyworld.pyworld", module)
    return module
