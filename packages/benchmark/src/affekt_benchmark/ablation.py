"""`affekt ablate`: variants on the same clips, each held to the first, with paired intervals."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from affekt import AffektError, EmotionPrediction, plugins
from affekt.provenance import provenance
from affekt_metrics.comparison import Comparison, compare

from affekt_benchmark import measuring, results, running, training
from affekt_benchmark.cases import Case, cases
from affekt_benchmark.plan import Plan, Probe, Variant
from affekt_benchmark.probing import Decoded, probe
from affekt_benchmark.results import Result
from affekt_benchmark.running import Answer, Told
from affekt_benchmark.suites import BenchmarkError, Suite, find
from affekt_benchmark.translation import Translation


@dataclass(frozen=True, kw_only=True)
class Row:
    """A variant's figure, and how it differs from the first variant's."""

    name: str
    value: float
    low: float | None
    high: float | None
    against_first: Comparison | None
    """None of the first."""
    seconds: float
    warnings: tuple[str, ...]


def ablate(plan: Plan, data: Path | None, out: Path, store: Path, told: Told) -> tuple[list[Row], dict[str, str]]:
    """Runs every variant and writes a result each, and `ablation.json`.

    Returns the rows, and why other variants have none: one whose weights cannot be had does not stop the others.

    Raises:
        AffektError: the data cannot be read, or the first variant cannot be run, or none but the first.
    """
    suite = find(plan.suite)
    found = cases(suite, data, (), plan.limit, plan.seed)
    evaluator = plugins().create("evaluator", plan.evaluator)
    truth = [case.reference for case in found]
    rows: list[Row] = []
    absent: dict[str, str] = {}
    decoded = Decoded()
    first: Sequence[EmotionPrediction] = ()
    for number, (name, variant) in enumerate(plan.variants.items()):
        begin = time.perf_counter()

        def together(done: int, total: int, before: int = number) -> None:
            told(before * total + done, len(plan.variants) * total)

        try:
            said, about = _answers(suite, plan, variant, found, out / _slug(name), store, decoded, together)
        except Exception as error:
            if first and isinstance(error, AffektError) and len(absent) + 2 < len(plan.variants):
                absent[name] = error.message
                continue
            error.add_note(f'in the variant "{name}"')
            raise
        result = _result(suite, plan, name, found, said, about)
        result.write(out / _slug(name))
        value = result.value(plan.measure)
        if value is None:
            raise BenchmarkError(
                f'{plan.evaluator} has no measure "{plan.measure}"', hint=f"{sorted(result.measures[plan.evaluator])}"
            )
        against = compare(evaluator, first, said, truth)[plan.measure] if first else None
        first = first or said
        seconds, warned = time.perf_counter() - begin, tuple(about["warnings"])
        rows.append(
            Row(name=name, value=value[0], low=value[1], high=value[2], against_first=against, seconds=seconds,
                warnings=warned)
        )  # fmt: skip
    whole = results.describe(plan=plan.model_dump(mode="json"), rows=[asdict(row) for row in rows], absent=absent,
                             data={"clips": len(found), "sha256": results.ids_hash(found)})  # fmt: skip
    (out / "ablation.json").write_text(json.dumps(whole, indent=2, ensure_ascii=False, default=str) + "\n")
    return rows, absent


def _answers(
    suite: Suite,
    plan: Plan,
    variant: Variant,
    found: Sequence[Case],
    out: Path,
    store: Path,
    decoded: Decoded,
    told: Told,
) -> tuple[list[EmotionPrediction], dict[str, Any]]:
    translation = Translation.of(suite.vocabulary or "", near=False)
    if (asked := variant.as_probe()) is not None:
        said = probe(asked, found, translation.labels, plan.folds, store, decoded, told)
        return said, {"warnings": [], "trained_on": {}, "provenance": _described(asked), "folds": plan.folds}
    spec = variant.as_pipeline()
    pipeline = spec.build()
    origin = provenance(pipeline)
    answers = running.answer_all(pipeline, found, out / "answers.jsonl", running.fingerprint(spec, origin), told)
    failed = [answer.failure for answer in answers if answer.prediction is None]
    if failed:
        # Pairs need an answer of every variant to every clip.
        raise BenchmarkError(f"{len(failed)} of {len(answers)} clips were not answered: {failed[0]}")
    stated = training.trained_on(pipeline)
    warned = list(training.warnings(suite, suite.split, stated, suite.name in measuring.CROSS_VALIDATED))
    about = {"warnings": warned, "trained_on": stated, "provenance": origin, "pipeline": spec.model_dump(mode="json")}
    return [translation(answer.prediction) for answer in answers if answer.prediction is not None], about


def _described(asked: Probe) -> Mapping[str, Any]:
    return {"probe": asked.model_dump(mode="json")}


def _result(
    suite: Suite, plan: Plan, name: str, found: Sequence[Case], said: Sequence[EmotionPrediction], about: dict[str, Any]
) -> Result:
    evaluators = {kind: plugins().create("evaluator", kind, **suite.evaluators.get(kind, {}))
                  for kind in dict.fromkeys((plan.evaluator, *suite.evaluators))}  # fmt: skip
    truth = [case.reference for case in found]
    answers = [Answer(prediction=one, seconds=0.0) for one in said]
    described = results.describe(
        suite=suite.name, tests_on=suite.tests_on, note=plan.about, system=name,
        data={"reader": suite.dataset, "limit": plan.limit, "seed": plan.seed, "clips": len(found),
              "sha256": results.ids_hash(found)},
        vocabulary=None, evaluators={}, failed=0, abstained=sum(one.abstained is not None for one in said), seconds=0.0,
        **about,
    )  # fmt: skip
    return Result(
        about=described,
        measures=measuring.scores(evaluators, said, truth),
        clips=[results.row(case, case.reference, answer, one)
               for case, answer, one in zip(found, answers, said, strict=True)],
    )  # fmt: skip


def _slug(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name.lower()).strip("-")
