"""What the rows of a speech run come to: figures with intervals, prosody as asked and found, how often it is heard."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log
from typing import Any

import numpy as np
from affekt_speech_metrics.intervals import Estimate, estimate

Row = Mapping[str, Any]
MEASURED: Mapping[str, tuple[str, str, float]] = {
    "pitch": ("pitch_semitones", "prosody_pitch", 0.5),
    "range": ("pitch_range_factor", "prosody_span", 0.1),
    "rate": ("rate_factor", "prosody_seconds", 0.05),
    "energy": ("energy_decibels", "prosody_energy", 1.0),
    "brightness": ("brightness_decibels", "prosody_brightness", 1.0),
    "pauses": ("pause_share", "prosody_pauses", 0.02),
}
"""Measure → what the speaker says that it changed, where it was measured, and the least change that one could hear:
semitones, log ratio, log ratio, decibels, decibels, share of the time."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One measure of one voice in one emotion, over the sentences."""

    voice: str
    emotion: str
    measure: str
    asked: tuple[float, ...]
    """Change at each intensity against the neutral voice, from the lowest."""
    found: tuple[float, ...]

    @property
    def monotone(self) -> bool:
        """It moved to the side that was asked for, and no step of intensity went back.

        Less than a tenth of what one could hear is no step: a frame more or less is not.
        """
        side, nothing = (1 if self.asked[-1] > 0 else -1), MEASURED[self.measure][2] / 10
        steps = [side * (after - before) for before, after in pairwise((0.0, *self.found))]
        return side * self.found[-1] > nothing and min(steps) > -nothing


def cells(rows: Sequence[Row]) -> list[Cell]:
    """The cells in which an audible change is asked for at the highest intensity."""
    audible_cells: list[Cell] = []
    grid = [row for row in rows if row["part"] == "prosody"]
    for (voice, emotion), some in _grouped(grid, "voice", "emotion").items():
        levels = sorted({row["intensity"] for row in some})
        for measure, (control, _, audible) in MEASURED.items():
            if emotion == "neutral" or control not in some[0]["asked"]:
                continue
            asked = tuple(_mean(_asked(row, measure) for row in some if row["intensity"] == level) for level in levels)
            moved = tuple(
                _mean(_moved(grid, row, measure) for row in some if row["intensity"] == level) for level in levels
            )
            if abs(asked[-1]) >= audible:
                audible_cells.append(Cell(voice=voice, emotion=emotion, measure=measure, asked=asked, found=moved))
    return audible_cells


def _asked(row: Row, measure: str) -> float:
    value = row["asked"][MEASURED[measure][0]]
    return log(value) if measure in ("range", "rate") else float(value)


def _moved(grid: Sequence[Row], row: Row, measure: str) -> float:
    """Against the same sentence in the same voice when neutral."""
    (plain,) = [
        other for other in grid
        if other["emotion"] == "neutral" and other["intensity"] == 0
        and (other["voice"], other["sentence"]) == (row["voice"], row["sentence"])
    ]  # fmt: skip
    name = MEASURED[measure][1]
    if measure == "rate":
        return log(plain[name] / row[name])
    return log(row[name] / plain[name]) if measure == "range" else float(row[name] - plain[name])


def shown(measure: str, value: float) -> str:
    """The value as a reader expects it: factors as factors."""
    return (
        f"{exp(value):.2f}×"
        if measure in ("range", "rate")
        else f"{value:+.1f}"
        if measure != "pauses"
        else f"{value:+.0%}"
    )


FIGURES: Mapping[str, tuple[str, Callable[[Row], float | None]]] = {
    "word error rate": ("", lambda row: row["word_error_rate"]),
    "character error rate": ("", lambda row: row["character_error_rate"]),
    "DNSMOS, overall": ("", lambda row: row["dnsmos"]),
    "speaker similarity to its own neutral voice": ("prosody", lambda row: row.get("speaker_similarity")),
    "correlation of pitch with neutral": ("prosody", lambda row: row.get("pitch_correlation")),
    "correlation of energy with neutral": ("prosody", lambda row: row.get("energy_correlation")),
    "emotion heard, fitting words, first attempt": ("felt", lambda row: row["felt_at_once"]),
    "emotion heard, fitting words, until felt": ("felt", lambda row: row["felt"]),
    "share of the meant emotion, first attempt": ("loop", lambda row: row["score_at_once"]),
    "share of the meant emotion, until felt": ("loop", lambda row: row["score"]),
    "attempts": ("loop", lambda row: row["attempts"]),
}
"""Figure → the part of the run that it is over ("" for all), and its value in a row."""


def figures(rows: Sequence[Row]) -> dict[str, Estimate]:
    """Every figure with its interval; what one voice makes of one sentence is drawn together."""
    estimates = {}
    for name, (part, value) in FIGURES.items():
        some = [row for row in rows if part in ("", row["part"])]
        values = [np.nan if (figure := value(row)) is None else float(figure) for row in some]
        estimates[name] = estimate(values, [(row["voice"], row["text"]) for row in some])
    if monotone := [float(cell.monotone) for cell in cells(rows)]:
        estimates["cells whose prosody moves with intensity as asked"] = estimate(monotone)
    return {name: estimated for name, estimated in estimates.items() if estimated.count}


def by_emotion(rows: Sequence[Row]) -> Iterator[tuple[str, float, dict[str, float]]]:
    """(emotion, intensity, means) of the prosody part."""
    grid = [row for row in rows if row["part"] == "prosody"]
    for (emotion, intensity), some in sorted(_grouped(grid, "emotion", "intensity").items()):
        means = {name: _mean(row[name] for row in some) for name in ("word_error_rate", "dnsmos", "felt", "score")}
        for measure in MEASURED:
            means[measure] = _mean(_moved(grid, row, measure) for row in some)
            means[f"{measure} asked"] = _mean(
                _asked(row, measure) for row in some if MEASURED[measure][0] in row["asked"]
            )
        yield emotion, intensity, means


def _grouped(rows: Sequence[Row], *names: str) -> dict[tuple[Any, ...], list[Row]]:
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[name] for name in names)].append(row)
    return groups


def _mean(values: Iterator[float] | Any) -> float:
    numbers = list(values)
    return float(np.mean(numbers)) if numbers else float("nan")
