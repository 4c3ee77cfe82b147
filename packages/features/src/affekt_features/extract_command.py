"""`affekt extract`: features of a data set, computed once. The root command mounts it by entry point.

Exit codes: 0 every clip is done, 1 some failed or the store is full, 2 wrong usage, 3 the environment, 130 Ctrl-C.
"""

import json
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from affekt import PipelineSpec, SpecError, Use
from affekt_datasets import CATALOGUE
from affekt_datasets.commands import parsed
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from affekt_features.extraction import Engine, Estimate, Summary, extract
from affekt_features.job import Job, Outcome
from affekt_features.samples import samples_of
from affekt_features.store import DEFAULT

app = typer.Typer(help="Compute the features of a data set once, into a store; goes on where it was interrupted.")


@app.command()
def command(
    dataset: Annotated[str, typer.Argument(help="A data set's name, a folder of clips, or a .parquet table.")],
    data: Annotated[Path | None, typer.Option(help="Where the data set lies.")] = None,
    encoders: Annotated[str | None, typer.Option(help="Names, with commas between: hubert,videomae.")] = None,
    prepare: Annotated[str | None, typer.Option(help="Preparers to run before: face-track,whisper.")] = None,
    pipeline: Annotated[str | None, typer.Option(help="Take encoders and preparers of this pipeline.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="SLOT.OPTION=VALUE", help="An option of a component.")
    ] = None,
    reading: Annotated[
        list[str] | None, typer.Option("--read", metavar="KEY=VALUE", help="An option of the data set's reader.")
    ] = None,
    decoding: Annotated[
        list[str] | None, typer.Option("--decode", metavar="KEY=VALUE", help="Of decoding: fps=5, max_side=320.")
    ] = None,
    splits: Annotated[str | None, typer.Option(help="Only these splits, with commas between.")] = None,
    allow: Annotated[list[str] | None, typer.Option(help="Go on without clips that are … (missing, empty)")] = None,
    store: Annotated[str, typer.Option(help="A folder, or a URL such as s3://bucket/features.")] = DEFAULT,
    half: Annotated[str | None, typer.Option(help="Slots that are stored in half precision: eva.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes, or actors of Ray.")] = 1,
    batch: Annotated[int, typer.Option(min=1, help="Clips encoded together; a kill repeats at most one batch.")] = 1,
    limit: Annotated[int | None, typer.Option(min=1, help="Only so many clips.")] = None,
    engine: Annotated[str, typer.Option(help="local, or ray.")] = "local",
    address: Annotated[str | None, typer.Option(help="Of a running Ray cluster.")] = None,
    estimate: Annotated[bool, typer.Option("--estimate", help="Only say what it will cost.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")] = False,
) -> None:
    """Compute the features of a data set once, into a store; goes on where it was interrupted."""
    if engine == "here":
        warnings.warn("--engine here is called --engine local now", DeprecationWarning, stacklevel=2)
        engine = "local"
    if engine not in ("local", "ray"):
        raise typer.BadParameter(f'"{engine}" is neither local nor ray', param_hint="--engine")
    job = Job(
        store=store,
        decode=parsed(decoding),
        dataset=dataset if dataset in CATALOGUE else Path(dataset).stem,
        half=_words(half),
        batch_size=batch,
        **_components(encoders, prepare, pipeline, settings),
    )
    job.check()
    samples = samples_of(dataset, data, allow=allow or (), splits=_words(splits), options=parsed(reading))[:limit]
    with _progress(len(samples), as_json) as on_progress:
        kind: Engine = "ray" if engine == "ray" else "local"
        summary = extract(
            job, samples, workers=workers, engine=kind, address=address, on_progress=on_progress, only_estimate=estimate
        )
    if as_json:
        typer.echo(json.dumps(summary.to_dict(), ensure_ascii=False))
    else:
        _show(summary, estimate)
    if summary.failed:
        raise typer.Exit(1)


def _words(text: str | None) -> list[str]:
    return [word.strip() for word in (text or "").split(",") if word.strip()]


def _components(
    encoders: str | None, prepare: str | None, pipeline: str | None, settings: Sequence[str] | None
) -> dict[str, Any]:
    """Encoders and preparers by slot; a slot is named after its component unless a pipeline names it."""
    sections: dict[str, dict[str, Any]] = {"encoders": {}, "prepare": {}}
    if pipeline is not None:
        spec = PipelineSpec.read(pipeline).placed()
        sections = {"encoders": {s: u.model_dump() for s, u in spec.encoders.items()},
                    "prepare": {s: u.model_dump() for s, u in spec.prepare.items()}}  # fmt: skip
    sections["encoders"] |= {name: {"use": name} for name in _words(encoders)}
    sections["prepare"] |= {name: {"use": name} for name in _words(prepare)}
    for slot, option, value in _settings(settings):
        section = next((section for section in sections.values() if slot in section), None)
        if section is None:
            raise SpecError(f'--set {slot}.{option}: there is no slot "{slot}"', hint=", ".join(sections["encoders"]))
        section[slot][option] = value
    return {key: {slot: Use.model_validate(use) for slot, use in section.items()} for key, section in sections.items()}


def _settings(settings: Sequence[str] | None) -> Iterator[tuple[str, str, Any]]:
    for key, value in parsed(settings).items():
        slot, dot, option = key.partition(".")
        if not dot:
            raise SpecError(f'--set {key}: should be SLOT.OPTION=VALUE, such as "hubert.layer=3"')
        yield slot, option, value


@contextmanager
def _progress(clips: int, as_json: bool) -> Iterator[Any]:
    console = Console(stderr=True, highlight=False)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task, shown = progress.add_task("extracting", total=clips), False

        def on_progress(outcome: Outcome, estimate: Estimate | None) -> None:
            nonlocal shown
            progress.advance(task)
            if outcome.error is not None:
                console.print(f"[red]failed[/red] {escape(outcome.id)}: {escape(outcome.error)}", soft_wrap=True)
            if estimate is not None and not shown and estimate.clips:
                shown = True
                if not as_json:
                    console.print(escape(_costs(estimate)), soft_wrap=True)

        yield on_progress


def _costs(estimate: Estimate) -> str:
    free = f"; {_size(estimate.free)} are free" if estimate.free is not None else ""
    return f"{estimate.clips} more clips: about {_time(estimate.seconds)} and {_size(estimate.bytes)}{free}"


def _show(summary: Summary, only_estimate: bool) -> None:
    console = Console(highlight=False)
    if only_estimate:
        line = _costs(summary.estimate) if summary.estimate else "Everything is there, or too little to judge by."
        console.print(escape(line), soft_wrap=True)
        return
    line = (
        f"{summary.clips} clips in {_time(summary.seconds)}: {summary.computed} computed, {summary.reused} were there"
    )
    console.print(escape(f"{line}, {len(summary.failed)} failed; {_size(summary.written)} written"), soft_wrap=True)
    if summary.corrupt:
        console.print(f"{summary.corrupt} entries were corrupt and were computed again", style="yellow")
    for slot, reasons in summary.missing.items():
        for reason, count in reasons.most_common(3):
            console.print(escape(f"  {slot}: {count} clips without features: {reason}"), style="dim", soft_wrap=True)
    for failure in summary.failed[:10]:
        console.print(escape(f"  failed {failure['id']}: {failure['error']}"), style="red", soft_wrap=True)
    console.print(escape(f"In {summary.store}"), soft_wrap=True)


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _size(size: float) -> str:
    return f"{size / 1e6:.1f} MB" if size < 1e9 else f"{size / 1e9:.1f} GB"
