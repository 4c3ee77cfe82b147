"""`affekt bench all`."""

from pathlib import Path
from typing import Annotated

import typer
from affekt.suggestions import did_you_mean
from affekt_cli.exits import writing
from rich.console import Console

from affekt_benchmark.material.suites import BenchmarkError


def all_command(
    corpus: Annotated[list[str] | None, typer.Option("--corpus", "-c", help="Only these; several times")] = None,
    data: Annotated[
        list[str] | None, typer.Option(help="NAME=FOLDER of a corpus; else $AFFEKT_SHARED/data/NAME")
    ] = None,
    voice: Annotated[str | None, typer.Option(help="Encoder of voices", show_default="voice-statistics")] = None,
    face: Annotated[str | None, typer.Option(help="Encoder of faces", show_default="expression")] = None,
    words: Annotated[str | None, typer.Option(help="Encoder of words", show_default="minilm")] = None,
    limit: Annotated[int | None, typer.Option(min=4, help="Only so many clips a corpus, evenly over labels")] = None,
    seed: Annotated[int, typer.Option(help="Of folds and of the choice of clips")] = 0,
    store: Annotated[Path, typer.Option(help="Where features are kept, so that none is computed twice")] = Path(
        "out/features"
    ),
    out: Annotated[
        Path, typer.Option("-o", "--out", help="Folder of the results; goes on with what lies there")
    ] = Path("out/bench/all"),
    page: Annotated[Path | None, typer.Option(help="Write the page here as well")] = None,
    against: Annotated[
        Path | None, typer.Option(help="Folder of another run, whose figures are compared with these intervals")
    ] = None,
) -> None:
    """Measure every channel of every corpus by one protocol, in folds by person, and write a leaderboard."""
    from affekt_benchmark.corpora import leaderboard
    from affekt_benchmark.corpora.listed import CORPORA, ENCODERS, Channel
    from affekt_benchmark.reports import tables
    from affekt_benchmark.runs.progress import shown

    corpora = {entry.name: entry for entry in CORPORA}
    folders = {}
    for argument in data or ():
        name, equals, path = argument.partition("=")
        if not equals:
            raise BenchmarkError(f'"{argument}" should be NAME=FOLDER', hint="--data meld=~/data/MELD")
        folders[name] = Path(path).expanduser()
    for name in (*(corpus or ()), *folders):
        if name not in corpora:
            raise BenchmarkError(
                f'there is no corpus "{name}"{did_you_mean(name, corpora)}', hint=f"one of {', '.join(corpora)}"
            )
    given: dict[Channel, str | None] = {"voice": voice, "face": face, "words": words}
    asked = leaderboard.Request(
        corpora=[entry for entry in CORPORA if not corpus or entry.name in corpus], folders=folders, limit=limit,
        seed=seed, against=against,
        encoders={channel: given[channel] or default for channel, default in ENCODERS.items()},
    )  # fmt: skip
    board = leaderboard.run(asked, out, store, shown)
    console = Console()
    tables.show(console, board.tables)
    for name, why in board.absent.items():
        console.print(f"{name} was not measured: {why}", style="yellow", markup=False)
    if page is not None:
        with writing(page):
            page.write_text((out / "leaderboard.md").read_text(encoding="utf-8"), encoding="utf-8")
    console.print(f"written to {out}: leaderboard.md, leaderboard.tex, leaderboard.json", markup=False)
