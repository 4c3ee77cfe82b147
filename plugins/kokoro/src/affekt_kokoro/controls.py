"""What each emotion does to the voice, at full intensity and against the same voice when neutral.

Sources of the directions. The amounts are ours, chosen so that words stay intelligible and emotions are told apart; how
they were chosen is in decision 0082, and `affekt bench speech` measures them. Amounts fitted to RAVDESS and EmoDB were
tried and left: see the README.

    J  Juslin, P. N. & Laukka, P. (2003). Communication of emotions in vocal expression and music performance.
       Psychological Bulletin 129(5), 770-814: the cues of anger, fear, happiness, sadness and tenderness.
    S  Scherer, K. R. (2003). Vocal communication of emotion: a review of research paradigms.
       Speech Communication 40, 227-256: adds boredom.
    M  Murray, I. R. & Arnott, J. L. (1993). Toward the simulation of emotion in synthetic speech.
       Journal of the Acoustical Society of America 93(2), 1097-1108: adds disgust.
    T  Tartter, V. C. (1980). Happy talk: perceptual and acoustic effects of smiling on speech.
       Perception & Psychophysics 27(1), 24-27: the formants of a smile.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from affekt.errors import DataError
from affekt.suggestions import did_you_mean


@dataclass(frozen=True, kw_only=True)
class Controls:
    """Changes against the neutral voice; the defaults change nothing."""

    pitch: float = 0.0
    """Semitones added to the mean pitch."""
    span: float = 1.0
    """Factor of the pitch range: of every distance to the mean, in semitones."""
    energy: float = 0.0
    """Decibels added to the level of the speech."""
    brightness: float = 0.0
    """Decibels added to what is well above 500 Hz, as greater vocal effort does."""
    formants: float = 1.0
    """Factor of the resonances of the mouth: spread lips shorten it."""
    rate: float = 1.0
    """Factor of the speaking rate."""
    pauses: float = 0.0
    """Seconds of pause added between sentences, for each second of speech."""

    def over(self, own: "Controls") -> "Controls":
        """These changes on top of what a voice has of its own."""
        return Controls(
            pitch=own.pitch + self.pitch,
            span=own.span * self.span,
            energy=own.energy + self.energy,
            brightness=own.brightness + self.brightness,
            formants=own.formants * self.formants,
            rate=own.rate * self.rate,
            pauses=own.pauses + self.pauses,
        )


NEUTRAL = Controls()
"""The controls that change nothing."""

EMOTIONS: Mapping[str, Controls] = {
    "neutral": NEUTRAL,
    # Tenderness in J: slow, soft, low, even, dull. That calm sounds like it is our choice.
    "calm": Controls(pitch=-1.0, span=0.75, energy=-4.0, brightness=-3.0, rate=0.88, pauses=0.03),
    # J, S, M: high and varied, louder, bright. T: higher formants. J also reports a fast voice: ours keeps its pace.
    "happy": Controls(pitch=6.0, span=1.2, energy=4.0, brightness=5.0, rate=1.0, formants=1.10),
    # J, S, M: low and even, soft, slow; J: dull, with many pauses. Hardly slower: slow voices are heard as disgusted.
    "sad": Controls(pitch=-0.8, span=0.35, energy=-6.0, brightness=-6.0, rate=0.94, pauses=0.06),
    # J, S, M: loud, fast, bright most of all; higher and varied. Less pitch and range than in joy is our choice.
    "angry": Controls(pitch=1.0, span=1.1, energy=7.0, brightness=18.0, rate=1.06),
    # J: high, even, fast, softer. S and M also report louder and wider voices in panic: we speak of fear.
    "fearful": Controls(pitch=5.0, span=0.5, energy=-3.0, rate=1.25),
    # M: very low, slightly wider, softer, very slow. Less low than that: below its floor a man's voice loses range.
    "disgusted": Controls(pitch=-3.0, span=1.3, energy=-2.0, rate=0.78),
    # Our choice: none of the three tabulates surprise.
    "surprised": Controls(pitch=4.5, span=1.8, energy=3.0, brightness=5.0, rate=1.1),
    # S: even and slow. Low and soft is our choice.
    "bored": Controls(pitch=-2.0, span=0.5, energy=-4.0, brightness=-4.0, rate=0.82, pauses=0.05),
}
"""Emotion → controls at intensity 1."""


def controls_for(emotion: str, intensity: float) -> Controls:
    """The controls of an emotion; intensity 0 is the neutral voice, and 1 the table's row.

    Raises:
        DataError: the speaker has no such emotion.
    """
    if emotion not in EMOTIONS:
        raise DataError(
            f'kokoro cannot sound "{emotion}"{did_you_mean(emotion, EMOTIONS)}', hint=f"one of {', '.join(EMOTIONS)}"
        )
    full = EMOTIONS[emotion]
    return Controls(
        pitch=full.pitch * intensity,
        span=full.span**intensity,
        energy=full.energy * intensity,
        brightness=full.brightness * intensity,
        formants=full.formants**intensity,
        rate=full.rate**intensity,
        pauses=full.pauses * intensity,
    )
