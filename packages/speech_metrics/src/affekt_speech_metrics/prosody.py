"""How a sentence is said: pitch and its range, rate, level, brightness, pauses; from the columns of affekt-prosody."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from affekt import AudioSignal, Clip, DataError, Missing
from affekt_prosody.encoder import HOP, ProsodyEncoder
from jaxtyping import Bool, Float64


@dataclass(frozen=True, kw_only=True)
class Prosody:
    """One recording, measured without knowing what was asked for."""

    pitch: float
    """Median where there is a voice, in semitones above 27.5 Hz."""
    span: float
    """The 20th to the 80th percentile of the pitch, in semitones: the range of eGeMAPS (Eyben et al., 2016)."""
    seconds: float
    """The seconds of speech: from the first voice to the last, less the pauses between."""
    energy: float
    """Mean power where there is a voice, in decibels of full scale."""
    brightness: float
    """Median of the energy above over below 1 kHz where there is a voice, in decibels."""
    pauses: float
    """Seconds of pauses of a quarter of a second or more, for each second from the first voice to the last."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Contour:
    """The course of a sentence, a row every 10 ms from the first voice to the last."""

    pitch: Float64[np.ndarray, "row"]
    """Semitones, interpolated between voices."""
    energy: Float64[np.ndarray, "row"]
    """Decibels of full scale."""
    brightness: Float64[np.ndarray, "row"]
    voiced: Bool[np.ndarray, "row"]
    pausing: Bool[np.ndarray, "row"]
    first: int
    """Row of the recording that is the first one here."""


@lru_cache(maxsize=1)
def _encoder() -> ProsodyEncoder:
    return ProsodyEncoder()


def contour(audio: AudioSignal) -> Contour:
    """The course of pitch and loudness.

    Raises:
        DataError: there is no voice.
    """
    (features,) = _encoder().encode([Clip(id="speech", audio=audio)])
    if isinstance(features, Missing):
        raise DataError(f"the prosody cannot be measured: {features.reason}", hint="a recording of speech")
    voiced = features.column("voicing") > 0.5
    spoken = np.flatnonzero(voiced)
    if len(spoken) < 5:
        raise DataError("the prosody cannot be measured: there is no voice", hint="a recording of speech")
    rows = slice(spoken[0], spoken[-1] + 1)
    columns = {
        name: features.column(name)[rows].astype(np.float64) for name in ("pitch", "loudness", "effort", "pause")
    }
    return Contour(
        pitch=columns["pitch"],
        energy=columns["loudness"],
        brightness=columns["effort"],
        first=int(spoken[0]),
        voiced=voiced[rows],
        pausing=columns["pause"] > 0.5,
    )


def prosody(audio: AudioSignal) -> Prosody:
    """Measures one recording.

    Raises:
        DataError: there is no voice.
    """
    return summed_up(contour(audio))


def summed_up(contour: Contour) -> Prosody:
    """The figures of a course."""
    low, middle, high = np.percentile(contour.pitch[contour.voiced], [20, 50, 80])
    power = np.mean(10 ** (contour.energy[contour.voiced] / 10))
    return Prosody(
        pitch=float(middle),
        span=float(max(high - low, 0.1)),
        seconds=float((~contour.pausing).sum() * HOP),
        energy=float(10 * np.log10(power)),
        brightness=float(np.median(contour.brightness[contour.voiced])),
        pauses=float(contour.pausing.mean()),
    )
