"""The language model learns to read tokens that `probe` sets, and to join them, before it hears anybody.

Each draw gives one or more of the probed projections a random opinion, a logit a label. Their tokens stand in the
prompt as a clip's would, and the answer to learn is what independent witnesses of these opinions would give together,
the softmax of their sum, or (`pooled`) what the heads of affekt-heads would conclude from them. It is a distillation
without recordings: nobody's voice, face or words take part, so one reading serves all folds.

Learnt alone, the language model forgets the language. `describe` puts the stage's own examples beside it: coarse
descriptions of measured clues, behind tokens of random opinions.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from affekt_emotion_llama.language_model import plain
from affekt_emotion_llama.model import EmotionLlama
from affekt_emotion_llama.prompt import answer_ids, build
from affekt_emotion_llama.sequence import IGNORED, assemble
from torch import Tensor
from torch.nn.functional import cross_entropy

from affekt_training.config import Reading
from affekt_training.examples import Example
from affekt_training.probe import directions


@dataclass(frozen=True, eq=False)
class Tokens:
    """Where the probed tokens stand and what they mean."""

    places: list[int]
    away: Tensor
    middle: Tensor
    ties: Tensor
    """How the opinion of each projection follows from a free one [projection, label, label]."""

    def drawn(self, reading: Reading, count: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
        """Opinions [clip, projection, label] and which of them are there; at least one is."""
        projections, labels = len(self.places), len(self.away)
        # Squared: words and many faces say little, and a lean of the language model shows where opinions are weak.
        scale = reading.spread * torch.rand(count, projections, 1, generator=random).square() * 3
        opinions = scale * torch.randn(count, projections, labels, generator=random)
        opinions = torch.einsum("cpl,plm->cpm", opinions, self.ties)
        opinions = opinions - opinions.mean(dim=2, keepdim=True)
        present = torch.rand(count, projections, generator=random) < 0.6
        sure = torch.randint(projections, (count,), generator=random)
        present[torch.arange(count), sure] = True
        return opinions, present

    def said(self, opinions: Tensor, present: Tensor, whole: int) -> tuple[Tensor, Tensor]:
        """The opinions as a clip's tokens [clip, token, hidden] and their mask."""
        tokens = torch.zeros(len(opinions), whole, self.away.shape[1])
        mask = torch.zeros(len(opinions), whole, dtype=torch.bool)
        tokens[:, self.places], mask[:, self.places] = opinions @ self.away + self.middle, present
        return tokens, mask


def joined(opinions: Tensor, present: Tensor, pooled: bool) -> Tensor:
    """What several opinions come to [clip, label], as log-probabilities.

    Pooled as in affekt-heads, n that say the same count as √n of them: between independent witnesses and copies.
    """
    said = opinions * present[:, :, None]
    if not pooled:
        return said.sum(dim=1).log_softmax(dim=1)
    loudness = said.std(dim=2, correction=0)
    witnesses = loudness.sum(dim=1).square() / loudness.square().sum(dim=1).clamp(min=1e-12)
    return (said.sum(dim=1) / witnesses.clamp(min=1.0).sqrt()[:, None]).log_softmax(dim=1)


def learn(
    model: EmotionLlama,
    reading: Reading,
    seed: int,
    examples: Sequence[Example] = (),
    families: Mapping[str, str] | None = None,
    tell: Callable[[int, float, float], None] | None = None,
) -> tuple[float, float]:
    """Trains the adapters.

    Args:
        examples: what is described beside it.
        tell: told the step, the divergence from the right distribution, and the loss of the last description.

    Returns:
        Both, as means over the last tenth of the steps; 0 where nothing is described.
    """
    random = torch.Generator().manual_seed(seed)
    tokens = _tokens(model, reading, families or {})
    trained = [one for one in model.language_model.parameters() if one.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=reading.learning_rate, weight_decay=0.0)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, reading.learning_rate, total_steps=reading.steps)
    model.language_model.train()
    read: list[float] = []
    described: list[float] = []
    for step in range(reading.steps):
        loss, divergence = _reading(model, reading, tokens, random)
        if examples and reading.describe and step % reading.describe == 0:
            beside = _describing(model, reading, tokens, examples, random)
            described.append(float(beside.detach()))
            loss = loss + 0.1 * beside
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        pace.step()
        read.append(float(divergence.detach()))
        if tell:
            tell(step, read[-1], described[-1] if described else 0.0)
    return _last(read), _last(described)


def _reading(model: EmotionLlama, reading: Reading, tokens: Tokens, random: torch.Generator) -> tuple[Tensor, Tensor]:
    own, config = plain(model.language_model), model.config
    prompt = build(model.tokenizer, config.prompt, "emotion", labels=config.labels)
    opinions, present = tokens.drawn(reading, reading.batch, random)
    fused = tokens.said(opinions, present, config.prompt.tokens)
    batch = assemble(own.get_input_embeddings(), [prompt] * reading.batch, *fused, [()] * reading.batch)
    hidden = own.get_decoder()(
        inputs_embeds=batch.inputs_embeds, attention_mask=batch.attention_mask, use_cache=False
    ).last_hidden_state  # fmt: skip
    last = batch.attention_mask.sum(dim=1) - 1
    every = own.get_output_embeddings()(hidden[torch.arange(len(hidden)), last])
    said = every[:, _firsts(model)]
    right = joined(opinions, present, reading.pooled)
    divergence = (right.exp() * (right - said.log_softmax(dim=1))).sum(dim=1).mean()
    # Something must be said at all: the labels together should take the whole probability.
    outside = every.logsumexp(dim=1) - said.logsumexp(dim=1)
    return divergence + 0.1 * outside.mean(), divergence


def _describing(
    model: EmotionLlama, reading: Reading, tokens: Tokens, examples: Sequence[Example], random: torch.Generator
) -> Tensor:
    """The mean loss per piece of some examples' answers, behind random opinions."""
    own = plain(model.language_model)
    chosen = [examples[int(at)] for at in torch.randint(len(examples), (reading.descriptions,), generator=random)]
    fused = tokens.said(*tokens.drawn(reading, len(chosen), random), model.config.prompt.tokens)
    batch = assemble(own.get_input_embeddings(), [one.prompt for one in chosen], *fused, [one.answer for one in chosen])
    hidden = own.get_decoder()(
        inputs_embeds=batch.inputs_embeds, attention_mask=batch.attention_mask, use_cache=False
    ).last_hidden_state  # fmt: skip
    wanted = batch.labels[:, 1:] != IGNORED
    return cross_entropy(own.get_output_embeddings()(hidden[:, :-1][wanted]), batch.labels[:, 1:][wanted])


def _tokens(model: EmotionLlama, reading: Reading, families: Mapping[str, str]) -> Tokens:
    away, middle = directions(model, reading.strength)
    places, at = [], 0
    for projection in model.fusion.projections:  # type: ignore[union-attr]
        if projection.name in reading.projections:
            places.append(at)
        at += projection.tokens
    labels = model.config.labels
    free, tied = torch.eye(len(labels)), torch.eye(len(labels))
    for member, family in families.items():
        tied[:, labels.index(member)] = tied[:, labels.index(family)]
    own = [name for name in (one.name for one in model.fusion.projections) if name in reading.projections]  # type: ignore[union-attr]
    ties = torch.stack([tied if name in reading.tied else free for name in own])
    return Tokens(places=places, away=away, middle=middle, ties=ties)


def _firsts(model: EmotionLlama) -> Tensor:
    words = [model.config.written.get(one, one) for one in model.config.labels]
    return torch.tensor([answer_ids(model.tokenizer, word, end=False)[0] for word in words])


def _last(values: Sequence[float]) -> float:
    rest = values[-max(1, len(values) // 10) :]
    return sum(rest) / len(rest) if rest else 0.0
