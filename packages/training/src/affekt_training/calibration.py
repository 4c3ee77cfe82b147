"""Labels scored for examples as the reasoner scores them, and the temperature that calibrates them."""

from collections.abc import Sequence

import numpy as np
import torch
from affekt_emotion_llama import opinions
from affekt_emotion_llama.language import scoring
from affekt_emotion_llama.language.language_model import plain
from affekt_emotion_llama.language.prompt import answer_ids
from affekt_emotion_llama.language.sequence import embed
from affekt_emotion_llama.model import EmotionLlama
from affekt_emotion_llama.streams import pad
from jaxtyping import Float64

from affekt_training.config import StageConfig
from affekt_training.examples import Example
from affekt_training.features import arrays_of

TEMPERATURES = np.geomspace(0.25, 8.0, 141)
HIDDEN = -1e4
"""Log-probability of a label that the data set has no name for."""

Scores = Float64[np.ndarray, "example label"]


@torch.inference_mode()
def scores(model: EmotionLlama, examples: Sequence[Example], batch: int = 32) -> Scores:
    """log P(label | prompt) of every label, for examples that ask for a label; of opinions, what they come to."""
    if model.config.opinions:
        return _opinions(model, examples, batch)
    model.language_model.eval()
    ends = model.tokenizer.eos_token_id
    words = [model.config.written.get(label, label) for label in model.config.labels]
    answers = [answer_ids(model.tokenizer, word, end=False) for word in words]
    answers = scoring.endings(answers, int(ends))
    own = plain(model.language_model)
    rows = []
    for begin in range(0, len(examples), batch):
        part = examples[begin : begin + batch]
        arrays = [arrays_of(example.featured.copies[0], tuple(model.config.dims)) for example in part]
        tokens, mask = model.fusion(*pad(arrays, model.config.dims, next(model.fusion.parameters()).device))
        prompts = [
            embed(own.get_input_embeddings(), example.prompt, *pair)
            for example, *pair in zip(part, tokens, mask, strict=True)
        ]
        rows.append(scoring.log_probabilities(own, prompts, answers).double().cpu().numpy())
    return np.concatenate(rows) if rows else np.zeros((0, len(answers)))


def _opinions(model: EmotionLlama, examples: Sequence[Example], batch: int) -> Scores:
    directions, rows = opinions.directions(model), []
    for begin in range(0, len(examples), batch):
        arrays = [
            arrays_of(example.featured.copies[0], tuple(model.config.dims))
            for example in examples[begin : begin + batch]
        ]
        tokens, mask = model.fusion(*pad(arrays, model.config.dims, next(model.fusion.parameters()).device))
        logits = opinions.logits(tokens.float(), *directions)
        rows.append(opinions.joined(logits, mask).double().cpu().numpy())
    return np.concatenate(rows) if rows else np.zeros((0, len(model.config.labels)))


def named(examples: Sequence[Example], labels: Sequence[str]) -> np.ndarray:
    """Which labels each example's data set has a name for [example, label]."""
    return np.array([[label in example.featured.named for label in labels] for example in examples], dtype=bool)


def probabilities(scores: Scores, allowed: np.ndarray, temperature: float = 1.0) -> Scores:
    """Distributions over the allowed labels."""
    hidden = np.where(allowed, scores / temperature, HIDDEN)
    shares = np.exp(hidden - hidden.max(axis=1, keepdims=True))
    distributions: Scores = shares / shares.sum(axis=1, keepdims=True)
    return distributions


def calibrate(model: EmotionLlama, examples: Sequence[Example], config: StageConfig) -> float:
    """The temperature under which the validation labels are likeliest; 1 where there are none."""
    asked = [example for example in examples if example.label is not None]
    return best_temperature(scores(model, asked), asked, config) if asked else 1.0


def by_projection(model: EmotionLlama, examples: Sequence[Example], config: StageConfig) -> dict[str, float]:
    """Probed projection → the temperature that suits the validation samples which have its slot."""
    temperatures = {}
    for projection in model.fusion.projections:  # type: ignore[union-attr]
        own = [
            example
            for example in examples
            if example.label is not None and projection.slot in example.featured.copies[0]
        ]
        if own and config.probe and projection.name in config.probe.projections:
            temperatures[str(projection.name)] = best_temperature(scores(model, own), own, config)
    return temperatures


def best_temperature(scores: Scores, examples: Sequence[Example], config: StageConfig) -> float:
    """The temperature of a fixed grid with the least negative log-likelihood; examples count by their weights."""
    truth = np.array([example.label for example in examples])
    weights = np.array([example.weight for example in examples])
    allowed, rows = named(examples, config.labels), np.arange(len(truth))
    losses = [-(weights * np.log(probabilities(scores, allowed, t)[rows, truth] + 1e-12)).sum() for t in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(losses))])
