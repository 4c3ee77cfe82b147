"""A score card without references: the columns of the authors' tool (MER-Factory) where they can be had.

Each measure has a status. One that could not be computed is absent and says why; it is never 0, which would read as the
worst, and for a word error rate as the best.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from affekt_clues.check import ALL_UNITS

from affekt_annotate.annotation import Annotation, Record
from affekt_annotate.cache import write_whole

MODEL = "needs a model that this package does not run: {}"
ELSEWHERE: Mapping[str, str] = {
    "clip_image_score": MODEL.format("CLIP, picture against text"),
    "clap_audio_score": MODEL.format("CLAP, sound against text"),
    "asr_wer": "needs a transcript by a person beside the recogniser's",
    "nli_consistency": MODEL.format("natural language inference"),
    "nli_entail": MODEL.format("natural language inference"),
    "nli_contra": MODEL.format("natural language inference"),
    "fkgl": "needs a dictionary of syllables",
}
"""Column of the authors' tool → why it is not here."""


class Measure(Record):
    """One number, or why there is none."""

    name: str
    value: float | None = None
    status: str = "measured"


def card(one: Annotation) -> list[Measure]:
    """The measures of the description that was written without a label."""
    absent = [Measure(name=name, status=why) for name, why in ELSEWHERE.items()]
    return [*(_measure(name, compute, one) for name, compute in MEASURES.items()), *absent]


def write(annotations: Sequence[Annotation], path: Path) -> dict[str, tuple[float | None, int, str]]:
    """Writes a row a clip and measure, and returns measure → (mean, clips that have it, why the others have not)."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("name", "measure", "value", "status"))
    columns: dict[str, list[Measure]] = {}
    for one in annotations:
        for measure in card(one):
            columns.setdefault(measure.name, []).append(measure)
            value = "" if measure.value is None else f"{measure.value:.6f}"
            writer.writerow((one.name, measure.name, value, measure.status))
    write_whole(path, stream.getvalue())
    return {name: _mean(measures) for name, measures in columns.items()}


def _mean(measures: Sequence[Measure]) -> tuple[float | None, int, str]:
    values = [measure.value for measure in measures if measure.value is not None]
    reasons = Counter(measure.status for measure in measures if measure.value is None).most_common(1)
    return (float(np.mean(values)) if values else None), len(values), reasons[0][0] if reasons else ""


class _Absent(Exception):
    """Why a measure cannot be computed."""


def _measure(name: str, compute: Callable[[Annotation], float], one: Annotation) -> Measure:
    if one.blind.state != "measured":
        return Measure(name=name, status=f"no description: {one.blind.reason}")
    try:
        return Measure(name=name, value=compute(one))
    except _Absent as why:
        return Measure(name=name, status=str(why))


def _units(one: Annotation) -> tuple[int, int, int]:
    """Action units that the draft names and that are measured, that it names, and that are measured."""
    if one.face.state != "measured":
        raise _Absent(f"no face: {one.face.reason}")
    measured = {unit for clue in one.findings if clue.modality == "face" for unit in ALL_UNITS.findall(clue.text)}
    claims = [clause for sentence in one.blind.sentences for clause in sentence.clauses if clause.modality == "face"]
    named = {(unit, clause.verdict) for clause in claims for unit in ALL_UNITS.findall(clause.text)}
    right = {unit for unit, verdict in named if verdict == "supported"}
    return len(right), len({unit for unit, _ in named}), len(measured | right)


def _precision(one: Annotation) -> float:
    right, named, _ = _units(one)
    if not named:
        raise _Absent("the text names no action unit")
    return right / named


def _recall(one: Annotation) -> float:
    right, _, measured = _units(one)
    if not measured:
        raise _Absent("no action unit rises")
    return right / measured


def _f1(one: Annotation) -> float:
    precision, recall = _precision(one), _recall(one)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _words(one: Annotation, size: int) -> list[tuple[str, ...]]:
    words = re.findall(r"[^\W_]+", one.blind.text.lower())
    if len(words) < size:
        raise _Absent(f"the text has fewer than {size} words")
    return list(zip(*(words[start:] for start in range(size)), strict=False))


def _distinct(size: int) -> Callable[[Annotation], float]:
    def measure(one: Annotation) -> float:
        grams = _words(one, size)
        return len(set(grams)) / len(grams)

    return measure


def _repetition(one: Annotation) -> float:
    """Share of the words that stand in a sequence of three that occurred before."""
    grams = _words(one, 3)
    return 1 - len(set(grams)) / len(grams)


def _supported(one: Annotation) -> float:
    if not one.blind.sentences:
        raise _Absent("nothing was written")
    return float(np.mean([sentence.verdict == "supported" for sentence in one.blind.sentences]))


MEASURES: Mapping[str, Callable[[Annotation], float]] = {
    "supported": _supported,
    "au_pr": _precision,
    "au_re": _recall,
    "au_f1": _f1,
    "distinct1": _distinct(1),
    "distinct2": _distinct(2),
    "repetition_rate": _repetition,
}
"""Column → measure; `supported`, the share of drafted sentences that the evidence supports, is this package's own."""
