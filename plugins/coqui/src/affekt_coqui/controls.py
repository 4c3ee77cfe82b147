"""What each emotion does by itself, at full intensity, in models that have such controls; the rest is `emotions`' work.

Speed follows the literature; that variation goes along with arousal is our choice, and so are the amounts.

    J  Juslin, P. N. & Laukka, P. (2003). Communication of emotions in vocal expression and music performance.
       Psychological Bulletin 129(5), 770-814: anger, fear, happiness fast; sadness, tenderness slow.
    S  Scherer, K. R. (2003). Vocal communication of emotion: a review of research paradigms.
       Speech Communication 40, 227-256: boredom slow.
    M  Murray, I. R. & Arnott, J. L. (1993). Toward the simulation of emotion in synthetic speech.
       Journal of the Acoustical Society of America 93(2), 1097-1108: disgust very slow.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Controls:
    """Changes against the neutral voice; the defaults change nothing."""

    speed: float = 1.0
    """Factor of the speaking rate: XTTS, YourTTS, VITS."""
    variation: float = 1.0
    """Factor of the temperature (XTTS), or of the noise that varies intonation (YourTTS, VITS)."""


EMOTIONS: Mapping[str, Controls] = {
    "neutral": Controls(),
    "calm": Controls(speed=0.88, variation=0.85),
    "happy": Controls(speed=1.12, variation=1.15),
    "sad": Controls(speed=0.80, variation=0.85),
    "angry": Controls(speed=1.15, variation=1.15),
    "fearful": Controls(speed=1.20, variation=1.1),
    "disgusted": Controls(speed=0.82),
    "surprised": Controls(variation=1.2),
    "bored": Controls(speed=0.84, variation=0.8),
}
"""Emotion → controls at intensity 1."""


def controls_for(emotion: str, intensity: float) -> Controls:
    """The row of an emotion; at intensity 0, or where there is none, nothing changes."""
    full = EMOTIONS.get(emotion, Controls())
    return Controls(speed=full.speed**intensity, variation=full.variation**intensity)
