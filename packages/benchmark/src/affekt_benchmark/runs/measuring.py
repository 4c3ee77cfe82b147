"""One system on one suite, or one model a fold: cases, answers, translation, measures."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from affekt import EmotionPrediction, PipelineSpec, Reference, plugins
from affekt.provenance import provenance
from affekt_datasets import LeftOut, Protocol, vocabulary

from affekt_benchmark import results
from affekt_benchmark.material import fold_models, training_overlap
from affekt_benchmark.material.cases import Case, Choice, select
from affekt_benchmark.material.suites import BenchmarkError, Suite
from affekt_benchmark.material.training_overlap import Findings
from affekt_benchmark.material.translation import Translation
from affekt_benchmark.results import Result
from affekt_benchmark.runs import losses, running
from affekt_benchmark.runs.running import Answer, OnCount

Engine = Literal["local", "ray"]


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked for on the command line."""

    spec: PipelineSpec
    data: Path | None = None
    split: tuple[str, ...] = ()
    protocol: Protocol = "official"
    fold: str | None = None
    """Measures the test clips of one fold."""
    models: tuple[str, ...] = ()
    """Measures one model a fold, each on its own test clips; see `fold_models`."""
    limit: int | None = None
    seed: int = 0
    near: bool = False
    system: str = ""
    engine: Engine = "local"
    """Where clips are answered: in this process, or by actors of Ray."""
    workers: int = 1
    """Actors of Ray."""
    address: str | None = None
    """The address of a running Ray cluster; a local one is started when None."""
    evaluators: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Evaluator → options that differ from the suite's, or a further evaluator."""

    @property
    def choice(self) -> Choice:
        """The clips that are asked for."""
        return Choice(data=self.data, split=self.split, protocol=self.protocol, fold=self.fold, limit=self.limit,
                      seed=self.seed)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one pipeline answered."""

    fold: str | None
    """Whose test clips these are; None where the folds are not measured by models of their own."""
    spec: PipelineSpec
    provenance: Mapping[str, Any]
    cases: Sequence[Case]
    answers: Sequence[Answer]
    left_out: Sequence[LeftOut]
    folds: Sequence[str]
    """All that the data set has."""
    findings: Findings
    trained_on: Mapping[str, Sequence[str]]


def measure(suite: Suite, asked: Request, out: Path, on_progress: OnCount) -> Result:
    """Runs the pipeline over the suite, or over what is left of an interrupted run, and writes the result.

    Raises:
        AffektError: the data, the models, the pipeline or an evaluator's options are wrong; or nothing could be
            answered.
    """
    models = fold_models.assign(asked.models, suite.dataset, asked.protocol)
    options = evaluator_options(suite, asked.evaluators, fold=asked.fold, models=len(models))
    evaluators = {name: plugins().create("evaluator", name, **own) for name, own in options.items()}
    runs = list(_runs(suite, asked, models, out, on_progress))
    cases = [case for run in runs for case in run.cases]
    answers = [answer for run in runs for answer in run.answers]
    if all(answer.prediction is None for answer in answers):
        raise BenchmarkError(f"none of {len(cases)} clips could be answered; the first: {answers[0].failure}")
    translation = translation_of(suite, asked.near, cases)
    predictions = translated(translation, answers)
    references = [case.reference for case in cases]
    reached = _vocabulary(translation, answers)
    unreachable = Counter(true.label or "" for true in references if reached and true.label in reached["out_of_reach"])
    split = asked.split or suite.split
    about = results.describe(
        suite=suite.name, tests_on=f"{suite.dataset} {', '.join(split)}".strip(), note=suite.note,
        system=asked.system or asked.spec.name, data=described_data(suite, asked.choice, runs), vocabulary=reached,
        evaluators=described_evaluators(evaluators), **described_runs(runs),
        losses=losses.counted([entry for run in runs for entry in run.left_out], answers, unreachable),
        seconds=round(sum(answer.seconds for answer in answers), 3),
    )  # fmt: skip
    result = Result(
        about=about,
        measures=scores(evaluators, predictions, references),
        clips=[results.row(*together) for together in zip(cases, references, answers, predictions, strict=True)],
    )
    result.write(out)
    return result


def _runs(suite: Suite, asked: Request, models: Mapping[str, Path], out: Path, on_progress: OnCount) -> Iterator[Run]:
    """One pipeline over everything that is asked for, or each fold's model over its own test clips."""
    wanted = [(None, asked.spec, asked.choice)] if not models else [
        (fold, fold_models.with_model(asked.spec, model), replace(asked.choice, fold=fold))
        for fold, model in models.items()
    ]  # fmt: skip
    selections = [select(suite, choice) for _, _, choice in wanted]
    total, before = sum(len(selection.cases) for selection in selections), 0
    for (fold, spec, choice), chosen in zip(wanted, selections, strict=True):
        pipeline = spec.build()
        origin = provenance(pipeline)
        key = running.fingerprint(spec, origin)

        def advance(done: int, _: int, before: int = before) -> None:
            on_progress(before + done, total)

        elsewhere = None
        if asked.engine == "ray":
            from affekt_benchmark.runs import on_ray

            elsewhere = on_ray.elsewhere(spec, asked.workers, asked.address)
        answers = running.answer_all(pipeline, chosen.cases, out / "answers.jsonl", key, advance, elsewhere)
        learnt = training_overlap.learnt(pipeline)
        findings = training_overlap.findings(suite, choice.split or suite.split, learnt, chosen.samples)
        before += len(chosen.cases)
        yield Run(
            fold=fold, spec=spec, provenance=origin, cases=chosen.cases, answers=answers, left_out=chosen.left_out,
            folds=chosen.folds, findings=findings, trained_on=training_overlap.plain(learnt),
        )  # fmt: skip


def evaluator_options(
    suite: Suite, changes: Mapping[str, Mapping[str, Any]], *, fold: str | None = None, models: int = 0
) -> dict[str, dict[str, Any]]:
    """Evaluator → options: the suite's own, of UAR and WAR over folds for fold models, and what was asked for.

    Args:
        changes: evaluator → options that differ from the suite's, or a further evaluator.
        fold: that is measured alone.
        models: that are measured, each on a fold of its own.
    """
    options = {name: dict(own) for name, own in suite.evaluators.items()}
    if models and suite.vocabulary is not None:
        over_folds = {"folds": models, "vocabulary": vocabulary(suite.vocabulary).labels}
        options = {"dfew": {}, **options}
        options["dfew"] |= over_folds
    elif fold is not None and "dfew" in options:
        options["dfew"]["folds"] = 1
    for name, own in changes.items():
        options[name] = {**options.get(name, {}), **own}
    return options


def translation_of(suite: Suite, near: bool, cases: Sequence[Case]) -> Translation | None:
    """The translation to the labels of the suite, or of the clips themselves; None where labels are open."""
    if suite.own_labels:
        return Translation.of_labels(sorted({case.reference.label or "" for case in cases}))
    return Translation.of(suite.vocabulary, near) if suite.vocabulary else None


def translated(translation: Translation | None, answers: Sequence[Answer]) -> list[EmotionPrediction | None]:
    """The answers in the data set's labels, where it has labels of its own; None for a clip without an answer."""
    predictions = [answer.prediction for answer in answers]
    return [
        translation(prediction) if prediction is not None and translation is not None else prediction
        for prediction in predictions
    ]


def scores(
    evaluators: Mapping[str, Any], answers: Sequence[EmotionPrediction | None], references: Sequence[Reference]
) -> dict[str, dict[str, float]]:
    """Evaluator → measures, over the clips that were answered."""
    answered = [(answer, true) for answer, true in zip(answers, references, strict=True) if answer is not None]
    predictions, truth = [answer for answer, _ in answered], [true for _, true in answered]
    return {name: dict(evaluator.evaluate(predictions, truth)) for name, evaluator in evaluators.items()}


def described_data(suite: Suite, choice: Choice, runs: Sequence[Run]) -> dict[str, Any]:
    """Which clips were measured, for a result."""
    cases = [case for run in runs for case in run.cases]
    return {
        "reader": suite.dataset, "folder": str(choice.data or ""), "split": list(choice.split or suite.split),
        "protocol": choice.protocol, "fold": choice.fold, "limit": choice.limit, "seed": choice.seed,
        "clips": len(cases), "sha256": results.ids_hash(cases),
    }  # fmt: skip


def _absent_folds(runs: Sequence[Run]) -> Iterator[str]:
    """That folds have no model, where folds are measured by models of their own."""
    measured = [run.fold for run in runs if run.fold is not None]
    absent = [fold for fold in runs[0].folds if fold not in measured] if measured else []
    if absent:
        yield (
            f"{len(absent)} of {len(runs[0].folds)} folds have no model ({', '.join(absent)}): a mean over the others "
            "is comparable with no published one."
        )


def _folds(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """A row a fold that had a model of its own."""
    return [
        {"fold": run.fold, "pipeline": run.spec.model_dump(mode="json"), "clips": len(run.cases),
         "failed": sum(answer.prediction is None for answer in run.answers), "left_out": len(run.left_out),
         "held_out": bool(run.findings.held_out)}
        for run in runs if run.fold is not None
    ]  # fmt: skip


def described_runs(runs: Sequence[Run]) -> dict[str, Any]:
    """What a result says of the pipelines that answered: of the first one, and of every fold."""
    first = runs[0]
    return {
        "pipeline": first.spec.model_dump(mode="json"), "provenance": first.provenance, "trained_on": first.trained_on,
        "folds": _folds(runs), "warnings": [*_absent_folds(runs), *_tagged(runs, lambda run: run.findings.warnings)],
        "held_out": list(_tagged(runs, lambda run: run.findings.held_out)),
    }  # fmt: skip


def _tagged(runs: Sequence[Run], of_run: Callable[[Run], Sequence[str]]) -> Iterator[str]:
    """Lines about each run, with its fold where there are several."""
    for run in runs:
        for line in of_run(run):
            yield line if run.fold is None else f"Fold {run.fold}: {line}"


def described_evaluators(evaluators: Mapping[str, Any]) -> dict[str, Any]:
    """Options of each evaluator, and what it says must be the same for two results to be comparable."""
    described = {}
    for name, evaluator in evaluators.items():
        more = evaluator.describe() if callable(getattr(evaluator, "describe", None)) else {}
        described[name] = {"options": evaluator.model_dump(mode="json"), **more}
    return described


def _vocabulary(translation: Translation | None, answers: Sequence[Answer]) -> dict[str, Any] | None:
    if translation is None:
        return None
    emotions = tuple(dict.fromkeys(e for a in answers if a.prediction is not None for e in a.prediction.scores))
    reached = translation.reach(emotions)
    return {
        "labels": translation.labels,
        "answered_as": {label: next((w for w in translation.words[label] if w in emotions), None) for label in reached},
        "out_of_reach": [label for label in translation.labels if label not in reached],
        "near": translation.near,
    }


def parts_of(suite: Suite, asked: Request, out: Path, on_progress: OnCount) -> tuple[dict[str, Result], dict[str, str]]:
    """The parts of a suite made of several: those found below the folder, and why the others are absent.

    Writes `NAME.json` with their scores and the mean.

    Raises:
        BenchmarkError: none is there, or folds were asked for.
    """
    if asked.fold is not None or asked.models:
        raise BenchmarkError(f"{suite.name} has parts, and no folds over all of them", hint="the suite of one data set")
    done, absent = {}, {}
    for part in suite.parts:
        folders = [] if asked.data is None else [asked.data / part.folder, asked.data / part.short]
        folder = next((folder for folder in folders if folder.is_dir()), None)
        if folder is None:
            absent[part.short] = f'no folder "{folders[0]}"' if folders else "no --data FOLDER"
            continue
        options = {name: dict(asked.evaluators.get(name, {})) for name in part.evaluators}
        done[part.short] = measure(part, replace(asked, data=folder, evaluators=options), out / part.short, on_progress)
    if not done:
        raise BenchmarkError(f"{suite.name}: none of its data sets is there: {absent}", hint="--data FOLDER")
    about = results.describe(suite=suite.name, system=asked.system or asked.spec.name, **mean_of_parts(suite, done),
                             absent=absent)  # fmt: skip
    (out / f"{suite.name}.json").write_text(json.dumps(about, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return done, absent


def mean_of_parts(suite: Suite, done: Mapping[str, Result]) -> dict[str, Any]:
    """Each part's first headline measure, and their mean: the suite's score where no part is absent."""
    scores = {part.short: {"measure": part.headline[0], "value": estimate[0], "low": estimate[1], "high": estimate[2]}
              for part in suite.parts
              if part.short in done and (estimate := done[part.short].value(part.headline[0])) is not None}  # fmt: skip
    values = [float(score["value"]) for score in scores.values()]  # type: ignore[arg-type]
    return {
        "scores": scores, "mean": sum(values) / len(values) if values else None,
        "whole": len(values) == len(suite.parts),
    }  # fmt: skip
