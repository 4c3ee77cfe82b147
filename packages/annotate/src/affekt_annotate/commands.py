"""`affekt annotate`: a folder of clips into MERR-like descriptions. The root command mounts it by entry point.

Exit codes: 0 every clip is annotated, 1 some failed, 2 wrong usage, 3 the environment, 130 Ctrl-C.
"""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from typer.core import TyperGroup

from affekt_annotate.config import read as read_config


class FolderFirst(TyperGroup):
    """`affekt annotate FOLDER` is short for `affekt annotate run FOLDER`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Puts `run` before a folder, unless the first word is a command."""
        if args and args[0] not in self.commands and args[0] not in ("--help", "--install-completion"):
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=FolderFirst, no_args_is_help=True, help="Turn clips into MERR-like emotion descriptions that can be checked."
)
Config = Annotated[Path | None, typer.Option("--config", help="A YAML file; the page of the docs lists its keys.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


@app.command()
def run(
    folder: Annotated[str, typer.Argument(help="A folder of clips, a data set's name, or a .parquet table.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The folder to write.")],
    labels: Annotated[
        Path | None, typer.Option(help="CSV with file_name, label and perhaps speaker, licence, consent.")
    ] = None,
    config: Config = None,
    engine: Annotated[str, typer.Option(help="local, or ray.")] = "local",
    workers: Annotated[int, typer.Option(min=1, help="Actors of Ray.")] = 1,
    address: Annotated[str | None, typer.Option(help="Of a running Ray cluster.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only so many clips.")] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Only say what would be done anew, and why.")] = False,
    as_json: AsJson = False,
) -> None:
    """Annotate every clip of a folder; goes on where it was interrupted."""
    from affekt_annotate.running import Engine, annotate
    from affekt_annotate.running import plan as plan_of
    from affekt_annotate.samples import samples_in

    if engine not in ("local", "ray"):
        raise typer.BadParameter(f'"{engine}" is neither local nor ray', param_hint="--engine")
    settings = read_config(config)
    samples = samples_in(folder, labels)[:limit]
    if plan:
        _show_plan(plan_of(settings, samples, out), len(samples), as_json)
        return
    with _progress(len(samples), as_json) as on_progress:
        kind: Engine = "ray" if engine == "ray" else "local"
        summary = annotate(
            settings, samples, out, engine=kind, workers=workers, address=address, on_progress=on_progress
        )
    if as_json:
        typer.echo(json.dumps(summary.to_dict(), ensure_ascii=False))
    else:
        _show(summary)
    if summary.errors or summary.failures:
        raise typer.Exit(1)


@contextmanager
def _progress(clips: int, as_json: bool) -> Iterator[Any]:
    console = Console(stderr=True, highlight=False)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task, done = progress.add_task("annotating", total=clips), 0

        def on_progress(outcome: Any, estimate: Any) -> None:
            nonlocal done
            progress.advance(task)
            done += 1
            if outcome.error:
                console.print(f"[red]failed[/red] {escape(outcome.name)}: {escape(outcome.error)}", soft_wrap=True)
            # Weights load with the first clip, so the second gives the first estimate; a log has no bar, but ten lines.
            due = done == 2 or (not console.is_terminal and done * 10 // clips > (done - 1) * 10 // clips)
            if due and estimate is not None and estimate.clips and not as_json:
                console.print(f"{estimate.clips} more clips: about {estimate.seconds / 60:.1f} min", soft_wrap=True)

        yield on_progress


def _show(summary: Any) -> None:
    console = Console(highlight=False)
    console.print(
        escape(
            f"{summary.clips} clips in {summary.seconds / 60:.1f} min: {summary.exported} items exported, "
            f"{len(summary.errors)} clips failed"
        ),
        soft_wrap=True,
    )
    console.print(f"{summary.memory / 1e9:.2f} GB of memory at most, with the processes that decode", soft_wrap=True)
    cut = sum(summary.cut.values())
    console.print(f"{summary.sentences} sentences were written, {cut} of them cut", soft_wrap=True)
    for title, counts in (("cut", summary.cut), ("dropped", summary.dropped), ("failed", summary.failures)):
        for name, count in counts.items():
            console.print(escape(f"  {title} {name}: {count}"), style="dim", soft_wrap=True)
    if summary.failures:
        console.print("The same command again tries the failed steps once more.", soft_wrap=True)
    console.print(escape(f"In {summary.out}"), soft_wrap=True)


def _show_plan(plan: dict[str, dict[str, str]], clips: int, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(plan, ensure_ascii=False))
        return
    console = Console(highlight=False)
    counts = Counter((step, why) for steps in plan.values() for step, why in steps.items())
    console.print(f"{clips - len(plan)} of {clips} clips are as they would be; of the others would be done anew:")
    for (step, why), count in counts.items():
        console.print(escape(f"  {step}: {count} clips: {why}"), soft_wrap=True)


@app.command()
def cost(
    folder: Annotated[str, typer.Argument(help="A folder of clips, a data set's name, or a .parquet table.")],
    clips: Annotated[int, typer.Option(min=2, help="How many; the models load with the first.")] = 4,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Measure what annotation costs: minutes a clip and memory, on a few clips."""
    from affekt_annotate.cost import of_annotation
    from affekt_annotate.samples import samples_in

    annotation_cost = of_annotation(read_config(config), samples_in(folder, None)[:clips])
    if as_json:
        plain = {
            "minutes_a_clip": annotation_cost.minutes_a_clip,
            "real_time_factor": annotation_cost.real_time_factor,
            **annotation_cost.__dict__,
        }
        typer.echo(json.dumps(plain))
        return
    typer.echo(f"first clip, models loaded on the way: {annotation_cost.first:.1f} s")
    typer.echo(
        f"each of {len(annotation_cost.warm)} further clips: {annotation_cost.minutes_a_clip:.3f} min (median), "
        f"{annotation_cost.real_time_factor:.2f} times its length, "
        f"{median(annotation_cost.processor):.1f} s of the processor"
    )
    typer.echo(f"memory at most, with the processes that decode: {annotation_cost.memory / 1e9:.2f} GB")


@app.command()
def merr(
    folder: Annotated[Path, typer.Argument(help="The folder with MERR_fine_grained.json.")],
    draws: Annotated[int, typer.Option(min=0, help="Bootstrap draws of the intervals.")] = 1000,
    as_json: AsJson = False,
) -> None:
    """Measure the action-unit rule and the coarse text against MERR's own annotations."""
    from affekt_metrics.intervals import Intervals

    from affekt_annotate.agreement_with_merr import coarse_agreement, entries, rule_agreement

    annotations, intervals = entries(folder), Intervals(draws=draws)
    rules = [
        rule_agreement(annotations, units, least_share=share, while_talking=talking, intervals=intervals)
        for units in ("AU_list", "peak_AU_list")
        for share in (0.01, 0.5)
        for talking in (True, False)
    ]
    overlap = coarse_agreement(annotations, intervals)
    if as_json:
        typer.echo(json.dumps({"rule": [asdict(rule) for rule in rules], "coarse": overlap}, ensure_ascii=False))
        return
    console = Console(highlight=False)
    for rule in rules:
        least = "any" if rule.least_share < 0.1 else f"{rule.least_share:.0%}"
        doubt = "" if rule.while_talking else ", AU25 alone left out"
        console.print(f"Rule on {rule.units}, {least} of an emotion's units present{doubt}", soft_wrap=True)
        _show_agreement(console, rule.labels)
    console.print("Coarse text against smp_reason_caption (EMER proxy)")
    for measure in ("clue", "clue:precision", "clue:recall", "label"):
        console.print(f"  {measure}: {_bounded(overlap, measure)}")


@app.command()
def labels(
    folder: Annotated[Path, typer.Argument(help="The folder that `affekt annotate -o` wrote.")],
    draws: Annotated[int, typer.Option(min=0, help="Bootstrap draws of the intervals, by speaker.")] = 1000,
    as_json: AsJson = False,
) -> None:
    """Measure the action-unit rule and the recogniser against the labels that were given."""
    from affekt_metrics.intervals import Intervals

    from affekt_annotate.label_agreement import of_annotations
    from affekt_annotate.review.decisions import Decisions

    compared = of_annotations(list(Decisions(folder).annotations.values()), Intervals(draws=draws))
    if as_json:
        typer.echo(json.dumps({source: asdict(agreement) for source, agreement in compared.items()}))
        return
    console = Console(highlight=False)
    for source, agreement in compared.items():
        console.print(source.capitalize())
        _show_agreement(console, agreement)


def _show_agreement(console: Console, labels: Any) -> None:
    console.print(f"  {labels.named} of {labels.clips} clips named", soft_wrap=True)
    for title, share in (("all", labels.agreement), ("without neutral", labels.agreement_without_neutral)):
        console.print(f"  agreement, {title}: {_bounded(share, 'accuracy') if share else 'no such clip'}")
    for label, row in labels.confusion.items():
        console.print(
            f"  {label}: {', '.join(f'{predicted} {count}' for predicted, count in row.items())}", soft_wrap=True
        )


def _bounded(measures: Any, name: str) -> str:
    low, high = measures.get(f"{name}.low"), measures.get(f"{name}.high")
    return f"{measures[name]:.3f}" + (f" ({low:.3f} to {high:.3f})" if low is not None and high is not None else "")


@app.command()
def review(
    folder: Annotated[Path, typer.Argument(help="The folder that `affekt annotate -o` wrote.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 0,
    agreement: Annotated[bool, typer.Option("--agreement", help="Only print how far reviewers agree.")] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Write what was decided into MERR_fine_grained.json.")] = False,
    as_json: AsJson = False,
) -> None:
    """Serve one local page on which people accept, edit or reject sentences."""
    from affekt_annotate.review.decisions import Decisions

    if agreement:
        measures = Decisions(folder).agreement()
        typer.echo(json.dumps(measures, ensure_ascii=False) if as_json else _agreement(measures))
        return
    if apply:
        typer.echo(f"{Decisions(folder).apply()} descriptions changed in {folder / 'MERR_fine_grained.json'}")
        return
    try:
        from affekt_annotate.review.server import serve
    except ImportError as error:
        from affekt import MissingDependency

        raise MissingDependency(
            f"the review page needs starlette and uvicorn: {error}", hint='pip install "affekt-annotate[review]"'
        ) from error
    serve(folder, port=port, on_ready=lambda address: typer.echo(f"Open {address} (Ctrl-C ends it)"))


def _agreement(measures: Any) -> str:
    head = f"{len(measures['reviewers'])} reviewers, {measures['sentences']} sentences, {measures['disputed']} disputed"
    if "alpha_raters" not in measures:
        return f"{head}\nalpha: {measures['status']}"
    return f"{head}\nalpha: {_bounded(measures, 'alpha_raters')}"


@app.command()
def score(
    folder: Annotated[Path, typer.Argument(help="The folder that `affekt annotate -o` wrote.")],
    clip: Annotated[str | None, typer.Option(help="CLIP, a folder or a hub name: picture against text.")] = None,
    clap: Annotated[str | None, typer.Option(help="CLAP, likewise: sound against text.")] = None,
    nli: Annotated[str | None, typer.Option(help="A model trained on MNLI, likewise: text against its clues.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print a score card without references, and write it as score_card.csv."""
    from affekt_annotate.review.decisions import Decisions
    from affekt_annotate.score_card import write
    from affekt_annotate.score_models import ScoreModels

    annotations = list(Decisions(folder).annotations.values())
    media = {path.stem: path for path in (folder / "video").glob("*")}
    measures = write(annotations, folder / "score_card.csv", ScoreModels(clip=clip, clap=clap, nli=nli), media)
    if as_json:
        rows = {name: {"mean": mean, "clips": clips, "absent": why} for name, (mean, clips, why) in measures.items()}
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for name, (mean, clips, why) in measures.items():
        value = "absent" if mean is None else f"{mean:.3f} over {clips} clips"
        typer.echo(f"{name:<18}{value}{f' ({why})' if why else ''}")
