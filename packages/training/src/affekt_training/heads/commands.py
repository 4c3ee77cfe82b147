"""`affekt heads`: measure the heads, and train them anew."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, cast

import typer
from affekt import MissingDependency, OptionsError
from rich.console import Console
from rich.table import Table

from affekt_training.cache import default_cache
from affekt_training.heads.scored import Scored, summary

app = typer.Typer(help="Measure the heads of affekt-heads, and train them anew.", no_args_is_help=True)


class CorpusName(StrEnum):
    """What can be measured on."""

    RAVDESS = "ravdess"
    EMODB = "emodb"
    NEMO = "nemo"
    ASED = "ased"
    JAVANESE = "javanese_voice"
    URDU = "urdu"
    EMOGATOR = "emogator"
    FER2013 = "fer2013"
    MELD = "meld"
    GOEMOTIONS = "goemotions"


class HeadName(StrEnum):
    """What can be trained here; the face's network is trained in affekt-face."""

    VOICE = "voice"
    WORDS = "words"


@contextmanager
def needs_more() -> Iterator[None]:
    """Says what to install where a library of the extra `heads` is missing."""
    try:
        yield
    except ImportError as error:
        raise MissingDependency(
            f"measuring and training heads needs more than using them: {error}",
            hint='pip install "affekt-training[heads]"',
        ) from error


@app.command()
def evaluate(
    corpus: Annotated[CorpusName, typer.Argument(help="The data set")],
    data: Annotated[Path | None, typer.Option(help="Its folder; else $AFFEKT_SHARED/data/CORPUS")] = None,
    cross_validate: Annotated[
        bool, typer.Option("--cross-validate/--shipped", help="Train anew without each fold, or ask the shipped head")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False,
) -> None:
    """UAR, accuracy and calibration error of a head, with 95 % intervals that draw speakers, not clips."""
    if corpus is CorpusName.GOEMOTIONS:
        _goemotions(data, cross_validate, as_json)
        return
    with needs_more():
        from affekt_training.heads import evaluation
    console = Console(stderr=True)
    with console.status(f"measuring on {corpus.value}"):
        measured = cast("evaluation.Corpus", corpus.value)
        scored = evaluation.evaluate(measured, data, cross_validate, default_cache())
    summaries = {name: summary(result) for name, result in scored.items()}
    if as_json:
        typer.echo(json.dumps({"cross_validated": cross_validate, "results": summaries}))
        return
    how = "cross-validated by speaker" if cross_validate else "shipped head"
    for name, result in scored.items():
        Console().print(_table(f"{name}: {how}", result))


def _goemotions(data: Path | None, cross_validate: bool, as_json: bool) -> None:
    """Its labels are several a comment, so that its measures are others."""
    if cross_validate:
        raise OptionsError("goemotions comes with official splits and is not cross-validated", hint="--shipped")
    with needs_more():
        from affekt_text.adapters import adapter_file
        from affekt_text.goemotions import GoEmotionsHead

        from affekt_training.texts import head, material
    with Console(stderr=True).status("measuring on goemotions"):
        texts = material.comments(data, "test")
        measures = head.measures(GoEmotionsHead.load(adapter_file(head.SHIPPED)), head.encode(texts, head.SHIPPED))
    if as_json:
        intervals = {name: {"value": value, "low": low, "high": high} for name, (value, low, high) in measures.items()}
        typer.echo(json.dumps({"cross_validated": False, "results": {"goemotions test": intervals}}))
        return
    table = Table("measure", "value", "95 %", title="goemotions test: shipped head")
    for name, (value, low, high) in measures.items():
        table.add_row(name, f"{value:.3f}", f"{low:.3f} to {high:.3f}")
    table.caption = f"{len(texts)} comments, 28 labels"
    Console().print(table)


@app.command()
def relative_to_neutral(
    corpus: Annotated[CorpusName, typer.Argument(help="ravdess or emodb")],
    data: Annotated[Path | None, typer.Option(help="Its folder; else $AFFEKT_SHARED/data/CORPUS")] = None,
) -> None:
    """Whether emotions of a voice are recognised relative to its neutral, on actors that the head never heard."""
    if corpus not in (CorpusName.RAVDESS, CorpusName.EMODB):
        raise OptionsError(f"{corpus} has no neutral recordings of the same sentences", hint="ravdess or emodb")
    with needs_more():
        from affekt_training.heads.relative_to_neutral import recognition
        from affekt_training.heads.train_voice import cross_validate
    with Console(stderr=True).status(f"measuring on {corpus.value}"):
        scored = cross_validate(data, corpus.value)
    table = Table("change from neutral", "recordings", "by itself", "relative to neutral", "of", title=corpus.value)
    for change in (1.0, 1 / 3):
        for name, recognised in zip(("emotional", "neutral"), recognition(scored, corpus.value, change), strict=True):
            table.add_row(
                f"{change:.2f}",
                name,
                f"{recognised.by_itself:.3f}",
                f"{recognised.relative:.3f}",
                str(recognised.count),
            )
    Console().print(table)


def _table(title: str, scored: Scored) -> Table:
    table = Table("measure", "value", "95 %", title=title)
    intervals = scored.intervals()
    for name, value in scored.measures().items():
        low, high = intervals[name]
        table.add_row(name, f"{value:.3f}", f"{low:.3f} to {high:.3f}")
    for label, recall in scored.recalls().items():
        table.add_row(f"recall of {label}", f"{recall:.3f}", "")
    table.caption = f"{len(scored.truth)} clips of {len(set(scored.groups))} speakers, faces or voices"
    return table


@app.command()
def train(
    head: Annotated[HeadName, typer.Argument(help="Which head")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The file to write")],
    data: Annotated[Path | None, typer.Option(help="Folder of the corpora; else $AFFEKT_SHARED/data")] = None,
) -> None:
    """Trains a head and writes it as safetensors; `reasoner: {use: heads, voice_head: FILE}` uses it."""
    with needs_more():
        from affekt_training.heads.train_voice import train as train_voice
        from affekt_training.heads.train_words import train as train_words
    report = train_words(out, data or default_cache()) if head is HeadName.WORDS else train_voice(data, out)
    typer.echo(json.dumps(report, indent=2))


@app.command()
def meld(folder: Annotated[Path, typer.Argument(help="Where the tables are written")]) -> None:
    """Writes MELD's lines, without pictures and sound, in the layout that MELD publishes; fetches them on first use."""
    from affekt_training.heads import meld_emorynlp

    for path in meld_emorynlp.write_tables(meld_emorynlp.fetch(default_cache()), folder):
        typer.echo(path)
