"""What answers: a pipeline, a rule, or one person held out. All as distributions over the labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from affekt import EmotionPrediction, Pipeline, PipelineSpec
from affekt.provenance import provenance
from affekt_metrics.own_wheel import own_wheels
from jaxtyping import Bool, Float64, Int64

from affekt_benchmark.arguments.corpus import LABELS, NONE, Corpus, words_for
from affekt_benchmark.arguments.prompting import EMOTIONAL, UNREADABLE, Prompt, Prompted, Scorer, Space, Style, Writer
from affekt_benchmark.material.suites import BenchmarkError
from affekt_benchmark.material.translation import Translation
from affekt_benchmark.runs import running
from affekt_benchmark.runs.running import OnCount

OF_CLUSTERS = {
    "happy": "enjoyment", "sad": "sadness", "angry": "anger", "fearful": "fear", "disgusted": "disgust",
    "surprised": "surprise", "calm": "none",
}  # fmt: skip
"""Inner cluster of the built-in emotion wheel → label. Words of the other clusters have none and are counted."""


@dataclass(frozen=True, kw_only=True, eq=False)
class System:
    """The answers of one system to all texts."""

    name: str
    probabilities: Float64[np.ndarray, "text label"] | None
    """The distribution over the labels; None of a person, and of a model that is asked for emotional or not alone."""
    choice: Int64[np.ndarray, "text"] | None
    """The label that it names."""
    emotional: Bool[np.ndarray, "text"] | None = None
    """Whether there is an emotion at all, where it was asked for that alone."""
    words: Sequence[Sequence[str]] = ()
    """Open words for each text, where it writes words of its own."""
    expected: Float64[np.ndarray, "text label"] | None = None
    """The rates of the labels for which each text's probabilities are made; None where nobody knows."""
    note: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)
    """Pipeline and provenance of a model."""
    counted: Mapping[str, int] = field(default_factory=dict)
    """Answers that were abstentions, failures, or without a label here."""


def of_probabilities(name: str, probabilities: np.ndarray, note: str = "") -> System:
    """A system that names its likeliest label."""
    return System(name=name, probabilities=probabilities, choice=probabilities.argmax(axis=1), note=note)


def always_none(corpus: Corpus) -> System:
    """The rule that no argument evokes an emotion."""
    sure = np.zeros((len(corpus), len(LABELS)))
    sure[:, LABELS.index(NONE)] = 1.0
    return of_probabilities("always none", sure, "certain of it")


def prior(corpus: Corpus, folds: Int64[np.ndarray, "text"], seed: int) -> System:
    """Labels drawn as often as people give them, in the other folds."""
    rates = rates_of_other_folds(corpus, folds)
    random = np.random.default_rng(seed)
    drawn = np.array([random.choice(len(LABELS), p=row) for row in rates])
    note = "drawn at the rates of the other folds"
    return System(name="prior", probabilities=rates, choice=drawn, expected=rates, note=note)


def rates_of_other_folds(corpus: Corpus, folds: Int64[np.ndarray, "text"]) -> Float64[np.ndarray, "text label"]:
    """How often people give each label in the folds that a text is not in."""
    return np.stack([corpus.shares[folds != fold].mean(axis=0) for fold in folds])


def ask(name: str, spec: PipelineSpec, corpus: Corpus, journal: Any, on_progress: OnCount) -> System:
    """The answers of a pipeline to every text; an interrupted run goes on from its journal.

    Raises:
        AffektError: the pipeline cannot be built.
        BenchmarkError: it answers no text, or in labels that are none of the study's.
    """
    pipeline = spec.build()
    origin = provenance(pipeline)
    answers = running.answer_all(pipeline, corpus.cases, journal, running.fingerprint(spec, origin), on_progress)
    predictions = [answer.prediction for answer in answers]
    if all(prediction is None for prediction in predictions):
        raise BenchmarkError(f'"{name}" answered none of {len(predictions)} texts; the first: {answers[0].failure}')
    counted = {
        "not answered": sum(prediction is None for prediction in predictions),
        "abstained": sum(prediction is not None and prediction.abstained is not None for prediction in predictions),
    }
    about = {"pipeline": spec.model_dump(mode="json"), "provenance": origin,
             "seconds": round(sum(answer.seconds for answer in answers), 1)}  # fmt: skip
    if any(prediction is not None and EMOTIONAL in prediction.scores for prediction in predictions):
        emotional = _emotional(predictions)
        return System(name=name, probabilities=None, choice=None, emotional=emotional, counted=counted, about=about)
    return closed(name, predictions, counted, about)


def _emotional(predictions: Sequence[EmotionPrediction | None]) -> Bool[np.ndarray, "text"]:
    return np.array(
        [
            prediction is not None and prediction.abstained is None and prediction.scores.get(EMOTIONAL, 0.0) >= 0.5
            for prediction in predictions
        ]
    )


def prompted(
    name: str,
    spec: PipelineSpec,
    style: Style,
    spaces: Sequence[Space],
    corpus: Corpus,
    journal: Path,
    on_progress: OnCount,
) -> System:
    """The answers of a pipeline's language model to one style of prompts; one row in every table.

    Raises:
        AffektError: the pipeline cannot be built.
        BenchmarkError: its reasoner takes no prompts, or answers no text.
    """
    pipeline = spec.build()
    model = pipeline.reasoner
    if not isinstance(model, Writer) or not getattr(model, "answers_questions", True):
        raise BenchmarkError(
            f'"{spec.reasoner.use}" of "{name}" takes no prompts', hint="a reasoner that writes: llama, openai"
        )
    origin = provenance(pipeline)
    key = running.fingerprint(spec, origin)
    predictions: dict[Space, list[EmotionPrediction | None]] = {}
    counted = {"not answered": 0, UNREADABLE: 0}
    seconds = 0.0
    for number, space in enumerate(spaces):
        prompt = Prompt(style=style, space=space)
        answers = running.answer_all(
            Pipeline(name=name, reasoner=Prompted(model, prompt)), corpus.cases, journal,
            f"{key}-{style}-{space}-{prompt.fingerprint()}",
            lambda done, total, number=number: on_progress(number * total + done, len(spaces) * total),  # type: ignore[misc]
        )  # fmt: skip
        predictions[space] = [answer.prediction for answer in answers]
        if all(prediction is None for prediction in predictions[space]):
            raise BenchmarkError(f'"{name}" answered none of {len(answers)} texts; the first: {answers[0].failure}')
        counted["not answered"] += sum(prediction is None for prediction in predictions[space])
        counted[UNREADABLE] += sum(
            prediction is not None and prediction.abstained is not None for prediction in predictions[space]
        )
        seconds += sum(answer.seconds for answer in answers)
    about = {"pipeline": spec.model_dump(mode="json"), "provenance": origin, "style": style, "spaces": list(spaces),
             "scored": isinstance(model, Scorer), "seconds": round(seconds, 1)}  # fmt: skip
    row = System(name=name, probabilities=None, choice=None, counted=counted, about=about)
    if "closed" in predictions:
        row = closed(name, predictions["closed"], counted, about)
    if "binary" in predictions:
        row = replace(row, emotional=_emotional(predictions["binary"]))
    if "open" in predictions:
        row = replace(
            row, words=[prediction.labels if prediction is not None else () for prediction in predictions["open"]]
        )
    return row


def closed(
    name: str, predictions: Sequence[EmotionPrediction | None], counted: Mapping[str, int], about: Mapping[str, Any]
) -> System:
    """Answers in the study's labels. A text without an answer counts as none, and all labels are equally likely.

    Raises:
        BenchmarkError: the model has words for fewer than two of the labels.
    """
    translation = Translation.of("emcona", near=False)
    emotions = tuple(
        dict.fromkeys(emotion for prediction in predictions if prediction is not None for emotion in prediction.scores)
    )
    if len(translation.reach(emotions)) < 2:
        raise BenchmarkError(
            f'"{name}" answers {", ".join(emotions)}, which has fewer than two of the labels {", ".join(LABELS)}',
            hint='labels that it can be asked for, as in --set "reasoner.labels=[none, anger, …]"',
        )
    rows = np.full((len(predictions), len(LABELS)), 1 / len(LABELS))
    for index, prediction in enumerate(predictions):
        if prediction is not None:
            rows[index] = [translation(prediction).scores[label] for label in LABELS]
    choice = np.array([LABELS.index(NONE) if prediction is None else int(row.argmax())
                       for prediction, row in zip(predictions, rows, strict=True)])  # fmt: skip
    own = [
        tuple(word for word in prediction.labels if word not in prediction.scores) if prediction is not None else ()
        for prediction in predictions
    ]
    absent = [label for label in LABELS if label not in translation.reach(emotions)]
    return System(
        name=name, probabilities=rows, choice=choice, words=own if any(own) else (), counted=counted, about=about,
        note=f"no word for {', '.join(absent)}" if absent else "",
    )  # fmt: skip


def labels_of_words(words: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """The labels that open words stand for, the first first, and how many words stand for none."""
    label_of, wheels = words_for(), own_wheels()
    labels, unmapped = [], 0
    for word in (word.strip().lower() for word in words):
        label = label_of.get(word) or OF_CLUSTERS.get(wheels.find(word, 0, 0) or "")
        if label is None:
            unmapped += 1
        else:
            labels.append(label)
    return tuple(dict.fromkeys(labels)), unmapped
