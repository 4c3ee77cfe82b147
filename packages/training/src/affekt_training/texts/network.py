"""A BERT-like encoder with LoRA and two heads: what a comment expresses, and what is felt in a line."""

import torch
from affekt_clues.expression import LABELS
from jaxtyping import Float, Int
from peft import LoraConfig, get_peft_model
from torch import Tensor, nn

TARGETS = r"encoder\.layer\.\d+\..*\.(query|key|value|dense)"
"""All linear layers of all blocks."""


class TunedText(nn.Module):
    """Word pieces to the mean state, and from it to logits of both heads.

    The encoder's weights stay; LoRA (Hu et al. 2021) is trained beside them.
    """

    def __init__(self, encoder: nn.Module, labels: int, *, rank: int, dropout: float) -> None:
        super().__init__()
        encoder.requires_grad_(False)
        config = LoraConfig(r=rank, lora_alpha=2 * rank, lora_dropout=0.0, target_modules=TARGETS)
        self.encoder = get_peft_model(encoder, config)
        width: int = encoder.config.hidden_size  # type: ignore[union-attr, assignment]
        self.dropout = nn.Dropout(dropout)
        self.expressed = nn.Linear(width, labels)
        self.felt = nn.Linear(width, len(LABELS))
        self.lean = nn.Parameter(torch.zeros(2, len(LABELS)))
        """How MELD and EmoryNLP differ in their mixture of emotions."""

    def forward(
        self, pieces: Int[Tensor, "text piece"], mask: Int[Tensor, "text piece"]
    ) -> Float[Tensor, "text column"]:
        """The mean of the states of a text's own pieces."""
        states = self.encoder(input_ids=pieces, attention_mask=mask).last_hidden_state
        own = mask.unsqueeze(-1).to(states.dtype)
        return self.dropout((states * own).sum(1) / own.sum(1))  # type: ignore[no-any-return]

    def trained(self) -> dict[str, Tensor]:
        """The numbers that training moves: LoRA and the heads."""
        return {name: value for name, value in self.named_parameters() if value.requires_grad}

    def adapter(self) -> dict[str, Tensor]:
        """LoRA's matrices alone, as `affekt_encoding.adapters` adds them to the encoder."""
        return {
            name.removeprefix("encoder.base_model.model.").replace(f".lora_{side}.default.weight", f".{side}"): value
            for name, value in self.trained().items()
            for side in ("A", "B")
            if f".lora_{side}." in name
        }
