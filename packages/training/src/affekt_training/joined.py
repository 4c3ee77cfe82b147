"""Fuser and language model as one torch module with a loss, as the Trainer wants it."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from affekt_emotion_llama.language.language_model import plain
from affekt_emotion_llama.language.prompt import answer_ids
from affekt_emotion_llama.language.sequence import IGNORED, assemble
from affekt_emotion_llama.model import EmotionLlama
from affekt_emotion_llama.streams import pad
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from affekt_training.config import StageConfig
from affekt_training.examples import Example


class Joined(nn.Module):
    """The loss is on the answers alone; each example counts by its weight, however long its answer."""

    def __init__(self, model: EmotionLlama, config: StageConfig) -> None:
        super().__init__()
        self.fusion = model.fusion
        self.language_model = model.language_model
        self.answer_loss, self.label_loss = config.answer_loss, config.label_loss
        firsts = [
            answer_ids(model.tokenizer, config.written.get(label, label), end=False)[0] for label in config.labels
        ]
        self.register_buffer("firsts", torch.tensor(firsts), persistent=False)
        if config.label_loss and len(set(firsts)) < len(firsts):
            raise ValueError(f"label_loss needs labels whose first pieces differ; found {config.labels}")

    def state_dict(self, *args: Any, **options: Any) -> dict[str, Any]:  # type: ignore[override]
        """What training changes, and the fuser's scales: checkpoints need no copy of the frozen language model."""
        state = super().state_dict(*args, **options)
        trained = {name for name, parameter in self.named_parameters() if parameter.requires_grad}
        return {name: tensor for name, tensor in state.items() if name in trained or name.startswith("fusion.")}

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False) -> Any:
        """Loads what `state_dict` gave; the frozen language model is not missed."""
        result = super().load_state_dict(state_dict, strict=False, assign=assign)
        missing = [name for name in self.state_dict() if name not in state_dict]
        if strict and (missing or result.unexpected_keys):
            raise RuntimeError(f"missing: {missing}; unexpected: {result.unexpected_keys}")
        return type(result)(missing, result.unexpected_keys)

    def gradient_checkpointing_enable(self, *settings: Any, **options: Any) -> None:
        """Recomputes the language model's activations; takes what transformers' own models take."""
        own = plain(self.language_model)
        own.gradient_checkpointing_enable(*settings, **options)  # type: ignore[no-untyped-call]
        own.enable_input_require_grads()  # type: ignore[no-untyped-call]

    def forward(
        self,
        *,
        rows: dict[str, Tensor],
        masks: dict[str, Tensor],
        prompts: Sequence[Any],
        answers: Sequence[Sequence[int]],
        weights: Tensor,
        labels: Tensor,
        named: Tensor,
    ) -> dict[str, Tensor]:
        """The loss of a batch from `collate`."""
        own = plain(self.language_model)
        tokens, mask = self.fusion(rows, masks)
        batch = assemble(own.get_input_embeddings(), prompts, tokens, mask, answers)
        hidden = own.get_decoder()(  # type: ignore[no-untyped-call]
            inputs_embeds=batch.inputs_embeds, attention_mask=batch.attention_mask, use_cache=False
        ).last_hidden_state  # fmt: skip
        # Every position predicts the next one; only those before a piece of an answer reach the large output layer.
        wanted = batch.labels[:, 1:] != IGNORED
        logits = own.get_output_embeddings()(hidden[:, :-1][wanted]).float()  # type: ignore[no-untyped-call]
        clip = torch.arange(len(weights), device=wanted.device)[:, None].expand_as(wanted)[wanted]
        each = cross_entropy(logits, batch.labels[:, 1:][wanted], reduction="none")
        lengths = wanted.sum(dim=1)
        loss = self.answer_loss * each.new_zeros(len(weights)).index_add(0, clip, each) / lengths
        asked = labels >= 0
        if self.label_loss and bool(asked.any()):
            starts = lengths.cumsum(0) - lengths
            scores = logits[starts[asked]][:, self.firsts].masked_fill(~named[asked], -1e4)
            own_loss = cross_entropy(scores, labels[asked], reduction="none")
            loss = loss.index_add(0, asked.nonzero()[:, 0], self.label_loss * own_loss)
        return {"loss": (loss * weights).sum() / weights.sum()}


def collate(items: Sequence[dict[str, Any]], dims: dict[str, int], labels: Sequence[str]) -> dict[str, Any]:
    """Draws of `examples.Run` as the arguments of `Joined`."""
    examples: list[Example] = [item["example"] for item in items]
    slots = [{slot: rows for slot, rows in item["arrays"].items() if slot in dims} for item in items]
    rows, masks = pad(slots, dims)
    return {
        "rows": dict(rows),
        "masks": dict(masks),
        "prompts": [example.prompt for example in examples],
        "answers": [example.answer for example in examples],
        "weights": torch.tensor([example.weight for example in examples]),
        "labels": torch.tensor([-1 if example.label is None else example.label for example in examples]),
        "named": torch.tensor([[label in example.featured.named for label in labels] for example in examples]),
    }
