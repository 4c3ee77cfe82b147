"""What affekt-heads was trained on beside data sets in folders: announcers' neutral voices, and lines of a series.

The announcers ship with affekt-heads, as statistics. The lines of MELD and EmoryNLP are fetched once from the package
whose sha256 affekt-heads pins, and become sentence vectors; see `affekt_heads.friends`.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from affekt import Clip, Encoder, Features, plugins
from affekt_datasets import Sample

from affekt_training.config import FeatureUse, StageConfig
from affekt_training.samples import Known

LEVEL = frozenset({"calm", "sad", "bored"})
"""What an announcer's level voice does not deny: nobody can tell calm from neutral in it, and quiet sadness hardly."""
PROMPTS = 12
"""Of each announcer, in a row."""


def known(config: StageConfig, name: str, split: str | None, cache: Path) -> list[Known]:
    """The samples of one of `samples.BESIDE`, in the slot that holds such features; none where no slot does."""
    wanted = "voice-statistics" if name == "announcers" else "minilm"
    slot = next((slot for slot, use in config.features.items() if use.use == wanted), None)
    if slot is None:
        return []
    if name == "announcers":
        return _announcers(slot, frozenset(config.labels) - LEVEL)
    return _lines(name.removesuffix("-lines"), split or "train", slot, config, cache)


def _announcers(slot: str, named: frozenset[str]) -> list[Known]:
    """Sixty prompts, clean and within others."""
    from affekt_heads.train_voice import announcers

    clean, within = np.split(announcers(), 2)
    return [
        Known(
            sample=Sample(
                id=f"announcers-{index}", media=None, label="neutral", speaker=f"announcers-{index // PROMPTS}"
            ),
            set="announcers",
            label="neutral",
            named=named,
            copies=tuple({slot: Features(values=row[None], hop=1.0)} for row in rows),
        )
        for index, rows in enumerate(zip(clean, within, strict=True))
    ]


def _lines(corpus: str, split: str, slot: str, config: StageConfig, cache: Path) -> list[Known]:
    from affekt_heads import friends

    home = os.environ.get("AFFEKT_CACHE") or os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    told = friends.read(friends.fetch(Path(home).expanduser() / "affekt-heads"))
    own = [line for line in told if line.corpus == corpus and line.split == split and line.emotion in config.labels]
    vectors = _vectors([line.text for line in own], config.features[slot], cache / f"lines-{corpus}-{split}.npy")
    named = frozenset(line.emotion for line in own)
    return [
        Known(
            sample=Sample(
                id=f"{corpus}-{split}-{index}", media=None, label=line.emotion, text=line.text, language="en",
                speaker=f"{corpus}-{line.speaker}", split=split,
            ),
            set=f"{corpus}-lines",
            label=line.emotion,
            named=named,
            copies=({slot: Features(values=vector[None], hop=1.0)},),
        )
        for index, (line, vector) in enumerate(zip(own, vectors, strict=True))
    ]  # fmt: skip


def _vectors(texts: Sequence[str], use: FeatureUse, file: Path) -> np.ndarray:
    """The mean sentence vector of every line, from the cache or made now; zeros never stand for a line."""
    if file.is_file() and len(stored := np.load(file, allow_pickle=False)) == len(texts):
        return stored
    encoder: Encoder = plugins().create("encoder", use.use or "", **use.options)
    found = encoder.encode([Clip(id=str(at), text=text, language="en") for at, text in enumerate(texts)])
    rows = [one.values.mean(axis=0) for one in found if isinstance(one, Features)]
    if len(rows) != len(texts):
        raise ValueError(f"{len(texts) - len(rows)} lines have no words")
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f".{file.stem}-{os.getpid()}.npy")
    np.save(partial, np.stack(rows))
    partial.replace(file)
    return np.stack(rows)
