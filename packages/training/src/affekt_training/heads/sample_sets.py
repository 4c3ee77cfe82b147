"""Samples of the heads' data that lie in no folder: Asterisk's prompts, and the lines of MELD and EmoryNLP.

The prompts ship with this package, as statistics (`asterisk_prompts`). The lines are fetched once (`meld_emorynlp`) and
become sentence vectors.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from affekt import Clip, Encoder, Features, plugins
from affekt_datasets import Sample

from affekt_training.cache import default_cache
from affekt_training.config import FeatureUse, StageConfig
from affekt_training.samples import ASTERISK, Known

LEVEL = frozenset({"calm", "sad", "bored"})
"""What the level voice of an announcement does not deny: nobody tells calm from neutral there, and hardly sadness."""


def known(config: StageConfig, name: str, split: str | None, cache: Path) -> list[Known]:
    """The samples of one of `samples.WITHOUT_FOLDER`, in the slot that holds such features; none where no slot does."""
    wanted = "voice-statistics" if name == ASTERISK else "minilm"
    slot = next((slot for slot, use in config.features.items() if use.use == wanted), None)
    if slot is None:
        return []
    if name == ASTERISK:
        return _prompts(slot, frozenset(config.labels) - LEVEL)
    return _lines(name.removesuffix("-lines"), split or "train", slot, config, cache)


def _prompts(slot: str, named: frozenset[str]) -> list[Known]:
    """Sixty prompts, as recorded and between others."""
    from affekt_training.heads.asterisk_prompts import PROMPTS, statistics

    clean, within = np.split(statistics(), 2)
    return [
        Known(
            sample=Sample(
                id=f"{ASTERISK}-{index}", media=None, label="neutral", speaker=f"{ASTERISK}-{index // PROMPTS}"
            ),
            set=ASTERISK,
            label="neutral",
            named=named,
            copies=tuple({slot: Features(values=row[None], hop=1.0)} for row in rows),
        )
        for index, rows in enumerate(zip(clean, within, strict=True))
    ]


def _lines(corpus: str, split: str, slot: str, config: StageConfig, cache: Path) -> list[Known]:
    from affekt_training.heads.meld_emorynlp import fetch, read

    lines = read(fetch(default_cache()))
    own = [line for line in lines if line.corpus == corpus and line.split == split and line.emotion in config.labels]
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
