"""Rebuilds speech from moments of another voice: kNN voice conversion (Baas, van Niekerk & Kamper, 2023).

"Voice conversion with just nearest neighbors", Interspeech 2023, arXiv:2305.18975. Its features are WavLM's and its
vocoder is neural; here they are those of Whisper's encoder, which says what is said more than who says it, and WORLD.
For every moment of the speech the most similar moments of the voice are looked up. Where the paper lets them take the
moment's place, here only the *difference* between their spectral envelopes and the speech's own is taken, averaged over
all moments of the speech that say something similar: what is left of it is how this voice sounds where that voice
sounds so, while the errors of single matches, which cost words, average out. The articulation stays the speech's, and
so do loudness, pitch contour and breath: they carry the words and the emotion.
"""

from dataclasses import dataclass

import numpy as np
from affekt import AudioSignal, Clip, DataError, Missing
from affekt_whisper.encoder import HOP, WhisperEncoder
from jaxtyping import Float32, Float64
from scipy.ndimage import gaussian_filter1d  # type: ignore[import-untyped]

from affekt_clone.world import STEP, Frames, pitch_of, put_together, taken_apart

PER_ROW = round(HOP / STEP)
"""Frames of WORLD in a row of Whisper's features."""
FLOOR = 1e-12
"""Power below which an envelope is silence."""
MINUTE = 0.13
"""`blur` for a minute of reference: less is more like the voice, and costs words."""
GLIDE = 0.03
"""Seconds (standard deviation) over which the difference glides from one moment to the next."""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A voice, ready to be looked up."""

    content: Float32[np.ndarray, "row dim"]
    """What is said in every 20 ms: unit rows, less their mean over the recordings."""
    envelope: Float32[np.ndarray, "row frame bin"]
    """Log power, the four frames of each row."""
    pitch: float
    """Mean log pitch in hertz, where voiced."""

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays to keep sealed with the voice."""
        return {"content": self.content, "envelope": self.envelope, "pitch": np.array(self.pitch)}


def reference(recordings: tuple[AudioSignal, ...], encoder: WhisperEncoder) -> Reference:
    """Takes a voice's recordings apart.

    Raises:
        DataError: there is no voice in them.
    """
    contents, envelopes, pitches = [], [], []
    for sound in recordings:
        rows, frames = _content(sound, encoder), taken_apart(sound)
        count = min(len(rows), len(frames.pitch) // PER_ROW)
        level = frames.envelope[: count * PER_ROW].mean(axis=1).reshape(count, PER_ROW).mean(axis=1)
        heard = level > level.max() * 1e-5  # −50 dB: pauses say nothing about a voice
        contents.append(rows[:count][heard])
        envelopes.append(_by_row(np.log(np.maximum(frames.envelope, FLOOR)), count)[heard])
        pitches.append(np.log(frames.pitch[frames.pitch > 0]))
    if not contents or not sum(map(len, pitches)):
        raise DataError("no voice is heard in the recordings", hint="enrol recordings of speech")
    return Reference(
        content=_centred(np.concatenate(contents)),
        envelope=np.concatenate(envelopes).astype(np.float32),
        pitch=float(np.concatenate(pitches).mean()),
    )


def converted(
    speech: AudioSignal,
    neutral_pitch: float,
    voice: Reference,
    encoder: WhisperEncoder,
    neighbours: int,
    blur: float,
) -> AudioSignal:
    """The speech in the voice, at 24 kHz.

    Args:
        neutral_pitch: mean log pitch of the same speaker without emotion; what the speech differs from it is emotion,
            and is kept.
        neighbours: moments of the voice averaged for each moment of the speech.
        blur: how unlike moments of the speech may be that share their difference, in cosine distance.
    """
    frames = taken_apart(speech)
    content = _centred(_content(speech, encoder))
    count = min(len(content), len(frames.pitch) // PER_ROW)
    content, kept = content[:count], slice(count * PER_ROW)
    level = frames.envelope[kept].mean(axis=1)
    own = _shape(np.log(np.maximum(frames.envelope[kept], FLOOR)))
    theirs = _shape(_matched(content, voice, neighbours).reshape(count * PER_ROW, -1))
    difference = (theirs - own).reshape(count, PER_ROW, -1).mean(axis=1)
    shared = _softmax(content @ content.T / blur) @ difference
    envelope = np.exp(own + gaussian_filter1d(np.repeat(shared, PER_ROW, axis=0), GLIDE / STEP, axis=0))
    envelope *= (level / envelope.mean(axis=1))[:, None]
    pitch = frames.pitch[kept]
    moved = np.where(pitch > 0, np.exp(np.log(np.maximum(pitch, 1)) - neutral_pitch + voice.pitch), 0.0)
    return put_together(Frames(pitch=moved, envelope=envelope, noise=frames.noise[kept]))


def blur_for(voice: Reference) -> float:
    """More for less reference, whose matches are poorer: 0.13 for a minute, 0.32 for ten seconds."""
    seconds = len(voice.content) * HOP
    return float(min(0.35, MINUTE * (60 / max(seconds, 1.0)) ** 0.5))


def _matched(
    content: Float32[np.ndarray, "row dim"], voice: Reference, neighbours: int
) -> Float64[np.ndarray, "row frame bin"]:
    """Log envelopes of the most similar moments of the voice, weighted by how similar they are."""
    alike = content @ voice.content.T
    count = min(neighbours, alike.shape[1])
    nearest = np.argpartition(-alike, count - 1, axis=1)[:, :count]
    weights = _softmax(np.take_along_axis(alike, nearest, axis=1) / 0.05)
    matched: Float64[np.ndarray, "row frame bin"] = np.einsum("rk,rkfb->rfb", weights, voice.envelope[nearest])
    return matched


def _softmax(rows: np.ndarray) -> Float64[np.ndarray, "row column"]:
    powers = np.exp((rows - rows.max(axis=1, keepdims=True)).astype(np.float64))
    shares: Float64[np.ndarray, "row column"] = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _shape(log_envelope: np.ndarray) -> Float64[np.ndarray, "frame bin"]:
    """Without its level."""
    shape: Float64[np.ndarray, "frame bin"] = log_envelope - log_envelope.mean(axis=1, keepdims=True)
    return shape


def mean_pitch(speech: AudioSignal) -> float:
    """Mean log pitch in hertz, where voiced.

    Raises:
        DataError: nothing is voiced.
    """
    pitch = pitch_of(speech)
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
    centred: Float32[np.ndarray, "row dim"] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return centred


def _by_row(frames: Float64[np.ndarray, "frame bin"], count: int) -> Float64[np.ndarray, "row frame bin"]:
    return frames[: count * PER_ROW].reshape(count, PER_ROW, -1)
