"""`affekt ablate`: variants on the same clips, each held to the first in every measure, with paired intervals.

A clip that one variant cannot answer is left out of all of them and counted; so every figure is about the same clips.
"""

import json
import logging
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from affekt import AffektError, EmotionPrediction, OnProgress, Reference, plugins
from affekt.provenance import provenance
from affekt_datasets import LeftOut
from affekt_metrics.comparison import compare

from affekt_benchmark import results
from affekt_benchmark.comparisons import retraining
from affekt_benchmark.comparisons.holm import holm
from affekt_benchmark.comparisons.plan import Plan, Variant
from affekt_benchmark.comparisons.probing import Decoded, probe
from affekt_benchmark.material import training_overlap
from affekt_benchmark.material.cases import Case, Selection, select
from affekt_benchmark.material.suites import BenchmarkError, Suite, find
from affekt_benchmark.material.translation import Translation
from affekt_benchmark.results import Result
from affekt_benchmark.runs import losses, measuring, running
from affekt_benchmark.runs.running import Answer, OnCount

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A variant's value of one measure, with its interval."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class Change:
    """How a variant differs from the first in one measure."""

    difference: float
    low: float | None
    """The lower end of the interval of this one difference; None where the measure is no sum over clips."""
    high: float | None
    p: float | None
    """The p value of this one difference."""
    p_holm: float | None
    """Corrected for all differences of the ablation."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A variant's figures, and how they differ from the first variant's."""

    name: str
    figures: Mapping[str, Figure]
    """Measure → figure."""
    changes: Mapping[str, Change]
    """Measure → change; empty of the first."""
    seconds: float
    warnings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Ablation:
    """The results of all variants."""

    rows: Sequence[Row]
    measures: Sequence[str]
    absent: Mapping[str, str]
    """Variant → why it has no row: one whose weights cannot be had does not stop the others."""
    clips: int
    lost: Mapping[str, Any]
    """What was lost on the way: see `losses`."""


@dataclass(frozen=True, kw_only=True)
class _Answered:
    """What a variant said of every clip."""

    name: str
    answers: Sequence[Answer]
    about: Mapping[str, Any]
    seconds: float


def ablate(
    plan: Plan,
    data: Path | None,
    out: Path,
    store: Path,
    on_progress: OnCount,
    on_message: OnProgress = logger.info,
) -> Ablation:
    """Runs every variant and writes a result each, and `ablation.json`.

    Args:
        on_message: called with what goes on in trainings, in words.

    Raises:
        AffektError: the data cannot be read, or the first variant cannot be run, or none but the first; or there is no
            such measure.
    """
    suite = find(plan.suite)
    chosen = select(suite, replace(plan.choice, data=data))
    answered, absent = _all_answers(suite, plan, chosen, out, store, on_progress, on_message)
    kept, left_out = _shared(chosen.cases, answered)
    if not kept:
        raise BenchmarkError(f"no clip was answered by every variant: {[clip.detail for clip in left_out][:1]}")
    cases = [chosen.cases[index] for index in kept]
    options = measuring.evaluator_options(suite, plan.evaluators, fold=plan.fold)
    evaluators = {name: plugins().create("evaluator", name, **own) for name, own in options.items()}
    translation = measuring.translation_of(suite, False, cases)
    lost = losses.counted([*chosen.left_out, *left_out], [], {})
    references = [case.reference for case in cases]
    all_predictions: list[list[EmotionPrediction]] = []
    written: list[Result] = []
    for variant in answered:
        answers = [variant.answers[index] for index in kept]
        predictions = measuring.translated(translation, answers)
        result = _result(suite, plan, variant, cases, answers, predictions, references, evaluators, lost)
        result.write(out / slug(variant.name))
        written.append(result)
        all_predictions.append([prediction for prediction in predictions if prediction is not None])
    measures = _measures(suite, plan, written[0])
    changes = _changes(measures, evaluators, all_predictions, references, written)
    rows = [
        Row(name=variant.name, figures={name: _figure(result, *source) for name, source in measures.items()},
            changes=change, seconds=variant.seconds, warnings=tuple(variant.about["warnings"]))
        for variant, result, change in zip(answered, written, changes, strict=True)
    ]  # fmt: skip
    ablation = Ablation(rows=rows, measures=list(measures), absent=absent, clips=len(cases), lost=lost)
    about = results.describe(
        plan=plan.model_dump(mode="json"), data={"sha256": results.ids_hash(cases)}, **asdict(ablation)
    )
    (out / "ablation.json").write_text(json.dumps(about, indent=2, ensure_ascii=False, default=str) + "\n")
    return ablation


def _all_answers(
    suite: Suite,
    plan: Plan,
    chosen: Selection,
    out: Path,
    store: Path,
    on_progress: OnCount,
    on_message: OnProgress,
) -> tuple[list[_Answered], dict[str, str]]:
    """What every variant said, and why others said nothing."""
    answered: list[_Answered] = []
    absent: dict[str, str] = {}
    decoded = Decoded()
    for number, (name, variant) in enumerate(plan.variants.items()):
        begin = time.perf_counter()

        def together(done: int, total: int, before: int = number) -> None:
            on_progress(before * total + done, len(plan.variants) * total)

        try:
            answers, about = _answers(
                suite, plan, variant, chosen, out / slug(name), store, decoded, together, on_message
            )
            if all(answer.prediction is None for answer in answers):
                raise BenchmarkError(f"none of {len(answers)} clips was answered: {answers[0].failure}")
        except Exception as error:
            if answered and isinstance(error, AffektError) and len(absent) + 2 < len(plan.variants):
                absent[name] = error.message
                continue
            error.add_note(f'in the variant "{name}"')
            raise
        answered.append(_Answered(name=name, answers=answers, about=about, seconds=time.perf_counter() - begin))
    return answered, absent


def _answers(
    suite: Suite,
    plan: Plan,
    variant: Variant,
    chosen: Selection,
    out: Path,
    store: Path,
    decoded: Decoded,
    on_progress: OnCount,
    on_message: OnProgress,
) -> tuple[list[Answer], dict[str, Any]]:
    if (asked := variant.as_probe()) is not None:
        labels = Translation.of(suite.vocabulary or "", near=False).labels
        about = {
            "warnings": [],
            "held_out": [],
            "folds": [],
            "trained_on": {},
            "provenance": {"probe": asked.model_dump(mode="json")},
        }
        return probe(asked, chosen.cases, labels, plan.folds, store, decoded, on_progress), about
    answers: dict[int, Answer] = {}
    runs: list[measuring.Run] = []
    for fold, indices, model in _models(suite, plan, variant, chosen, out / "training", on_message):
        spec, cases = variant.as_pipeline(model), [chosen.cases[index] for index in indices]
        pipeline = spec.build()
        origin = provenance(pipeline)

        def advance(done: int, _: int, before: int = len(answers)) -> None:
            on_progress(before + done, len(chosen.cases))

        key = running.fingerprint(spec, origin)
        own = running.answer_all(pipeline, cases, out / "answers.jsonl", key, advance)
        answers.update(zip(indices, own, strict=True))
        learnt = training_overlap.learnt(pipeline)
        samples = [case.sample for case in cases]
        findings = training_overlap.findings(suite, plan.split or suite.split, learnt, samples)
        runs.append(measuring.Run(
            fold=fold, spec=spec, provenance=origin, cases=cases, answers=own, left_out=(), folds=chosen.folds,
            findings=findings, trained_on=training_overlap.plain(learnt),
        ))  # fmt: skip
    return [answers[index] for index in range(len(chosen.cases))], measuring.described_runs(runs)


def _models(
    suite: Suite, plan: Plan, variant: Variant, chosen: Selection, out: Path, on_message: OnProgress
) -> Iterator[tuple[str | None, Sequence[int], Path | None]]:
    """Fold, the places of the cases that are tested, and the model that was trained for them.

    Where the training reads the suite's data set, which has folds, each fold's cases are answered by a model that was
    trained without them. Without a training there is no model, and one for all where no fold can be left out.
    """
    everything = range(len(chosen.cases))
    if variant.train is None:
        yield None, everything, None
        return
    folds = chosen.folds if plan.fold is None else [plan.fold]
    numbers = retraining.without_fold(variant.train, variant.change, suite.dataset) if folds else []
    if not numbers:
        yield None, everything, retraining.retrain(variant.train, variant.change, out, on_message)
        return
    for fold in folds:
        indices = [index for index in everything if chosen.cases[index].reference.fold == fold]
        if not indices:
            continue
        change = dict(variant.change)
        for number in numbers:
            change |= {f"data.{number}.fold": fold, f"data.{number}.protocol": plan.choice.protocol}
        folder = out if plan.fold is not None else out / f"fold-{fold}"
        on_message(f"a model without fold {fold}")
        yield (
            (None if plan.fold is not None else fold),
            indices,
            retraining.retrain(variant.train, change, folder, on_message),
        )


def _shared(cases: Sequence[Case], answered: Sequence[_Answered]) -> tuple[list[int], list[LeftOut]]:
    """The cases that every variant answered, and the others with who did not."""
    kept, left_out = [], []
    for index, case in enumerate(cases):
        silent = next((variant for variant in answered if variant.answers[index].prediction is None), None)
        if silent is None:
            kept.append(index)
        else:
            why = f'"{silent.name}" did not answer: {silent.answers[index].reason}'
            left_out.append(LeftOut(sample=case.sample, reason=why, detail=silent.answers[index].failure))
    return kept, left_out


def _measures(suite: Suite, plan: Plan, first: Result) -> dict[str, tuple[str, str]]:
    """What the variants are compared by: as it was asked for → (evaluator, its measure)."""
    sources: dict[str, tuple[str, str]] = {}
    for asked in plan.measures or suite.headline:
        evaluator, dot, measure = asked.partition(".")
        available = first.measures.get(evaluator, {}) if dot else {}
        if dot and measure in available:
            sources[asked] = (evaluator, measure)
        elif (holder := next((name for name, own in first.measures.items() if asked in own), None)) is not None:
            sources[asked] = (holder, asked)
        elif plan.measures:
            every = {
                f"{name}.{measure}" for name, own in first.measures.items() for measure in own if _is_measure(measure)
            }
            raise BenchmarkError(
                f'measures: there is no "{asked}" among those of {suite.name}', hint=", ".join(sorted(every))
            )
    return sources


def _is_measure(name: str) -> bool:
    return not name.endswith((".low", ".high")) and ":" not in name


def _changes(
    measures: Mapping[str, tuple[str, str]],
    evaluators: Mapping[str, Any],
    all_predictions: Sequence[Sequence[EmotionPrediction]],
    truth: Sequence[Reference],
    written: Sequence[Result],
) -> list[dict[str, Change]]:
    """Of every variant; the p values of all of them together are corrected as one family."""
    table: list[dict[str, Change]] = [{}]
    for predictions, result in zip(all_predictions[1:], written[1:], strict=True):
        # Evaluators whose measures are no sums, such as a judge's ratings, have no paired test.
        paired = {name: compare(evaluators[name], all_predictions[0], predictions, truth)
                  for name in dict.fromkeys(name for name, _ in measures.values())
                  if callable(getattr(evaluators[name], "sums", None))}  # fmt: skip
        row = {}
        for asked, (name, measure) in measures.items():
            comparison = paired.get(name, {}).get(measure)
            before, after = written[0].measures[name].get(measure), result.measures[name].get(measure)
            if comparison is not None:
                low, high, p = (
                    None if math.isnan(value) else value for value in (comparison.low, comparison.high, comparison.p)
                )
                row[asked] = Change(difference=comparison.difference, low=low, high=high, p=p, p_holm=None)
            elif before is not None and after is not None:
                row[asked] = Change(difference=after - before, low=None, high=None, p=None, p_holm=None)
        table.append(row)
    tested = [(row, asked, change.p) for row in table for asked, change in row.items() if change.p is not None]
    for (row, asked, _), corrected in zip(tested, holm([p for _, _, p in tested]), strict=True):
        row[asked] = replace(row[asked], p_holm=corrected)
    return table


def _figure(result: Result, evaluator: str, measure: str) -> Figure:
    measures = result.measures[evaluator]
    return Figure(
        value=measures.get(measure, float("nan")),
        low=measures.get(f"{measure}.low"),
        high=measures.get(f"{measure}.high"),
    )


def _result(
    suite: Suite,
    plan: Plan,
    variant: _Answered,
    cases: Sequence[Case],
    answers: Sequence[Answer],
    predictions: Sequence[EmotionPrediction | None],
    truth: Sequence[Reference],
    evaluators: Mapping[str, Any],
    lost: Mapping[str, Any],
) -> Result:
    described = results.describe(
        suite=suite.name, tests_on=suite.tests_on, note=plan.about, system=variant.name,
        data={"reader": suite.dataset, "split": list(plan.split or suite.split), "protocol": plan.folds,
              "fold": plan.fold, "limit": plan.limit, "seed": plan.seed, "clips": len(cases),
              "sha256": results.ids_hash(cases)},
        vocabulary=None, evaluators=measuring.described_evaluators(evaluators),
        losses={**losses.counted([], answers, {}), **{key: lost[key] for key in ("left_out", "left_out_clips")}},
        seconds=round(variant.seconds, 3), **variant.about,
    )  # fmt: skip
    return Result(
        about=described,
        measures=measuring.scores(evaluators, predictions, truth),
        clips=[results.row(*together) for together in zip(cases, truth, answers, predictions, strict=True)],
    )


def slug(name: str) -> str:
    """A variant's folder."""
    return "".join(letter if letter.isalnum() else "-" for letter in name.lower()).strip("-")
