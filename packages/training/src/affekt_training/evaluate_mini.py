"""Every figure of emotion-llama-mini's card, with 95 % intervals.

python -m affekt_training.evaluate_mini faces          # FER2013's public test split, the shipped model
python -m affekt_training.evaluate_mini explanations   # 200 clips: are the named clues in the evidence?
affekt train mini-stage-2 --folds 7                      # voices, cross-validated by speaker
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from affekt import EmotionPrediction, Evidence, plugins
from affekt_emotion_llama.labels import constrained
from affekt_emotion_llama.model import EmotionLlama
from rich.console import Console
from rich.table import Table

from affekt_training import calibration, measures
from affekt_training.config import DataUse, FeatureUse, TaskUse, read
from affekt_training.cross_validation import answered
from affekt_training.descriptions import evidence_of
from affekt_training.examples import compose
from affekt_training.samples import Known, known
from affekt_training.stage import default_cache

app = typer.Typer(help=__doc__)
NAME = "emotion-llama-mini"
Model = Annotated[str, typer.Option(help="A saved model: a folder, a hub or a shipped name")]


@dataclass(frozen=True)
class Share:
    """How many of how many."""

    hits: int
    whole: int

    def __str__(self) -> str:
        low, high = wilson(self.hits, self.whole)
        return f"{self.hits} of {self.whole}: {self.hits / max(1, self.whole):.3f} ({low:.3f} to {high:.3f})"


def wilson(hits: int, whole: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, 1927)."""
    if not whole:
        return 0.0, 1.0
    share, spread = hits / whole, z * z / whole
    middle = (share + spread / 2) / (1 + spread)
    half = z * ((share * (1 - share) + spread / 4) / whole) ** 0.5 / (1 + spread)
    return middle - half, middle + half


@app.command()
def faces(model: Model = NAME, root: Annotated[Path | None, typer.Option(help="FER2013's folder")] = None) -> None:
    """Accuracy, UAR and calibration on FER2013's public test split."""
    config = read("mini-stage-2")
    use = next(use for use in config.data if use.set == "fer2013")
    use = use.model_copy(update={"split": "public_test", "listed": None, "root": root, "tasks": (TaskUse(),)})
    own = config.model_copy(update={"data": (use,)})
    loaded = EmotionLlama.from_pretrained(model)
    asked = compose(own, loaded.tokenizer, [known(own, use, default_cache())])
    found = answered(asked, calibration.scores(loaded, asked) / loaded.config.temperature, own.labels)
    measures.show({"fer2013 public test": found}, Console())


@app.command()
def explanations(model: Model = NAME, clips: int = 200) -> None:
    """Named clues that the evidence bears out, and labels in the text that agree with the scores."""
    config = read("mini-stage-2")
    slots = {"voice": config.features["voice"], "prosody": FeatureUse(use="prosody")}
    sets = (DataUse(set="ravdess", limit=round(clips * 0.6)), DataUse(set="emodb", limit=clips - round(clips * 0.6)))
    config = config.model_copy(update={"features": slots, "data": sets})
    samples = [one for use in config.data for one in known(config, use, default_cache())]
    found = explain(samples, model)
    table = Table("measure", "share (95 %)", title=f"{len(found)} clips of {NAME}")
    for name, share in counted(found).items():
        table.add_row(name, str(share))
    Console().print(table)


def explain(samples: Sequence[Known], model: str) -> list[tuple[Evidence, EmotionPrediction]]:
    """What the pipeline's fuser and reasoner conclude from the samples' features."""
    fuser: Any = plugins().create("fuser", "linear", model=model)
    reasoner: Any = plugins().create("reasoner", "emotion-llama", model=model)
    found = []
    for one in samples:
        evidence = evidence_of(one)
        (fused,) = fuser.fuse([evidence])
        evidence = replace(evidence, fused=fused)
        (felt,) = reasoner.reason([evidence])
        found.append((evidence, felt))
    return found


def counted(found: Sequence[tuple[Evidence, EmotionPrediction]]) -> dict[str, Share]:
    """The shares that the card states."""
    named = [clue for _, felt in found for clue in felt.clues]
    labels = [max(felt.scores, key=lambda label: felt.scores[label]) for _, felt in found]
    written = [_first_label(felt.rationale or "", list(felt.scores)) for _, felt in found]
    explained = [felt for _, felt in found if felt.clues]
    return {
        "clues borne out by the evidence": Share(sum(clue.checked for clue in named), len(named)),
        "label in the text is the scored label": Share(int(np.sum(np.equal(written, labels))), len(labels)),
        "clips with at least one clue": Share(len(explained), len(found)),
    }


def _first_label(text: str, labels: Sequence[str]) -> str:
    """What the model's own sentence about the label says; the text's first label where there is none."""
    own = [part for part in text.split(". ") if part.startswith("The person feels")]
    return (own and constrained(own[0], labels)) or next((w for w in text.split() if w in labels), "")


if __name__ == "__main__":
    app()
