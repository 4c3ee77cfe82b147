"""A score card without references: the columns of the authors' tool (MER-Factory) where they can be had.

Each measure has a status. One that could not be computed is absent and says why; it is never 0, which would read as the
worst, and for a word error rate as the best. Measures that need a model (`score_models`) take one that the user has.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
from affekt import MediaError
from affekt_clues.check import ALL_UNITS
from affekt_reply.wording import words_of

from affekt_annotate.annotation import Annotation, Record
from affekt_annotate.cache import write_whole
from affekt_annotate.score_models import Absent, Recording, ScoreModels

WITHOUT_SPACES = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Scripts whose words no space parts: Thai, Lao, Burmese, Khmer, kana and Han."""


class Measure(Record):
    """One number, or why there is none."""

    name: str
    value: float | None = None
    status: str = "measured"


def card(annotation: Annotation, models: ScoreModels | None = None, media: Path | None = None) -> list[Measure]:
    """The measures of the description that was written without a label.

    Args:
        models: those that the user has; without one its columns are absent.
        media: the recording.

    Raises:
        WeightsError, OptionsError, MissingDependency: a model does not load, or is of another kind.
    """
    models, recording = models or ScoreModels(), Recording(media)
    by_model: tuple[tuple[tuple[str, ...], str | None, Any], ...] = (
        (("clip_image_score",), models.clip, lambda: models.picture(annotation, recording)),
        (("clap_audio_score",), models.clap, lambda: models.sound(annotation, recording)),
        (("nli_consistency", "nli_entail", "nli_contra"), models.nli, lambda: models.inference(annotation)),
    )
    measures = [_measure(name, compute, annotation) for name, compute in MEASURES.items()]
    for names, model, computed in by_model:
        option = names[0].partition("_")[0]
        measures += (
            _measured(names, computed, annotation) if model else _absent(names, f"no model was named: --{option} MODEL")
        )
    return measures


def write(
    annotations: Sequence[Annotation],
    path: Path,
    models: ScoreModels | None = None,
    media: Mapping[str, Path] | None = None,
) -> dict[str, tuple[float | None, int, str]]:
    """Writes a row a clip and measure, and returns measure → (mean, clips that have it, why the others have not).

    Args:
        media: name → recording.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("name", "measure", "value", "status"))
    columns: dict[str, list[Measure]] = {}
    for annotation in annotations:
        for measure in card(annotation, models, (media or {}).get(annotation.name)):
            columns.setdefault(measure.name, []).append(measure)
            value = "" if measure.value is None else f"{measure.value:.6f}"
            writer.writerow((annotation.name, measure.name, value, measure.status))
    write_whole(path, stream.getvalue())
    return {name: _mean(measures) for name, measures in columns.items()}


def _mean(measures: Sequence[Measure]) -> tuple[float | None, int, str]:
    values = [measure.value for measure in measures if measure.value is not None]
    reasons = Counter(measure.status for measure in measures if measure.value is None).most_common(1)
    return (float(np.mean(values)) if values else None), len(values), reasons[0][0] if reasons else ""


def _measure(name: str, compute: Callable[[Annotation], float], annotation: Annotation) -> Measure:
    return _measured((name,), lambda: {name: compute(annotation)}, annotation)[0]


def _measured(
    names: Sequence[str], compute: Callable[[], Mapping[str, float]], annotation: Annotation
) -> list[Measure]:
    if annotation.blind.state != "measured":
        return _absent(names, f"no description: {annotation.blind.reason}")
    try:
        values = compute()
    except Absent as why:
        return _absent(names, str(why))
    except MediaError as error:
        return _absent(names, error.message)
    return [Measure(name=name, value=values[name]) for name in names]


def _absent(names: Sequence[str], why: str) -> list[Measure]:
    return [Measure(name=name, status=why) for name in names]


def _units(annotation: Annotation) -> tuple[int, int, int]:
    """Action units that the draft names and that are measured, that it names, and that are measured."""
    if annotation.face.state != "measured":
        raise Absent(f"no face: {annotation.face.reason}")
    measured = {
        unit for clue in annotation.findings if clue.modality == "face" for unit in ALL_UNITS.findall(clue.text)
    }
    claims = [
        clause for sentence in annotation.blind.sentences for clause in sentence.clauses if clause.modality == "face"
    ]
    named = {(unit, clause.verdict) for clause in claims for unit in ALL_UNITS.findall(clause.text)}
    right = {unit for unit, verdict in named if verdict == "supported"}
    return len(right), len({unit for unit, _ in named}), len(measured | right)


def _precision(annotation: Annotation) -> float:
    right, named, _ = _units(annotation)
    if not named:
        raise Absent("the text names no action unit")
    return right / named


def _recall(annotation: Annotation) -> float:
    right, _, measured = _units(annotation)
    if not measured:
        raise Absent("no action unit rises")
    return right / measured


def _f1(annotation: Annotation) -> float:
    precision, recall = _precision(annotation), _recall(annotation)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _words(annotation: Annotation, size: int) -> list[tuple[str, ...]]:
    words = re.findall(r"[^\W_]+", annotation.blind.text.lower())
    if len(words) < size:
        raise Absent(f"the text has fewer than {size} words")
    return list(zip(*(words[start:] for start in range(size)), strict=False))


def _distinct(size: int) -> Callable[[Annotation], float]:
    def measure(annotation: Annotation) -> float:
        grams = _words(annotation, size)
        return len(set(grams)) / len(grams)

    return measure


def _repetition(annotation: Annotation) -> float:
    """Share of the words that stand in a sequence of three that occurred before."""
    grams = _words(annotation, 3)
    return 1 - len(set(grams)) / len(grams)


def _supported(annotation: Annotation) -> float:
    if not annotation.blind.sentences:
        raise Absent("nothing was written")
    return float(np.mean([sentence.verdict == "supported" for sentence in annotation.blind.sentences]))


def _word_error_rate(annotation: Annotation) -> float:
    """Errors of the recogniser against what a person heard, over the words heard; of characters without spaces."""
    if not annotation.transcript:
        raise Absent("nobody wrote down what is said: the column transcript of the label table")
    if annotation.words.source == "given":
        raise Absent("the words were given with the clip, no recogniser heard them")
    if annotation.words.state != "measured":
        raise Absent(f"no words were recognised: {annotation.words.reason}")
    reference, heard = (" ".join(words_of(text)) for text in (annotation.transcript, annotation.words.text))
    if not reference:
        raise Absent("the transcript holds no word")
    rate = jiwer.cer if WITHOUT_SPACES.search(reference) else jiwer.wer
    return float(rate(reference, heard))


def _grade(annotation: Annotation) -> float:
    """The school grade in the United States that reads the text with ease (Kincaid et al., 1975)."""
    sentences = [sentence for sentence in annotation.blind.sentences if not sentence.cut]
    words = re.findall(r"[^\W\d_]+", annotation.blind.text)
    if not words:
        raise Absent("nothing is left of the description")
    syllables = sum(_syllables(word.lower()) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


def _syllables(word: str) -> int:
    """Groups of vowels, without a silent e at the end: the usual estimate, and what the authors' tool counts."""
    groups = len(re.findall("[aeiouy]+", word))
    return max(1, groups - (groups > 1 and word.endswith("e")))


MEASURES: Mapping[str, Callable[[Annotation], float]] = {
    "supported": _supported,
    "au_pr": _precision,
    "au_re": _recall,
    "au_f1": _f1,
    "distinct1": _distinct(1),
    "distinct2": _distinct(2),
    "repetition_rate": _repetition,
    "fkgl": _grade,
    "asr_wer": _word_error_rate,
}
"""Column → measure; `supported`, the share of drafted sentences that the evidence supports, is this package's own."""
