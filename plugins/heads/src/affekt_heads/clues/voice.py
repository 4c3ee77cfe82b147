"""How the voice differs from this speaker's own average in the clip, and how much it moves at all."""

from collections.abc import Iterator

import numpy as np
from affekt import Clue, Features
from jaxtyping import Float64

from affekt_heads.clues.episodes import episodes, smooth
from affekt_heads.clues.reason import Reason
from affekt_heads.speech import LOUDNESS, PITCH, voiced

EXCITED = ("happy", "angry", "fearful", "surprised")
SUBDUED = ("neutral", "calm", "sad", "bored")
SEMITONES = 2.0
"""Least change of pitch that is worth a word: listeners hear about 1.5 semitones in running speech as a rise."""
DECIBELS = 4.0
FLAT, WIDE = 4.0, 10.0
"""Semitones between the 10th and the 90th percentile below which pitch hardly moves, and above which it swings."""
ENOUGH = 100
"""Voiced rows below which a speaker has no average worth comparing with: about a second."""


def reasons(prosody: Features) -> Iterator[Reason]:
    """Stretches of higher, lower, louder or softer voice, and the range of the pitch."""
    names = prosody.names or ()
    if not {PITCH, LOUDNESS} <= set(names):
        return
    rows = voiced(prosody)
    clock = prosody.clock()[rows]
    if len(clock) < 3 or (clock[:, 1] - clock[:, 0]).sum() < 1.0:
        return
    pitch = prosody.column(PITCH)[rows].astype(np.float64)
    loudness = prosody.column(LOUDNESS)[rows].astype(np.float64)
    for values, least, unit, words in (
        (pitch, SEMITONES, "semitones", ("pitch is {} above", "pitch is {} below")),
        (loudness, DECIBELS, "dB", ("voice is {} louder than", "voice is {} softer than")),
    ):
        yield from _departures(clock, values, least, unit, words)
    low, high = np.percentile(pitch, [10, 90])
    yield from _range(clock, float(high - low))


def _departures(
    clock: Float64[np.ndarray, "row 2"],
    values: Float64[np.ndarray, "row"],
    least: float,
    unit: str,
    words: tuple[str, str],
) -> Iterator[Reason]:
    away = smooth(clock, values, 1.0) - np.median(values)
    for sign, phrase, supports in ((1, words[0], EXCITED), (-1, words[1], SUBDUED)):
        for begin, end in episodes(clock, sign * away >= least, shortest=0.5, longest_gap=0.6):
            inside = (clock[:, 0] >= begin) & (clock[:, 1] <= end)
            amount = float(abs(values[inside].mean() - np.median(values)))
            if amount >= least:
                told = phrase.format(f"{amount:.0f} {unit}")
                yield Reason(
                    clue=Clue(
                        modality="audio",
                        start=begin,
                        end=end,
                        text=f"the {told} this speaker's own average",
                        checked=False,
                    ),
                    supports=supports,
                    strength=min(1.0, 0.25 * amount / least),
                )


def _range(clock: Float64[np.ndarray, "row 2"], semitones: float) -> Iterator[Reason]:
    begin, end = float(clock[0, 0]), float(clock[-1, 1])
    if semitones < FLAT:
        text, supports, strength = "the pitch hardly moves", SUBDUED, 0.3
    elif semitones > WIDE:
        text, supports, strength = "the pitch swings widely", EXCITED, 0.2
    else:
        return
    clue = Clue(modality="audio", start=begin, end=end, text=f"{text} ({semitones:.0f} semitones)", checked=False)
    yield Reason(clue=clue, supports=supports, strength=strength)
