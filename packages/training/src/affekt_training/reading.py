"""Stage 0: the language model learns to read tokens that `probe` sets, before it hears anybody.

Each draw gives one or more of the probed projections a random opinion, a logit a label. Their tokens stand in the
prompt as a clip's would, and the answer to learn is the distribution that independent witnesses of these opinions
would give together: the softmax of the sum. No recording, face or speaker takes part, so one reading serves all folds.
"""

from collections.abc import Callable

import torch
from affekt_emotion_llama.language_model import plain
from affekt_emotion_llama.model import EmotionLlama
from affekt_emotion_llama.prompt import answer_ids, build
from affekt_emotion_llama.sequence import assemble
from torch import Tensor

from affekt_training.config import Reading
from affekt_training.probe import directions


def learn(model: EmotionLlama, reading: Reading, seed: int, tell: Callable[[int, float], None] | None = None) -> float:
    """Trains the adapters; returns the mean divergence from the right distribution over the last tenth, in nats."""
    random = torch.Generator().manual_seed(seed)
    own = plain(model.language_model)
    away, middle = directions(model, reading.strength)
    firsts = torch.tensor(
        [answer_ids(model.tokenizer, model.config.written.get(one, one), end=False)[0] for one in model.config.labels]
    )
    places = _places(model, reading.projections)
    prompt = build(model.tokenizer, model.config.prompt, "emotion", labels=model.config.labels)
    trained = [one for one in model.language_model.parameters() if one.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=reading.learning_rate, weight_decay=0.0)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, reading.learning_rate, total_steps=reading.steps)
    model.language_model.train()
    last: list[float] = []
    for step in range(reading.steps):
        opinions, present = _drawn(reading, len(firsts), random)
        tokens = torch.zeros(reading.batch, model.config.prompt.tokens, model.config.hidden)
        mask = torch.zeros(reading.batch, model.config.prompt.tokens, dtype=torch.bool)
        tokens[:, places], mask[:, places] = opinions @ away + middle, present
        batch = assemble(own.get_input_embeddings(), [prompt] * reading.batch, tokens, mask, [(0,)] * reading.batch)
        hidden = own.get_decoder()(
            inputs_embeds=batch.inputs_embeds, attention_mask=batch.attention_mask, use_cache=False
        ).last_hidden_state  # fmt: skip
        before = batch.attention_mask.sum(dim=1) - 2
        every = own.get_output_embeddings()(hidden[torch.arange(len(hidden)), before])
        right = (opinions * present[:, :, None]).sum(dim=1).log_softmax(dim=1)
        said = every[:, firsts].log_softmax(dim=1)
        divergence = (right.exp() * (right - said)).sum(dim=1).mean()
        # Something must be said at all: the labels together should take the whole probability.
        outside = every.logsumexp(dim=1) - every[:, firsts].logsumexp(dim=1)
        loss = divergence + 0.1 * outside.mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        pace.step()
        last.append(float(divergence.detach()))
        if tell:
            tell(step, last[-1])
    rest = last[-max(1, len(last) // 10) :]
    return sum(rest) / len(rest)


def _places(model: EmotionLlama, projections: tuple[str, ...]) -> list[int]:
    """At which of the clip's tokens the probed projections stand."""
    found, at = [], 0
    for projection in model.fusion.projections:  # type: ignore[union-attr]
        if projection.name in projections:
            found.append(at)
        at += projection.tokens
    return found


def _drawn(reading: Reading, labels: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Opinions [clip, projection, label] and which of them are there; at least one is."""
    count, batch = len(reading.projections), reading.batch
    scale = reading.spread * torch.rand(batch, count, 1, generator=random) * 2
    opinions = scale * torch.randn(batch, count, labels, generator=random)
    opinions = opinions - opinions.mean(dim=2, keepdim=True)
    present = torch.rand(batch, count, generator=random) < 0.6
    sure = torch.randint(count, (batch,), generator=random)
    present[torch.arange(batch), sure] = True
    return opinions, present
