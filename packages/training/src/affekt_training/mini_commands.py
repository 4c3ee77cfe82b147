"""`affekt mini`: every figure of emotion-llama-mini's card, with 95 % intervals.

affekt mini faces                            # FER2013's public test
affekt mini words                            # MELD's test lines
affekt mini together                         # faces and lines of one emotion, alone and together
affekt mini explanations                     # 200 clips: are the named clues in the evidence?
affekt train mini-stage-1 --folds 7          # voices, cross-validated by speaker
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

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
    """The same on MELD's test lines; fetches them on first use."""
    from affekt_training import measures, mini

    measures.show({"meld test": mini.words(model)}, Console())


@app.command()
def together(model: Model = NAME, pairs: Annotated[int, typer.Option(min=7)] = 600) -> None:
    """A face and a line of one emotion, alone and together: how modalities are joined."""
    from affekt_training import measures, mini

    measures.show(mini.together(model, pairs), Console())


@app.command()
def explanations(model: Model = NAME, clips: Annotated[int, typer.Option(min=1)] = 200) -> None:
    """Named clues that the evidence bears out, and labels in the text that agree with the scores."""
    from affekt_training import mini

    found = mini.explained(model, clips)
    table = Table("measure", "share (95 %)", title=f"{len(found)} clips of {model}")
    for name, share in mini.counted(found).items():
        table.add_row(name, str(share))
    Console().print(table)
