"""Samples of the heads' data that lie in no folder: Asterisk's prompts, and the lines of MELD and EmoryNLP.

The prompts ship with this package, as statistics (`asterisk_prompts`). The lines are fetched once (`meld_emorynlp`) and
become sentence vectors, which the feature store keeps.
"""

from collections.abc import Sequence

import numpy as np
from affekt import Clip, DataError, Features, plugins
from affekt_datasets import Sample
from affekt_features import FeatureStore, cached

from affekt_training.cache import default_cache
from affekt_training.config import FeatureUse, StageConfig
from affekt_training.featured import ASTERISK, FeaturedSample

TOGETHER = 64
"""Lines that are encoded at once."""
LEVEL = frozenset({"calm", "sad", "bored"})
"""What the level voice of an announcement does not deny: nobody tells calm from neutral there, and hardly sadness."""


def featured(config: StageConfig, name: str, split: str | None) -> list[FeaturedSample]:
    """The samples of one of `featured.WITHOUT_FOLDER`, in the slot that holds such features; none without it."""
    wanted = "voice-statistics" if name == ASTERISK else "minilm-emotions"
    slot = next((slot for slot, use in config.features.items() if use.use == wanted), None)
    if slot is None:
        return []
    if name == ASTERISK:
        return _prompts(slot, frozenset(config.labels) - LEVEL)
    return _lines(name.removesuffix("-lines"), split or "train", slot, config)


def _prompts(slot: str, named: frozenset[str]) -> list[FeaturedSample]:
    """Sixty prompts, as recorded and between others."""
    from affekt_training.heads.asterisk_prompts import PROMPTS, statistics

    clean, within = np.split(statistics(), 2)
    return [
        FeaturedSample(
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


def _lines(corpus: str, split: str, slot: str, config: StageConfig) -> list[FeaturedSample]:
    from affekt_training.heads.meld_emorynlp import fetch, read

    lines = read(fetch(default_cache()))
    own = [line for line in lines if line.corpus == corpus and line.split == split and line.emotion in config.labels]
    vectors = sentence_vectors([line.text for line in own], config.features[slot], FeatureStore(config.store))
    named = frozenset(line.emotion for line in own)
    return [
        FeaturedSample(
            sample=Sample(
                id=f"{corpus}-{split}-{index}", media=None, label=line.emotion, text=line.text, language="en",
                speaker=f"{corpus}-{line.speaker}", split=split,
            ),
            set=f"{corpus}-lines",
            label=line.emotion,
            named=named,
            copies=({slot: Features(values=vector.values.mean(axis=0, keepdims=True), hop=1.0)},),
        )
        for index, (line, vector) in enumerate(zip(own, vectors, strict=True))
    ]  # fmt: skip


def sentence_vectors(texts: Sequence[str], use: FeatureUse, store: FeatureStore) -> list[Features]:
    """The sentence vectors of every line, from the store or made now."""
    encoder = cached(plugins().create("encoder", use.use or "", **use.options), store)
    clips = [Clip(id=str(at), text=text, language="en") for at, text in enumerate(texts)]
    encoded = [
        features
        for begin in range(0, len(clips), TOGETHER)
        for features in encoder.encode(clips[begin : begin + TOGETHER])
    ]
    vectors = [features for features in encoded if isinstance(features, Features)]
    if len(vectors) != len(texts):
        raise DataError(f"{len(texts) - len(vectors)} lines have no words", hint="the lines as they were fetched")
    return vectors
