"""`affekt bench speech`: speaks, listens to itself, and says with intervals how well that went."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from affekt import MissingDependency
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from affekt_benchmark.material.suites import BenchmarkError


def speech_command(
    pipeline: Annotated[str, typer.Option("--pipeline", "-p", help="Speaks and listens: a name or a file")] = "default",
    change: Annotated[list[str] | None, typer.Option("--set", help="Swap a slot or an option: speaker=clone")] = None,
    voice: Annotated[list[str] | None, typer.Option(help="A voice of the speaker's; repeatable")] = None,
    emotion: Annotated[list[str] | None, typer.Option(help="Repeatable; seven by default")] = None,
    intensities: Annotated[int, typer.Option(min=1, max=10, help="Steps up to 1")] = 3,
    sentences: Annotated[int, typer.Option(min=1, max=4, help="Neutral ones, in every cell")] = 2,
    fitting: Annotated[int, typer.Option(min=0, max=2, help="That fit an emotion, said until felt")] = 1,
    attempts: Annotated[int, typer.Option(min=1, help="Of the closed loop")] = 6,
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder of the result")] = Path("out/bench/speech"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False,
) -> None:
    """Measure a speaker: words, quality, likeness, prosody and whether the emotion is heard; with a page to listen to.

    A killed run goes on where it stopped.
    """
    try:
        from affekt_benchmark import results
        from affekt_benchmark.speech import listening, recognition, speaking, summary
    except ImportError as error:
        raise MissingDependency(f"{error}", hint='pip install "affekt-benchmark[speech]"') from error
    from affekt_cli.settings import read_spec

    from affekt_benchmark.speech.material import EMOTIONS

    if unknown := sorted(set(emotion or ()) - set(EMOTIONS)):
        names = ", ".join(EMOTIONS)
        raise BenchmarkError(f"there are no sentences for {', '.join(unknown)}", hint=f"--emotion, one of {names}")
    spec = read_spec(pipeline, change or ())
    asked = speaking.Asked(
        voices=tuple(voice or [None]),
        emotions=tuple(emotion or EMOTIONS),
        intensities=tuple((step + 1) / intensities for step in range(intensities)),
        sentences=sentences,
        fitting=fitting,
        attempts=attempts,
    )
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("speaking and listening", total=None)
        rows = speaking.run(spec, asked, out, lambda done, of: progress.update(bar, completed=done, total=of))
    figures = summary.figures(rows)
    document = {
        "about": results.describe(suite="speech", pipeline=spec.model_dump(mode="json"), asked=asdict(asked)),
        "measures": {name: asdict(figure) for name, figure in figures.items()},
        "heard": [asdict(hearing) for hearing in recognition.heard(rows)],
        "confusions": recognition.confusions(rows),
        "until_felt": None if (raised := recognition.raised(rows)) is None else asdict(raised),
        "cells": [{**asdict(cell), "monotone": cell.monotone} for cell in summary.cells(rows)],
    }
    speaking.write(out, document, rows)
    listening.write(rows, out / "listen.html", out)
    if as_json:
        typer.echo(json.dumps(document, indent=2))
        return
    console = Console()
    for table in _tables(rows, figures):
        console.print(table)
    console.print(f"written to {out}: speech.json, speech.parquet, listen.html")


def _tables(rows: list[dict[str, Any]], figures: dict[str, Any]) -> list[Table]:
    from affekt_benchmark.speech import summary

    first = Table("figure", "mean", "95 %", "of", title="Speech")
    for name, figure in figures.items():
        first.add_row(name, f"{figure.mean:.3f}", f"{figure.low:.3f} to {figure.high:.3f}", str(figure.count))
    measures = list(summary.MEASURED)
    short = ["bright" if name == "brightness" else name for name in measures]
    second = Table("emotion", "at", *short, "wrong", "MOS", "heard", title="Found, and below it asked", box=SIMPLE_HEAD,
                   padding=0, caption="at: intensity; wrong: share of words; MOS: DNSMOS")  # fmt: skip
    for emotion, intensity, means in summary.by_emotion(rows):
        moved = [
            f"{summary.shown(name, means[name])}\n[dim]{summary.shown(name, means[f'{name} asked'])}[/dim]"
            for name in measures
        ]
        second.add_row(
            emotion, f"{intensity:.2f}", *moved, f"{means['word_error_rate']:.1%}", f"{means['dnsmos']:.2f}",
            f"{means['felt']:.0%}",
        )  # fmt: skip
    third = Table("voice", "emotion", "measure", "found at each intensity", title="Cells that do not move as asked")
    for cell in summary.cells(rows):
        if not cell.monotone:
            third.add_row(
                cell.voice, cell.emotion, cell.measure,
                ", ".join(summary.shown(cell.measure, value) for value in cell.found),
            )  # fmt: skip
    return [first, *_hearing(rows), second, *([third] if third.rows else [])]


def _hearing(rows: list[dict[str, Any]]) -> list[Table]:
    from affekt_benchmark.speech import recognition

    first = Table(
        "listening", "at", "heard", "95 %", "of", "chance", "margin", "p",
        title="Emotion heard, neutral words", box=SIMPLE_HEAD, padding=0,
    )  # fmt: skip
    for hearing in recognition.heard(rows):
        at = "all" if hearing.intensity is None else f"{hearing.intensity:.2f}"
        first.add_row(
            hearing.way, at, f"{hearing.rate.mean:.3f}", f"{hearing.rate.low:.3f} to {hearing.rate.high:.3f}",
            str(hearing.rate.count),
            f"{hearing.chance:.3f}", f"{hearing.margin:+.3f}", f"{hearing.p:.1g}",
        )  # fmt: skip
    confusions = recognition.confusions(rows)
    answers = list(dict.fromkeys(["neutral", *confusions]))
    second = Table("meant", *answers, title="Heard beside its neutral", box=SIMPLE_HEAD, padding=0)
    for emotion, counts in confusions.items():
        second.add_row(emotion, *(str(counts[name] or "") for name in answers))
    third = Table("as meant", "share", "95 %", title="Until felt, neutral words", box=SIMPLE_HEAD, padding=0)
    if raised := recognition.raised(rows):
        steps = {"first attempt": raised.first, "until felt": raised.last, "raised by": raised.difference}
        for name, share in steps.items():
            third.add_row(name, f"{share.mean:.3f}", f"{share.low:.3f} to {share.high:.3f}")
        third.caption = (
            f"emotion and words; of {raised.first.count}, {raised.gained} gained, {raised.lost} lost, "
            f"p {raised.p:.1g} (sign test)"
        )
    return [table for table in (first, second, third) if table.rows]
