"""Looks a clue up in the evidence. It knows nothing of how clues are made: it reads what a person would read.

Any clue can be checked, whoever wrote it. What cannot be found, or cannot be understood, stays unchecked.
"""

import re
from collections.abc import Callable, Mapping

import numpy as np
from affekt import Clip, Clue, Evidence, Features
from jaxtyping import Bool

from affekt_clues import sounds
from affekt_clues.facs import HIGH, STAYS, code
from affekt_clues.prosody import QUALITIES, voiced
from affekt_clues.shots import shots_of

ALL_UNITS = re.compile(r"\bAU\d{1,2}\b")
QUOTED = re.compile(r"[“\"]([^”\"]+)[”\"]")
DEPARTURE = re.compile(r"(\d+(?:\.\d+)?) (semitones|dB|syllables a second) (above|below|louder|softer|faster|slower)")
QUALITY = re.compile(r"voice is (\w+) \(\w+ (\d+) dB under the \w+\)")
RANGE = re.compile(r"pitch (hardly moves|swings widely) \((\d+(?:\.\d+)?) semitones\)")

COLUMN: Mapping[str, str] = {"semitones": "pitch", "dB": "loudness", "syllables a second": "rate"}


def is_in(evidence: Evidence, clue: Clue) -> bool:
    """Whether what the clue's text names is in the evidence at the clue's time."""
    checks: dict[str, Callable[[Evidence, Clue], bool]] = {"face": _face, "audio": _voice, "text": _words}
    check = checks.get(clue.modality)
    return check is not None and clue.end >= clue.start and check(evidence, clue)


def _face(evidence: Evidence, clue: Clue) -> bool:
    """Every unit it names is above this face's lowest quarter of the shot, or high where it says that it stays so."""
    units = with_columns(evidence, lambda name: bool(ALL_UNITS.fullmatch(name)))
    if units is None or not during(units, clue).any():
        return False
    rows, inside = in_its_shots(evidence, units, clue)
    heights = {code(name): units.column(name).astype(np.float64)[rows] for name in units.names or ()}
    if clue.text == "the face hardly moves":
        moving = [heights[unit] for unit in heights if unit not in ("AU45", "AU25", "AU26")]
        return all(np.percentile(row, 90) - np.percentile(row, 20) < 0.15 for row in moving)
    named = [code(unit) for unit in ALL_UNITS.findall(clue.text)]
    if not named or any(unit not in heights for unit in named):
        return False
    if any(phrase in clue.text for phrase in STAYS.values()):
        return all(unit in HIGH and np.quantile(heights[unit][inside], 0.25) >= HIGH[unit] for unit in named)
    if "hardly rise" in clue.text:
        return all(np.quantile(heights[unit][inside], 0.7) < 0.3 for unit in named)
    falls = "falls" in clue.text
    for unit in named:
        change = heights[unit][inside].mean() - np.quantile(heights[unit], 0.75 if falls else 0.25)
        if (-change if falls else change) < 0.1:
            return False
    return True


def _voice(evidence: Evidence, clue: Clue) -> bool:
    """The amount it names is the one in the span, to within a quarter."""
    if sounds.names(evidence.clip, clue):
        return True
    prosody = with_columns(evidence, lambda name: name == "pitch")
    if prosody is None:
        return False
    rows = voiced(prosody)
    inside = rows & during(prosody, clue)
    if not inside.any():
        return False
    if match := RANGE.search(clue.text):
        spread = float(np.subtract(*np.quantile(prosody.column("pitch")[inside], [0.9, 0.1])))
        return _close(spread, float(match[2])) and (spread < 5) == (match[1] == "hardly moves")
    if match := QUALITY.search(clue.text):
        quality = QUALITIES.get(match[1])
        if quality is None or quality.column not in (prosody.names or ()):
            return False
        median = float(np.median(prosody.column(quality.column)[inside]))
        return quality.holds(median) and _close(max(0.0, quality.sign * median), float(match[2]))
    if match := DEPARTURE.search(clue.text):
        column = COLUMN[match[2]]
        if column not in (prosody.names or ()):
            return False
        values = prosody.column(column)
        away = float(values[inside].mean() - np.median(values[rows]))
        return _close(away if match[3] in ("above", "louder", "faster") else -away, float(match[1]))
    return False


def _words(evidence: Evidence, clue: Clue) -> bool:
    """The quotation is in the transcript, at its time where the words have times."""
    quoted = QUOTED.search(clue.text)
    if quoted is None:
        return False
    clip, wanted = evidence.clip, _letters(quoted[1])
    read = [clip] if clip.translation is None else [clip, clip.in_language((clip.translation.language,))]
    return bool(wanted) and any(f" {wanted} " in f" {_words_said(each, clue)} " for each in read)


def _words_said(clip: Clip, clue: Clue) -> str:
    if not clip.words or clue.end <= clue.start:
        return _letters(clip.text or "")
    words = [word for word in clip.words if word.end > clue.start - 0.1 and word.start < clue.end + 0.1]
    return " ".join(filter(None, (_letters(word.text) for word in words)))


def with_columns(evidence: Evidence, wanted: Callable[[str], bool]) -> Features | None:
    """The first features with a column of such a name."""
    return next((features for features in evidence.features.values() if any(map(wanted, features.names or ()))), None)


def in_its_shots(
    evidence: Evidence, units: Features, clue: Clue
) -> tuple[Bool[np.ndarray, "row"], Bool[np.ndarray, "shot_row"]]:
    """The rows of the shots that a clue lies in, and which of those lie in the clue's span."""
    inside = during(units, clue)
    shots = shots_of(units.clock(), evidence.clip.faces)
    rows: Bool[np.ndarray, "row"] = np.isin(shots, shots[inside])
    return rows, inside[rows]


def during(features: Features, clue: Clue) -> Bool[np.ndarray, "row"]:
    """The rows whose middle lies in the clue's span."""
    middle = features.clock().mean(axis=1)
    inside: Bool[np.ndarray, "row"] = (middle >= clue.start) & (middle <= clue.end)
    return inside


def _close(measured: float, claimed: float) -> bool:
    return abs(measured - claimed) <= max(0.5, 0.25 * claimed)


def _letters(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.lower().replace("’", "'").replace("'", "")))
