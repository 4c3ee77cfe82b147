"""DNSMOS P.835 (Reddy, Gopal & Cutler, 2022): how people would rate speech, background and the whole, from 1 to 5.

The network is Microsoft's, MIT, and comes inside the package speechmos. It is run here as speechmos runs it (9.01 s at
16 kHz, shorter sounds repeated, one second on at a time, then the polynomials of the authors' script) but on one thread
and without librosa, requests and pandas, which speechmos imports for other things.
"""

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
import soxr  # type: ignore[import-untyped]
from affekt import AudioSignal, DataError, MissingDependency

SAMPLE_RATE = 16_000
WINDOW = int(9.01 * SAMPLE_RATE)
_SIGNAL = (-0.08397278, 1.22083953, 0.0052439)
_BACKGROUND = (-0.13166888, 1.60915514, -0.39604546)
_OVERALL = (-0.06766283, 1.11546468, 0.04602535)


@dataclass(frozen=True, kw_only=True)
class Quality:
    """Mean opinions, 1 bad to 5 excellent."""

    overall: float
    signal: float
    background: float


def quality(audio: AudioSignal) -> Quality:
    """DNSMOS P.835 of a recording.

    Raises:
        DataError: there is no sound.
        MissingDependency: the package that holds the network is not installed.
    """
    if not np.abs(audio.samples).max(initial=0.0) > 0:
        raise DataError("the quality of silence cannot be measured", hint="a recording of speech")
    samples = np.clip(soxr.resample(audio.samples, audio.sample_rate, SAMPLE_RATE), -1, 1).astype(np.float32)
    while len(samples) < WINDOW:
        samples = np.tile(samples, 2)
    count = int(np.floor(len(samples) / SAMPLE_RATE) - WINDOW / SAMPLE_RATE) + 1
    windows = [samples[start : start + WINDOW] for start in range(0, count * SAMPLE_RATE, SAMPLE_RATE)]
    raw = np.array(
        [_network().run(None, {"input_1": window[None]})[0][0] for window in windows if len(window) == WINDOW]
    )
    parts = zip((_SIGNAL, _BACKGROUND, _OVERALL), raw.T, strict=True)
    signal, background, overall = (float(np.polyval(curve, values).mean()) for curve, values in parts)
    return Quality(overall=overall, signal=signal, background=background)


@lru_cache(maxsize=1)
def _network() -> onnxruntime.InferenceSession:
    package = find_spec("speechmos")
    if package is None or not package.submodule_search_locations:
        raise MissingDependency("DNSMOS comes in the package speechmos", hint="pip install speechmos")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    model = Path(package.submodule_search_locations[0]) / "dnsmos_models" / "sig_bak_ovr.onnx"
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
