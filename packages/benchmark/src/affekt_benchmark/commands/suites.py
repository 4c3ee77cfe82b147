"""`affekt bench SUITE`: a command a suite."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import yaml
from affekt import PipelineSpec
from affekt.suggestions import did_you_mean
from affekt_datasets import Protocol
from affekt_datasets.protocols import NAMED
from rich.console import Console

from affekt_benchmark.material.suites import SUITES, BenchmarkError, Suite

if TYPE_CHECKING:
    from affekt_benchmark.runs.measuring import Engine


def add(app: typer.Typer) -> None:
    """Adds a command for every suite."""
    for suite in SUITES.values():
        app.command(suite.name, help=_help(suite))(_command(suite))


def _help(suite: Suite) -> str:
    parts = ", ".join(part.short for part in suite.parts)
    what = f"{parts}, and their mean" if parts else f"{suite.tests_on}: {', '.join(suite.evaluators)}"
    return f"Measure a pipeline on {what}. {suite.note}"


def _command(suite: Suite) -> Callable[..., None]:
    def bench_suite(
        pipeline: Annotated[str, typer.Option("--pipeline", "-p", help="A pipeline's name or file")] = "default",
        change: Annotated[
            list[str] | None, typer.Option("--set", help="Swap a slot or an option: speech.layers=[2]")
        ] = None,
        data: Annotated[Path | None, typer.Option(help="The data set; else $AFFEKT_SHARED/data/NAME")] = None,
        split: Annotated[list[str] | None, typer.Option(help="Part of the data set, instead of the suite's")] = None,
        fold: Annotated[str | None, typer.Option(help="Only the test clips of one fold: 1, or who is left out")] = None,
        models: Annotated[
            list[str] | None,
            typer.Option(help="A trained model a fold, measured on the fold it left out: runs/fold-*, or 1=FOLDER"),
        ] = None,
        more_models: Annotated[list[str] | None, typer.Argument(hidden=True, metavar="[MODEL]...")] = None,
        protocol: Annotated[
            str, typer.Option(help=f"Of the folds: {', '.join(NAMED)}, or a number of folds of speakers")
        ] = "official",
        limit: Annotated[int | None, typer.Option(min=1, help="Only so many clips, evenly over labels")] = None,
        seed: Annotated[int, typer.Option(help="Of the choice of clips")] = 0,
        evaluator: Annotated[
            list[str] | None,
            typer.Option("--evaluator", "-e", help="Add one, or set an option: calibration.bins=10"),
        ] = None,
        wheels: Annotated[Path | None, typer.Option(help="Folder of the official emotion wheels")] = None,
        judge: Annotated[str | None, typer.Option(help="A language model of this machine that rates EMER")] = None,
        near: Annotated[
            bool, typer.Option("--near", help="Answer labels that the pipeline lacks by a neighbouring emotion")
        ] = False,
        engine: Annotated[str, typer.Option(help="local, or ray")] = "local",
        workers: Annotated[int, typer.Option(min=1, help="Actors of Ray, a pipeline each")] = 1,
        address: Annotated[str | None, typer.Option(help="Of a running Ray cluster")] = None,
        out: Annotated[Path | None, typer.Option("-o", "--out", help="Folder of the result")] = None,
        name: Annotated[str, typer.Option(help="Of the system, in tables and reports")] = "",
    ) -> None:
        from affekt_benchmark.reports import showing
        from affekt_benchmark.runs import measuring
        from affekt_benchmark.runs.progress import shown

        spec = pipeline_with(pipeline, change or [])
        options = _evaluators(suite, evaluator or [], wheels, judge)
        asked = measuring.Request(
            spec=spec, data=data, split=tuple(split or ()), protocol=protocol_of(protocol), fold=fold,
            models=_models(models or [], more_models or [], fold), limit=limit, seed=seed, near=near,
            evaluators=options, system=name, engine=engine_of(engine), workers=workers, address=address,
        )  # fmt: skip
        folder = out or Path("out") / "bench" / f"{suite.name}-{name or spec.name}"
        console = Console()
        with shown(f"{suite.name}: {spec.name}") as on_progress:
            if suite.parts:
                done, absent = measuring.parts_of(suite, asked, folder, on_progress)
            else:
                done, absent = {suite.name: measuring.measure(suite, asked, folder, on_progress)}, {}
        for part, result in done.items():
            own = next((candidate for candidate in suite.parts if candidate.short == part), suite)
            showing.show(console, result, own.headline)
        if suite.parts:
            showing.show_mean(console, suite, measuring.mean_of_parts(suite, done), absent)
        drawn = folder / next(iter(done)) if suite.parts else folder
        console.print(f"written to {folder}; `affekt report {drawn}` draws it")

    return bench_suite


def engine_of(written: str) -> "Engine":
    """The engine of this name.

    Raises:
        typer.BadParameter: there is none.
    """
    if written == "ray":
        return "ray"
    if written != "local":
        raise typer.BadParameter(f'"{written}" is neither local nor ray', param_hint="--engine")
    return "local"


def _models(first: list[str], more: list[str], fold: str | None) -> tuple[str, ...]:
    """`--models runs/fold-*`: the shell makes arguments of all but the first."""
    if more and not first:
        raise BenchmarkError(f'"{more[0]}" is no option', hint="--models MODEL, --pipeline PIPELINE or --data FOLDER")
    if first and fold is not None:
        raise BenchmarkError("--models measures every fold, --fold one", hint="--pipeline with the model, or no --fold")
    return (*first, *more)


def protocol_of(written: str | int) -> Protocol:
    """A protocol of cross-validation, as it is written on the command line or in a plan.

    Raises:
        BenchmarkError: there is none of this name.
    """
    if str(written).isdigit():
        return int(written)
    protocol = next((name for name in NAMED if name == written), None)
    if protocol is None:
        raise BenchmarkError(
            f'there is no protocol "{written}"{did_you_mean(str(written), NAMED)}',
            hint=f"one of {', '.join(NAMED)}, or a number of folds of speakers",
        )
    return protocol


def pipeline_with(pipeline: str, changes: list[str]) -> PipelineSpec:
    """A pipeline by name or file, with the changes `KEY=VALUE` of the command line.

    Raises:
        AffektError: there is no such pipeline, or it has no such part or option.
    """
    spec = PipelineSpec.read(pipeline)
    return spec.swap(**dict(map(assignment, changes))) if changes else spec


def assignment(written: str) -> tuple[str, Any]:
    """The key and the value of `KEY=VALUE` on the command line."""
    key, equals, value = written.partition("=")
    if not equals or not key:
        raise BenchmarkError(f'"{written}" should be KEY=VALUE', hint="--set speech.layers=[2]")
    try:
        return key, yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise BenchmarkError(f'the value of "{written}" is not YAML: {error}') from error


def evaluator_changes(written: list[str]) -> dict[str, dict[str, Any]]:
    """Evaluator → the options that `NAME` and `NAME.OPTION=VALUE` ask for."""
    options: dict[str, dict[str, Any]] = {}
    for argument in written:
        name, dot, option = argument.partition(".")
        chosen = options.setdefault(name, {})
        if dot:
            key, value = assignment(option)
            chosen[key] = value
    return options


def _evaluators(suite: Suite, written: list[str], wheels: Path | None, judge: str | None) -> dict[str, dict[str, Any]]:
    options = evaluator_changes(written)
    if judge is not None:
        options.setdefault("emer", {})["model"] = judge
    if wheels is not None:
        asked = (*suite.evaluators, *options, *(name for part in suite.parts for name in part.evaluators))
        read = [name for name in dict.fromkeys(asked) if name in ("emotion-wheel", "hit-rate", "emer-proxy")]
        for name in read or ["emotion-wheel"]:
            options.setdefault(name, {})["wheels"] = str(wheels)
    return options
