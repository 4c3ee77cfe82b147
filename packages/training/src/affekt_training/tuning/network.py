"""Whisper's lower blocks with LoRA and a small head: the emotions of a voice, in the words of every corpus at once."""

from collections.abc import Sequence
from typing import Any

import torch
from affekt_heads.emotions import EMOTIONS
from jaxtyping import Bool, Float, Int
from peft import LoraConfig, get_peft_model
from torch import Tensor, nn
from torch.nn.functional import gelu, layer_norm

TARGETS = ("q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2")
"""The linear layers of a block, all of which get an adapter."""
ATTENTION_WIDTH = 64
"""Width of the layer that decides how much a frame counts."""


class TunedVoice(nn.Module):
    """Spectrograms to statistics, and from these to logits over the nine emotions.

    Blocks 1 to `depth` of the encoder run; their weights stay, LoRA (Hu et al. 2021) is trained beside them. The states
    of the positions and of every block are normalised, weighed by a softmax (Pepino et al. 2021), and pooled by
    attentive statistics (Okabe et al. 2018, arXiv:1803.10963), so that pauses need not be cut out.
    """

    def __init__(self, encoder: nn.Module, corpora: Sequence[str], *, depth: int, rank: int, dropout: float) -> None:
        super().__init__()
        del encoder.layers[depth:]  # type: ignore[operator, union-attr]
        encoder.requires_grad_(False)
        config = LoraConfig(r=rank, lora_alpha=2 * rank, lora_dropout=0.0, target_modules=list(TARGETS))
        self.encoder = get_peft_model(encoder, config).base_model.model
        width: int = encoder.config.d_model  # type: ignore[union-attr, assignment]
        self.mix = nn.Parameter(torch.zeros(depth + 1))
        self.attention = nn.Sequential(nn.Linear(width, ATTENTION_WIDTH), nn.Tanh(), nn.Linear(ATTENTION_WIDTH, 1))
        self.norm = nn.LayerNorm(2 * width)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(2 * width, len(EMOTIONS))
        self.shift = nn.ParameterDict({corpus: nn.Parameter(torch.zeros(len(EMOTIONS))) for corpus in corpora})
        """How a corpus leans, so that the head need not; not used on recordings of no corpus."""

    def forward(
        self, spectrograms: Float[Tensor, "clip mel row"], rows: Int[Tensor, "clip"]
    ) -> Float[Tensor, "clip emotion"]:
        """Logits without any corpus's lean; `rows` says how many rows of each clip are its own."""
        logits: Tensor = self.head(self.dropout(self.pooled(spectrograms, rows)))
        return logits

    def states(
        self, spectrograms: Float[Tensor, "clip mel row"], kept: Bool[Tensor, "clip frame"]
    ) -> list[Float[Tensor, "clip frame column"]]:
        """The encoder's states; frames that are padding see nobody and are seen by nobody."""
        encoder: Any = self.encoder
        x = gelu(encoder.conv2(gelu(encoder.conv1(spectrograms)))).transpose(1, 2)
        x = x + encoder.embed_positions.weight[: x.shape[1]]
        bias = torch.zeros(len(x), 1, 1, x.shape[1], dtype=x.dtype, device=x.device)
        bias = bias.masked_fill(~kept[:, None, None], -1e4)
        states = [x]
        for block in encoder.layers:
            output = block(states[-1], attention_mask=bias.to(states[-1].dtype))
            states.append(output[0] if isinstance(output, tuple) else output)
        return states

    def pooled(
        self, spectrograms: Float[Tensor, "clip mel row"], rows: Int[Tensor, "clip"]
    ) -> Float[Tensor, "clip statistic"]:
        """Attentive mean and deviation of the weighted states."""
        frames = torch.arange(spectrograms.shape[2] // 2, device=spectrograms.device)
        kept = frames[None] < (rows // 2)[:, None]
        states = self.states(spectrograms, kept)
        width = states[0].shape[-1:]
        weighted = [
            weight * layer_norm(state.float(), width) for weight, state in zip(self.mix.softmax(0), states, strict=True)
        ]
        mixed = torch.stack(weighted).sum(0)
        score = self.attention(mixed)[..., 0].masked_fill(~kept, -1e4).softmax(1)[..., None]
        mean = (score * mixed).sum(1)
        deviation = ((score * (mixed - mean[:, None]) ** 2).sum(1) + 1e-5).sqrt()
        normed: Tensor = self.norm(torch.cat([mean, deviation], dim=1))
        return normed

    def trained(self) -> dict[str, Tensor]:
        """The numbers that training moves: LoRA and the head."""
        return {name: value for name, value in self.named_parameters() if value.requires_grad}

    def adapter(self) -> dict[str, Tensor]:
        """LoRA's matrices alone, as affekt-whisper adds them to the encoder: `layers.0.fc1.A` and `.B`."""
        return {
            name.removeprefix("encoder.").replace(f".lora_{side}.default.weight", f".{side}"): value.detach()
            for name, value in self.named_parameters()
            for side in ("A", "B")
            if f".lora_{side}." in name
        }
