"""What emotion-llama-mini's card states of its labels, measured: faces, words, and modalities together.

Voices are measured by `cross_validation`, explanations by `mini_texts`. Where a set has its own mixture of emotions, as
faces and lines have, the model is told what its training split holds, by the reasoner's own rule (`expected`);
temperatures are the model's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import affekt_datasets as datasets
import numpy as np
from affekt import DataError, Features, PipelineSpec
from affekt_emotion_llama.model import EmotionLlama
from affekt_features import FeatureStore

from affekt_training import calibration
from affekt_training.cache import default_cache
from affekt_training.config import DataUse, StageConfig, TaskUse, read
from affekt_training.cross_validation import HeldOut, answered, gathered, load
from affekt_training.examples import compose
from affekt_training.featured import FeaturedSample
from affekt_training.heads.sample_sets import sentence_vectors
from affekt_training.measures import Share, measures
from affekt_training.samples import gather_part

PRESET = "mini-stage-1"


def preset() -> StageConfig:
    """The preset, with features kept in the cache of the training: measuring leaves nothing where it is run."""
    return read(PRESET).model_copy(update={"store": str(default_cache() / "features")})


def faces(model: str, root: Path | None = None) -> HeldOut:
    """FER2013's public test split."""
    return _tested(model, "fer2013", "public_test", root)


def words(model: str) -> HeldOut:
    """MELD's test split, its lines alone."""
    return _tested(model, "meld-lines", "test")


EXPONENTS = tuple(round(0.3 + 0.05 * step, 2) for step in range(25))
"""How far the words may be trusted, from hardly to more than they claim."""


def trust(model: str, split: str = "dev", root: Path | None = None) -> dict[float, dict[str, float]]:
    """How far words may be trusted on a corpus that their projection never saw: single-label lines of GoEmotions.

    Only its words that are exactly ours count. The corpus's own mixture is taken as known.

    Returns:
        Exponent of the words' evidence → cross-entropy of the right label in nats, accuracy, and calibration error.
    """
    config = preset()
    data = datasets.read("goemotions", root or datasets.default_folder("goemotions")).split(split)
    common = datasets.mapping("goemotions", "affekt")
    lines = [sample for sample in data if sample.label is not None and common.get(sample.label) in config.labels]
    texts = [str(sample.text) for sample in lines]
    vectors = sentence_vectors(texts, config.features["words"], FeatureStore(config.store))
    samples = [
        FeaturedSample(
            sample=sample,
            set=data.name,
            label=common[str(sample.label)],
            named=frozenset(word for word in common.values() if word is not None),
            copies=({"words": Features(values=vector.values.mean(axis=0, keepdims=True), hop=1.0)},),
        )
        for sample, vector in zip(lines, vectors, strict=True)
    ]
    held = _asked(EmotionLlama.from_pretrained(model), config, samples)
    shares = np.log(_shares(samples, config.labels))
    measured = {}
    for exponent in EXPONENTS:
        probabilities = np.exp(normalise(np.where(held.named, exponent * normalise(held.scores) + shares, -np.inf)))
        right = probabilities[np.arange(len(held.truth)), held.truth]
        own = measures(probabilities, held.truth)
        measured[exponent] = {
            "cross_entropy": float(-np.log(right).mean()), "accuracy": own["accuracy"], "ece": own["ece"],
        }  # fmt: skip
    return measured


def _tested(model: str, name: str, split: str, root: Path | None = None) -> HeldOut:
    config = preset()
    learnt = next(use for use in config.data if use.set == name).model_copy(update={"root": root})
    tested = learnt.model_copy(update={"split": split, "listed": None})
    loaded = EmotionLlama.from_pretrained(model)
    shares = _shares(gather_part(config, learnt).samples, config.labels)
    return _asked(loaded, config, gather_part(config, tested).samples, shares)


def _shares(samples: Sequence[FeaturedSample], labels: Sequence[str]) -> np.ndarray:
    """How often each label occurs, a little for those that do not."""
    counts = np.array([sum(featured.label == label for featured in samples) for label in labels], dtype=np.float64)
    return np.maximum(counts, 0.5) / len(samples)


def _asked(
    loaded: EmotionLlama, config: StageConfig, samples: Sequence[FeaturedSample], shares: np.ndarray | float = 1.0
) -> HeldOut:
    use = DataUse(set="any", tasks=(TaskUse(),))
    asked = compose(config.model_copy(update={"data": (use,)}), loaded.tokenizer, [samples])
    scores = calibration.scores(loaded, asked) / loaded.config.temperature
    return answered(asked, scores + np.log(shares), config.labels)


def together(model: str, pairs: int = 600) -> dict[str, HeldOut]:
    """Face, words and both, of one emotion.

    A face of FER2013's public test and a line of MELD's test with the same label stand for one person. They do not
    belong together: this shows how modalities are joined, and is no measure of how people are judged.
    """
    config = preset()
    loaded, mixed = EmotionLlama.from_pretrained(model), list(_mixed(config, pairs))
    hidden = {"face": ("words",), "words": ("expression",), "face and words": ()}
    return {
        name: _asked(loaded, config, [_without(featured, slots) for featured in mixed])
        for name, slots in hidden.items()
    }


def _mixed(config: StageConfig, pairs: int) -> Iterator[FeaturedSample]:
    """Every label as often as the others."""
    random = np.random.default_rng(0)
    pools = [_pool(config, name, split) for name, split in (("fer2013", "public_test"), ("meld-lines", "test"))]
    labels = sorted(set.intersection(*({str(featured.label) for featured in own} for own in pools)))
    for number in range(pairs):
        label = labels[number % len(labels)]
        fitting = [[featured for featured in own if featured.label == label] for own in pools]
        face, line = (own[random.integers(len(own))] for own in fitting)
        yield replace(face, copies=({**face.copies[0], **line.copies[0]},), named=frozenset(labels))


def _pool(config: StageConfig, name: str, split: str) -> list[FeaturedSample]:
    use = next(use for use in config.data if use.set == name)
    return gather_part(config, use.model_copy(update={"split": split, "listed": None})).samples


def _without(featured: FeaturedSample, hidden: Sequence[str]) -> FeaturedSample:
    return replace(
        featured, copies=tuple({s: f for s, f in copy.items() if s not in hidden} for copy in featured.copies)
    )


def wordless(run: Path, pipeline: str = "default", name: str = "emogator") -> dict[str, Share]:
    """Voices without words, as a pipeline's reasoner claims them, by models that did not hear these people.

    Args:
        run: folder of a cross-validated run; its `fold-*/held-out.npz` are read.
        pipeline: whose reasoner says how far the voice is trusted, what is expected, and from which score on it claims.

    Raises:
        DataError: the run holds no fold with this set.
    """
    parts = [load(file) for file in sorted(run.glob("fold-*/held-out.npz"))]
    if name not in (held := gathered(parts)):
        raise DataError(
            f'"{run}" holds no fold in which {name} was held out', hint="affekt train mini-stage-1 --folds 7"
        )
    reasoner: Any = PipelineSpec.read(pipeline).build().reasoner
    labels, shares_of = list(reasoner.loaded.config.labels), {}
    trust = reasoner.trust * reasoner.trusts.get("speech", 1.0)
    for title, expected, claimed in (
        ("judged right", reasoner.wordless_expected, 0.0),
        ("right, of those that are claimed", reasoner.wordless_expected, reasoner.wordless_below or 0.0),
        ("judged right where it is taken for speech", reasoner.expected, 0.0),
    ):
        before = np.log([expected[label] for label in labels]) if expected else 0.0
        scores = trust * normalise(held[name].scores) + before
        shares = np.exp(normalise(scores))
        kept = shares.max(axis=1) >= claimed
        right = shares[kept].argmax(axis=1) == held[name].truth[kept]
        shares_of[title] = Share(int(right.sum()), int(kept.sum()))
    return shares_of


def normalise(scores: np.ndarray) -> np.ndarray:
    """Log-probabilities [sample, label] of scores."""
    return scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
