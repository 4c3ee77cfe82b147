"""A stage trained once a fold, each time without the fold's speakers, and what the models say of them.

    affekt train mini-stage-1 --folds 7

The speakers of every data set are dealt out as `affekt_datasets.folds` deals them, for all sets at once, so that fold k
holds out speakers of all. Nobody held out takes part in scaling, probe, training, stopping or calibration.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from affekt import OnProgress
from affekt_datasets import dealt, default_folder, read
from jaxtyping import Float64

from affekt_training import calibration
from affekt_training.config import StageConfig
from affekt_training.examples import Example, compose
from affekt_training.featured import WITHOUT_FOLDER, FeaturedSample
from affekt_training.samples import gather_part
from affekt_training.stage import Prepared, train


@dataclass(frozen=True, kw_only=True, eq=False)
class HeldOut:
    """What models said of samples they never saw, over all of the run's labels."""

    ids: tuple[str, ...]
    groups: tuple[str, ...]
    truth: np.ndarray
    """Index of the right label."""
    named: np.ndarray
    """Which labels the data set has a name for [sample, label]."""
    scores: Float64[np.ndarray, "sample label"]
    """Log-probabilities of the labels, divided by the fold's temperature."""

    @property
    def probabilities(self) -> Float64[np.ndarray, "sample label"]:
        """The distributions over the data set's own labels."""
        return calibration.probabilities(self.scores, self.named)


def speakers(dataset: str, root: Path | None = None) -> list[str]:
    """Everybody in a data set, by name; nobody where samples have no speakers, or are never held out."""
    if dataset in WITHOUT_FOLDER:
        return []
    names = {sample.speaker for sample in read(dataset, root or default_folder(dataset))}
    return sorted(name for name in names if name is not None)


def folds(config: StageConfig, count: int) -> list[tuple[str, ...]]:
    """Who is held out in each fold."""
    held: list[list[str]] = [[] for _ in range(count)]
    for use in config.data:
        everybody = speakers(use.set, use.root)
        for fold, group in enumerate(dealt(everybody, min(count, len(everybody))) if everybody else []):
            held[fold] += group
    return [tuple(group) for group in held]


def run(
    config: StageConfig, count: int, *, only: Sequence[int] | None = None, on_progress: OnProgress = print
) -> list[Mapping[str, HeldOut]]:
    """Trains every fold that is not on disk yet; what each says of its held-out samples, a data set each."""
    parts: list[Mapping[str, HeldOut]] = []
    for fold, group in enumerate(folds(config, count)):
        if only is not None and fold not in only:
            continue
        folder = config.out / f"fold-{fold}"
        file = folder / "held-out.npz"
        if not file.is_file():
            on_progress(f"fold {fold + 1} of {count}, without {', '.join(group)}")
            own = config.model_copy(update={"hold_out": group, "out": folder})
            ready, outcome = train(own, on_progress=on_progress)
            save(judge(ready, outcome["temperature"], group), file)
        parts.append(load(file))
    return parts


def gathered(parts: Sequence[Mapping[str, HeldOut]]) -> dict[str, HeldOut]:
    """All folds of every data set."""
    names = dict.fromkeys(name for part in parts for name in part)
    return {name: join([part[name] for part in parts if name in part]) for name in names}


def judge(ready: Prepared, temperature: float, group: Sequence[str]) -> dict[str, HeldOut]:
    """What a model says of the held-out speakers of each data set."""
    everybody = ready.config.model_copy(update={"hold_out": ()})
    judged = {}
    for use in everybody.data:
        own = use.model_copy(update={"speakers": tuple(group)})
        if not set(group) & set(speakers(use.set, use.root)):
            continue
        part = gather_part(everybody.model_copy(update={"data": (own,)}), own)
        judged[use.set] = ask(ready, part.samples, temperature)
    return judged


def ask(ready: Prepared, samples: Sequence[FeaturedSample], temperature: float) -> HeldOut:
    """What a model says of labelled samples."""
    config = ready.config
    labels_only = config.data[0].model_copy(
        update={"tasks": (type(config.data[0].tasks[0])(),), "balanced": False}
    )  # fmt: skip
    asked = compose(config.model_copy(update={"data": (labels_only,)}), ready.model.tokenizer, [samples])
    return answered(asked, calibration.scores(ready.model, asked) / temperature, config.labels)


def answered(asked: Sequence[Example], scores: calibration.Scores, labels: Sequence[str]) -> HeldOut:
    """Scores with all that is needed to measure them."""
    return HeldOut(
        ids=tuple(example.featured.sample.id for example in asked),
        groups=tuple(example.featured.group for example in asked),
        truth=np.array([example.label for example in asked], dtype=np.int64),
        named=calibration.named(asked, labels),
        scores=scores,
    )


def save(held_out: Mapping[str, HeldOut], file: Path) -> None:
    """Writes what several models said, a data set each."""
    arrays = {
        f"{name}.{field}": np.array(getattr(held, field))
        for name, held in held_out.items()
        for field in ("ids", "groups", "truth", "named", "scores")
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez(file, **arrays)  # type: ignore[arg-type]


def load(file: Path) -> dict[str, HeldOut]:
    """Reads what `save` wrote."""
    with np.load(file, allow_pickle=False) as stored:
        names = dict.fromkeys(key.partition(".")[0] for key in stored)
        return {
            name: HeldOut(
                ids=tuple(map(str, stored[f"{name}.ids"])),
                groups=tuple(map(str, stored[f"{name}.groups"])),
                truth=stored[f"{name}.truth"],
                named=stored[f"{name}.named"],
                scores=stored[f"{name}.scores"],
            )
            for name in names
        }


def join(parts: Sequence[HeldOut]) -> HeldOut:
    """Joins what several folds say of one data set."""
    return HeldOut(
        ids=tuple(each for part in parts for each in part.ids),
        groups=tuple(each for part in parts for each in part.groups),
        truth=np.concatenate([part.truth for part in parts]),
        named=np.concatenate([part.named for part in parts]),
        scores=np.concatenate([part.scores for part in parts]),
    )
