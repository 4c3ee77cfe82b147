"""`affekt mini`: every figure of emotion-llama-mini's card, with 95 % intervals.

affekt mini faces                            # FER2013's public test
affekt mini words                            # MELD's test lines
affekt mini trust                            # how far the default pipeline may trust the words
affekt mini together                         # faces and lines of one emotion, alone and together
affekt mini explanations                     # 200 clips: is what it writes borne out by the evidence?
affekt mini merr                             # 200 entries of MERR that it never saw
affekt mini exchanged                        # another's face, another's voice: does the text follow?
affekt train mini-stage-1 --folds 7          # voices, cross-validated by speaker
affekt mini wordless runs/mini/stage-1       # of these folds, voices without words as the default pipeline claims them
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from affekt_training.featured import FeaturedSample
    from affekt_training.measures import Share

app = typer.Typer(help="Measure emotion-llama-mini: every figure of its card.", no_args_is_help=True)
NAME = "emotion-llama-mini"
Model = Annotated[str, typer.Option(help="A saved model: a folder, a hub or a shipped name")]


@app.command()
def faces(model: Model = NAME, root: Annotated[Path | None, typer.Option(help="FER2013's folder")] = None) -> None:
    """Accuracy, UAR and calibration on FER2013's public test split."""
    from affekt_training import measures, mini

    measures.show({"fer2013 public test": mini.faces(model, root)}, Console())


@app.command()
def words(model: Model = NAME) -> None:
    """Measures the words on MELD's test lines; fetches them on first use."""
    from affekt_training import measures, mini

    measures.show({"meld test": mini.words(model)}, Console())


@app.command()
def trust(
    model: Model = NAME,
    split: Annotated[str, typer.Option(help="train, dev or test")] = "dev",
    root: Annotated[Path | None, typer.Option(help="GoEmotions's folder")] = None,
) -> None:
    """Says how far words may be trusted on GoEmotions, which their projection never saw: `trusts` of a pipeline."""
    from affekt_training import mini

    measured = mini.trust(model, split, root)
    best = min(measured, key=lambda exponent: measured[exponent]["cross_entropy"])
    table = Table("exponent", "cross-entropy", "accuracy", "calibration error", title=f"GoEmotions {split}, {model}")
    for exponent, own in measured.items():
        values = [f"{own[name]:.3f}" for name in ("cross_entropy", "accuracy", "ece")]
        table.add_row(f"{exponent:.2f}", *values, style="bold" if exponent == best else "")
    Console().print(table)


@app.command()
def together(model: Model = NAME, pairs: Annotated[int, typer.Option(min=7)] = 600) -> None:
    """A face and a line of one emotion, alone and together: how modalities are joined."""
    from affekt_training import measures, mini

    measures.show(mini.together(model, pairs), Console())


@app.command()
def wordless(
    run: Annotated[Path, typer.Argument(help="folder of `affekt train mini-stage-1 --folds 7`")],
    pipeline: Annotated[str, typer.Option(help="whose reasoner claims")] = "default",
) -> None:
    """Voices without words by people that were held out: how many are judged right, and of those that are claimed."""
    from affekt_training import mini

    _show(mini.wordless(run, pipeline), f"EmoGator, held out, as {pipeline} claims it")


@app.command()
def explanations(model: Model = NAME, clips: Annotated[int, typer.Option(min=1)] = 200) -> None:
    """What is written of clips: claims that are borne out, labels that agree, sentences that recur."""
    from affekt_training import mini_texts
    from affekt_training.descriptions import evidence_of

    explainer = mini_texts.Explainer(model)
    explained = [explainer(evidence_of(featured)) for featured in _tracked(mini_texts.clips(clips))]
    _show(mini_texts.counted(explained), f"{len(explained)} clips of {model}")


@app.command()
def merr(
    model: Model = NAME,
    entries: Annotated[int, typer.Option(min=1)] = 200,
    root: Annotated[Path | None, typer.Option(help="MERR's folder")] = None,
) -> None:
    """Clues in common with MERR's reasoning, on entries that it never saw, beside a list of what was observed."""
    from affekt_training import mini_texts

    comparison = mini_texts.against_merr(model, entries, root)
    table = Table("text", "clue overlap (95 %)", "precision", "recall", title=f"{comparison.entries} entries of MERR")
    for name, own in (("written by the model", comparison.written), ("what it is shown, as a list", comparison.listed)):
        table.add_row(name, *(f"{own[key]:.3f}" for key in ("clue", "clue:precision", "clue:recall")))
    table.add_row("difference", "{:+.3f} [{:+.3f}, {:+.3f}]".format(*comparison.difference), "", "")
    Console().print(table)


@app.command()
def exchanged(model: Model = NAME, pairs: Annotated[int, typer.Option(min=1)] = 60) -> None:
    """Another's face or another's voice: does what is written of it change, and the rest stay?"""
    from affekt_training import mini_texts

    _show(mini_texts.exchanged(model, pairs), f"{pairs} pairs, {model}")


def _show(shares: "Mapping[str, Share]", title: str) -> None:
    table = Table("measure", "share (95 %)", title=title)
    for name, share in shares.items():
        table.add_row(name, str(share))
    Console().print(table)


def _tracked(samples: "Sequence[FeaturedSample]") -> "Iterable[FeaturedSample]":
    from rich.progress import track

    return track(samples, "explaining", console=Console(stderr=True))
