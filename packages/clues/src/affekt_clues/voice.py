"""How the voice differs from this speaker's own average in the clip, and how much it moves at all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from affekt import Clue, Features
from jaxtyping import Float64

from affekt_clues.episodes import episodes, smooth
from affekt_clues.prosody import LOUDNESS, PITCH, QUALITIES, voiced
from affekt_clues.reason import Reason

EXCITED = ("happy", "angry", "fearful", "surprised")
SUBDUED = ("calm", "sad", "bored")
EVEN = ("neutral", *SUBDUED)


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One way in which a voice can depart from its own average, and how it is told."""

    column: str
    unit: str
    least: float
    """Least departure that is worth a word."""
    more: str
    less: str


MEASURES = (
    # Listeners notice about 1.5 semitones in running speech.
    Measure(column=PITCH, unit="semitones", least=2.0, more="pitch is {} above", less="pitch is {} below"),
    Measure(column=LOUDNESS, unit="dB", least=4.0, more="voice is {} louder than", less="voice is {} softer than"),
    Measure(
        column="rate",
        unit="syllables a second",
        least=1.5,
        more="speech is {} faster than",
        less="speech is {} slower than",
    ),
)
SPEAKS_FOR: Mapping[str, tuple[str, ...]] = {
    "forceful": (*EXCITED, "disgusted"),
    "relaxed": EVEN,
    "rough": ("angry", "fearful", "disgusted"),
    "smooth": ("calm", "bored", "neutral"),
}
"""Quality of a voice → the emotions it speaks for."""
FLAT, WIDE = 4.5, 9.0
"""Semitones between the 10th and the 90th percentile below which pitch hardly moves, and above which it swings."""


def reasons(prosody: Features) -> Iterator[Reason]:
    """Stretches of higher, lower, louder or softer voice, and the range of the pitch."""
    names = prosody.names or ()
    if not {PITCH, LOUDNESS} <= set(names):
        return
    rows = voiced(prosody)
    clock = prosody.clock()[rows]
    if len(clock) < 3 or (clock[:, 1] - clock[:, 0]).sum() < 1.0:
        return
    for measure in MEASURES:
        if measure.column in names:
            yield from _departures(clock, prosody.column(measure.column)[rows].astype(np.float64), measure)
    pitch = prosody.column(PITCH)[rows]
    low, high = np.percentile(pitch, [10, 90])
    yield from _range(clock, float(high - low))
    yield from _qualities(clock, prosody, rows)


def _departures(
    clock: Float64[np.ndarray, "row 2"], values: Float64[np.ndarray, "row"], measure: Measure
) -> Iterator[Reason]:
    away = smooth(clock, values, 1.0) - np.median(values)
    for sign, phrase, supports in ((1, measure.more, EXCITED), (-1, measure.less, SUBDUED)):
        for begin, end in episodes(clock, sign * away >= measure.least, shortest=0.5, longest_gap=0.6):
            inside = (clock[:, 0] >= begin) & (clock[:, 1] <= end)
            amount = float(abs(values[inside].mean() - np.median(values)))
            if amount >= measure.least:
                change = phrase.format(f"{amount:.0f} {measure.unit}")
                yield Reason(
                    clue=Clue(
                        modality="audio",
                        start=begin,
                        end=end,
                        text=f"the {change} this speaker's own average",
                        checked=False,
                    ),
                    supports=supports,
                    strength=min(1.0, 0.25 * amount / measure.least),
                )


def _range(clock: Float64[np.ndarray, "row 2"], semitones: float) -> Iterator[Reason]:
    begin, end = float(clock[0, 0]), float(clock[-1, 1])
    if semitones < FLAT:
        text, supports, strength = "the pitch hardly moves", EVEN, 0.3
    elif semitones > WIDE:
        text, supports, strength = "the pitch swings widely", EXCITED, 0.2
    else:
        return
    clue = Clue(modality="audio", start=begin, end=end, text=f"{text} ({semitones:.0f} semitones)", checked=False)
    yield Reason(clue=clue, supports=supports, strength=strength)


def _qualities(clock: Float64[np.ndarray, "row 2"], prosody: Features, rows: np.ndarray) -> Iterator[Reason]:
    for word, quality in QUALITIES.items():
        if quality.column not in (prosody.names or ()):
            continue
        median = float(np.median(prosody.column(quality.column)[rows]))
        if quality.holds(median):
            beyond = min(abs(median - bound) for bound in (quality.least, quality.most))
            text = f"the voice is {word} ({quality.in_words.format(max(0.0, quality.sign * median))})"
            clue = Clue(
                modality="audio", start=float(clock[0, 0]), end=float(clock[-1, 1]), text=text, checked=False
            )  # fmt: skip
            yield Reason(clue=clue, supports=SPEAKS_FOR[word], strength=min(0.4, 0.15 + 0.03 * beyond))
