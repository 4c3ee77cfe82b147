"""One system on one suite: cases, answers, translation, measures."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from affekt import EmotionPrediction, PipelineSpec, Reference, plugins
from affekt.provenance import provenance

from affekt_benchmark import results, running, training
from affekt_benchmark.cases import cases
from affekt_benchmark.results import Result
from affekt_benchmark.suites import BenchmarkError, Suite
from affekt_benchmark.translation import Translation, argued

CROSS_VALIDATED = ("ravdess", "emodb", "polish")
"""Corpora that `affekt heads evaluate --cross-validate` knows."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked for on the command line."""

    spec: PipelineSpec
    data: Path | None = None
    split: tuple[str, ...] = ()
    limit: int | None = None
    seed: int = 0
    near: bool = False
    system: str = ""
    evaluators: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Evaluator → options that differ from the suite's, or a further evaluator."""


def measure(suite: Suite, asked: Request, out: Path, told: running.Told) -> Result:
    """Runs the pipeline over the suite, or over what is left of an interrupted run, and writes the result.

    Raises:
        AffektError: the data, the pipeline or an evaluator's options are wrong; or nothing could be answered.
    """
    evaluators = {name: {**suite.evaluators.get(name, {}), **asked.evaluators.get(name, {})}
                  for name in (*suite.evaluators, *asked.evaluators)}  # fmt: skip
    made = {name: plugins().create("evaluator", name, **options) for name, options in evaluators.items()}
    pipeline = asked.spec.build()
    found = cases(suite, asked.data, asked.split, asked.limit, asked.seed)
    origin = provenance(pipeline)
    key = running.fingerprint(asked.spec, origin)
    answers = running.answer_all(pipeline, found, out / "answers.jsonl", key, told)
    if all(answer.prediction is None for answer in answers):
        raise BenchmarkError(f"none of {len(found)} clips could be answered; the first: {answers[0].failure}")
    translation = Translation.of(suite.vocabulary, asked.near) if suite.vocabulary else None
    said = [None if a.prediction is None else translation(a.prediction) if translation else a.prediction
            for a in answers]  # fmt: skip
    answered = [one for one in said if one is not None]
    references = [case.reference for case in found]
    if suite.dataset == "arguments":
        references = argued(references, answered)
    stated = training.trained_on(pipeline)
    split = asked.split or suite.split
    about = results.describe(
        suite=suite.name, tests_on=f"{suite.dataset} {', '.join(split)}".strip(), note=suite.note,
        system=asked.system or asked.spec.name, pipeline=asked.spec.model_dump(mode="json"), provenance=origin,
        data={"reader": suite.dataset, "options": dict(suite.reading), "folder": str(asked.data or ""),
              "limit": asked.limit, "seed": asked.seed, "clips": len(found), "sha256": results.ids_hash(found)},
        vocabulary=_vocabulary(translation, answers), evaluators=_described(made),
        trained_on=stated,
        warnings=list(training.warnings(suite, tuple(split), stated, suite.dataset in CROSS_VALIDATED)),
        failed=sum(answer.prediction is None for answer in answers),
        abstained=sum(one.abstained is not None for one in answered),
        seconds=round(sum(answer.seconds for answer in answers), 3),
    )  # fmt: skip
    result = Result(
        about=about,
        measures=scores(made, said, references),
        clips=[results.row(*together) for together in zip(found, references, answers, said, strict=True)],
    )
    result.write(out)
    return result


def scores(
    evaluators: Mapping[str, Any], said: Sequence[EmotionPrediction | None], references: Sequence[Reference]
) -> dict[str, dict[str, float]]:
    """Evaluator → measures, over the clips that were answered."""
    answered = [(one, true) for one, true in zip(said, references, strict=True) if one is not None]
    predictions, truth = [one for one, _ in answered], [true for _, true in answered]
    return {name: dict(made.evaluate(predictions, truth)) for name, made in evaluators.items()}


def _described(evaluators: Mapping[str, Any]) -> dict[str, Any]:
    """Options of each evaluator, and what it says must be the same for two results to be comparable."""
    told = {}
    for name, made in evaluators.items():
        more = made.describe() if callable(getattr(made, "describe", None)) else {}
        told[name] = {"options": made.model_dump(mode="json"), **more}
    return told


def _vocabulary(translation: Translation | None, answers: Sequence[running.Answer]) -> dict[str, Any] | None:
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


def parts_of(suite: Suite, asked: Request, out: Path, told: running.Told) -> tuple[dict[str, Result], dict[str, str]]:
    """The parts of a suite made of several: those found below the folder, and why the others are absent.

    Writes `NAME.json` with their scores and the mean.

    Raises:
        BenchmarkError: none is there.
    """
    done, absent = {}, {}
    for part in suite.parts:
        folders = [] if asked.data is None else [asked.data / part.folder, asked.data / part.short]
        folder = next((folder for folder in folders if folder.is_dir()), None)
        if folder is None:
            absent[part.short] = f'no folder "{folders[0]}"' if folders else "no --data FOLDER"
            continue
        options = {name: dict(asked.evaluators.get(name, {})) for name in part.evaluators}
        done[part.short] = measure(part, replace(asked, data=folder, evaluators=options), out / part.short, told)
    if not done:
        raise BenchmarkError(f"{suite.name}: none of its data sets is there: {absent}", hint="--data FOLDER")
    whole = results.describe(suite=suite.name, system=asked.system or asked.spec.name, **mean_of_parts(suite, done),
                             absent=absent)  # fmt: skip
    (out / f"{suite.name}.json").write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return done, absent


def mean_of_parts(suite: Suite, done: Mapping[str, Result]) -> dict[str, Any]:
    """Each part's first headline measure, and their mean: the suite's score where no part is absent."""
    scores = {part.short: {"measure": part.headline[0], "value": found[0], "low": found[1], "high": found[2]}
              for part in suite.parts
              if part.short in done and (found := done[part.short].value(part.headline[0])) is not None}  # fmt: skip
    values = [float(score["value"]) for score in scores.values()]  # type: ignore[arg-type]
    return {
        "scores": scores, "mean": sum(values) / len(values) if values else None,
        "whole": len(values) == len(suite.parts),
    }  # fmt: skip
