"""Rebuilds speech from moments of another voice: kNN voice conversion (Baas, van Niekerk & Kamper, 2023).

"Voice conversion with just nearest neighbors", Interspeech 2023, arXiv:2305.18975. Its features are WavLM's and its
vocoder is neural; here they are those of Whisper's encoder, which says what is said more than who says it, and WORLD.
For every moment of the speech the most similar moments of the voice are looked up; their spectral envelopes, averaged,
take the place of the speech's own. Loudness and pitch contour stay the speech's: they carry the emotion.
"""

from dataclasses import dataclass

import numpy as np
from affekt import AudioSignal, Clip, DataError, Missing
from affekt_whisper.encoder import HOP, WhisperEncoder
from jaxtyping import Float32, Float64
from scipy.ndimage import gaussian_filter1d

from affekt_clone.world import STEP, Frames, put_together, taken_apart

PER_ROW = round(HOP / STEP)
"""Frames of WORLD in a row of Whisper's features."""
FLOOR = 1e-12
"""Power below which an envelope is silence."""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A voice, ready to be looked up."""

    content: Float32[np.ndarray, "row dim"]
    """What is said in every 20 ms: unit rows, less their mean over the recordings."""
    envelope: Float32[np.ndarray, "row frame bin"]
    """Log power, the four frames of each row."""
    noise: Float32[np.ndarray, "row frame bin"]
    pitch: float
    """Mean log pitch in hertz, where voiced."""

    def arrays(self) -> dict[str, np.ndarray]:
        """To keep sealed with the voice."""
        return {"content": self.content, "envelope": self.envelope, "noise": self.noise, "pitch": np.array(self.pitch)}


def reference(recordings: tuple[AudioSignal, ...], encoder: WhisperEncoder) -> Reference:
    """Takes a voice's recordings apart.

    Raises:
        DataError: there is no voice in them.
    """
    contents, envelopes, noises, pitches = [], [], [], []
    for sound in recordings:
        rows, frames = _content(sound, encoder), taken_apart(sound)
        count = min(len(rows), len(frames.pitch) // PER_ROW)
        level = frames.envelope[: count * PER_ROW].mean(axis=1).reshape(count, PER_ROW).mean(axis=1)
        heard = level > level.max() * 1e-5  # −50 dB: pauses say nothing about a voice
        contents.append(rows[:count][heard])
        envelopes.append(_by_row(np.log(np.maximum(frames.envelope, FLOOR)), count)[heard])
        noises.append(_by_row(frames.noise, count)[heard])
        pitches.append(np.log(frames.pitch[frames.pitch > 0]))
    if not contents or not sum(map(len, pitches)):
        raise DataError("no voice is heard in the recordings", hint="enrol recordings of speech")
    return Reference(
        content=_centred(np.concatenate(contents)),
        envelope=np.concatenate(envelopes).astype(np.float32),
        noise=np.concatenate(noises).astype(np.float32),
        pitch=float(np.concatenate(pitches).mean()),
    )


def converted(
    speech: AudioSignal, neutral_pitch: float, voice: Reference, encoder: WhisperEncoder, neighbours: int
) -> AudioSignal:
    """The speech in the voice, at 24 kHz.

    Args:
        neutral_pitch: mean log pitch of the same speaker without emotion; what the speech differs from it is emotion,
            and is kept.
    """
    frames = taken_apart(speech)
    content = _centred(_content(speech, encoder))
    count = min(len(content), len(frames.pitch) // PER_ROW)
    alike = content[:count] @ voice.content.T
    nearest = np.argpartition(-alike, min(neighbours, alike.shape[1]) - 1, axis=1)[:, :neighbours]
    weights = np.exp((np.take_along_axis(alike, nearest, axis=1) - alike.max(axis=1, keepdims=True)) / 0.05)
    weights /= weights.sum(axis=1, keepdims=True)
    log_envelope = np.einsum("rk,rkfb->rfb", weights, voice.envelope[nearest]).reshape(count * PER_ROW, -1)
    noise = np.einsum("rk,rkfb->rfb", weights, voice.noise[nearest]).reshape(count * PER_ROW, -1)
    log_envelope = gaussian_filter1d(log_envelope, 1.5, axis=0)
    kept = slice(count * PER_ROW)
    own = frames.envelope[kept].mean(axis=1)
    envelope = np.exp(log_envelope)
    envelope *= (own / envelope.mean(axis=1))[:, None]
    pitch = frames.pitch[kept]
    moved = np.where(pitch > 0, np.exp(np.log(np.maximum(pitch, 1)) - neutral_pitch + voice.pitch), 0.0)
    return put_together(Frames(pitch=moved, envelope=envelope, noise=np.clip(noise, 0, 1)))


def mean_pitch(speech: AudioSignal) -> float:
    """Mean log pitch in hertz, where voiced.

    Raises:
        DataError: nothing is voiced.
    """
    pitch = taken_apart(speech).pitch
    if not (pitch > 0).any():
        raise DataError("the speech to convert has no voiced sound", hint="another text")
    return float(np.log(pitch[pitch > 0]).mean())


def _content(audio: AudioSignal, encoder: WhisperEncoder) -> Float32[np.ndarray, "row dim"]:
    (features,) = encoder.encode([Clip(id="speech", audio=audio)])
    if isinstance(features, Missing):
        raise DataError(f"this cannot be converted: {features.reason}", hint="speech")
    return features.values


def _centred(rows: Float32[np.ndarray, "row dim"]) -> Float32[np.ndarray, "row dim"]:
    """Less the mean, which is the speaker and the room; as unit rows."""
    rows = rows - rows.mean(axis=0)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _by_row(frames: Float64[np.ndarray, "frame bin"], count: int) -> Float64[np.ndarray, "row frame bin"]:
    return frames[: count * PER_ROW].reshape(count, PER_ROW, -1)
