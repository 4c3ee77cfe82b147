"""The fuser `conv-attention` of Emotion-LLaMA-v2 (arXiv 2601.16449): 64 fused tokens before the others, 448 in all.

Streams of equal length pass an MLP each; an attention branch weighs them row by row (without softmax), a convolution
branch mixes neighbouring rows, and their sum is projected. Layers carry the names of v2's checkpoints.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

import torch
from affekt import Component, Evidence, FusedSequence
from pydantic import Field
from torch import Tensor, nn

from affekt_emotion_llama.fusing import Loaded, fuse
from affekt_emotion_llama.projections import Projection, Projections, check_names, slots_of
from affekt_emotion_llama.saved import in_use, load_fuser
from affekt_emotion_llama.streams import Masks, Reading, Rows

STREAMS = (
    Reading(slot="speech", tokens=64),
    Reading(slot="image", take="rows"),
    Reading(slot="video", tokens=64),
)
"""v2: Whisper pooled to 64 rows, the image's CLS token repeated, EVA on 16 frames pooled to 64 rows."""
OWN = (
    Projection(name="llama_proj", slot="image", take="rows", first=1, tokens=256, join=4, place="video"),
    Projection(name="llama_proj_video", slot="video", tokens=64, place="video"),
    Projection(name="llama_proj_audio", slot="speech", tokens=64, place="video"),
)
"""v2's order after the fused tokens: 256 of the image, 64 of the video, 64 of the sound."""
WIDE, NARROW = 512, 128
"""The widths of the MLPs."""
BLOCKS = 4


def _mlp(width: int, dropout: float) -> nn.Sequential:
    layers: list[nn.Module] = []
    for wide in (WIDE, NARROW):
        layers += [nn.Linear(width, wide), nn.ReLU(), nn.Dropout(dropout)]
        width = wide
    return nn.Sequential(*layers)


class _Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(nn.Conv1d(NARROW, NARROW, kernel_size=3, padding=1), nn.SiLU())

    def forward(self, x: Tensor) -> Tensor:
        mixed: Tensor = self.conv_block(x) + x
        return mixed


class _Convolutions(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv_blocks = nn.ModuleList(_Block() for _ in range(BLOCKS))

    def forward(self, x: Tensor) -> Tensor:
        for block in self.conv_blocks:
            x = block(x)
        return x


class ConvAttention(nn.Module):
    """Streams [clip, row, width] → fused rows [clip, row, out]."""

    def __init__(self, widths: Sequence[int], out: int, dropout: float) -> None:
        super().__init__()
        self.feats_prep = nn.ModuleList(_mlp(width, dropout) for width in widths)
        joined = NARROW * len(widths)
        self.attention_mlp = _mlp(joined, dropout)
        self.fc_att = nn.Linear(NARROW, len(widths))
        self.conv_entry = nn.Conv1d(joined, NARROW, kernel_size=1)
        self.conv_module = _Convolutions()
        self.fc_final = nn.Linear(NARROW, out)

    def forward(self, streams: Sequence[Tensor], present: Tensor) -> Tensor:
        """`present` [clip, stream] takes missing streams out of both branches."""
        hidden = [prepare(stream) for prepare, stream in zip(self.feats_prep, streams, strict=True)]
        stacked = torch.stack(hidden, dim=-1) * present[:, None, None, :]
        joined = stacked.transpose(2, 3).flatten(2)
        weights = self.fc_att(self.attention_mlp(joined))
        attended = (stacked @ weights.unsqueeze(-1)).squeeze(-1)
        mixed = self.conv_module(self.conv_entry(joined.transpose(1, 2))).transpose(1, 2)
        fused: Tensor = self.fc_final(attended + mixed)
        return fused


class ConvAttentionFusion(nn.Module):
    """Fused tokens, then those of the projections."""

    def __init__(
        self,
        streams: Sequence[Reading],
        projections: Sequence[Projection],
        dims: Mapping[str, int],
        hidden: int,
        *,
        fused: int = 256,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.streams = tuple(streams)
        self.length = max(stream.tokens for stream in self.streams)
        self.conv_pro_module = ConvAttention([stream.width(dims[stream.slot]) for stream in streams], fused, dropout)
        self.llama_proj_fusion = nn.Linear(fused, hidden)
        self.own = Projections(projections, dims, hidden)
        self.tokens = self.length + self.own.tokens
        self.video_tokens = self.length + self.own.video_tokens

    def forward(self, rows: Rows, masks: Masks) -> tuple[Tensor, Tensor]:
        """Tokens [clip, token, hidden] and their mask [clip, token]."""
        read = [stream.vectors(rows[stream.slot], masks[stream.slot]) for stream in self.streams]
        kind = self.llama_proj_fusion.weight.dtype
        present = torch.stack([there for _, there in read], dim=1)
        streams = [vectors.to(kind).expand(-1, self.length, -1) for vectors, _ in read]
        fused = self.llama_proj_fusion(self.conv_pro_module(streams, present.to(kind)))
        tokens, mask = self.own(rows, masks)
        return (
            torch.cat([fused, tokens], dim=1),
            torch.cat([present.any(dim=1, keepdim=True).expand(-1, self.length), mask], dim=1),
        )

    def fit_scale(self, rows: Rows, masks: Masks) -> None:
        """See `Projections.fit_scale`."""
        self.own.fit_scale(rows, masks)


class ConvAttentionFuser(Component):
    """Emotion-LLaMA-v2's fusion before the language model, over any streams of any width."""

    model: str | None = Field(
        default=None, description="A saved model: a folder, a hub name or a shipped name; its layers are used"
    )
    revision: str | None = Field(default=None, description="A commit of the hub repository, for reproducible runs")
    streams: tuple[Reading, ...] | None = Field(
        default=None, min_length=1, description="What is fused; null takes v2's. Streams of one row are repeated"
    )
    projections: tuple[Projection, ...] | None = Field(
        default=None, min_length=1, description="Tokens after the fused ones; null takes v2's"
    )
    dropout: float = Field(default=0.1, ge=0, lt=1, description="While training")
    device: str = Field(default="cpu", description='Anything torch.device takes, such as "cuda:0"')

    @property
    def weights_in_use(self) -> tuple[str, ...]:
        """Names of `affekt weights list` for provenance: the saved model's."""
        return in_use(self.model)

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots of the pipeline it reads."""
        return slots_of((*(self.streams or STREAMS), *(self.projections or OWN)))

    def module(self, dims: Mapping[str, int], hidden: int) -> ConvAttentionFusion:
        """A new module with random weights; see `streams.TrainableFuser`.

        Raises:
            OptionsError: two projections share a name, or those of the video do not come first.
        """
        streams, projections = self.streams or STREAMS, self.projections or OWN
        check_names(projections)
        return ConvAttentionFusion(streams, projections, dims, hidden, dropout=self.dropout)

    @cached_property
    def _loaded(self) -> Loaded:
        return load_fuser("conv-attention", self.model, self.revision, self.device)

    def fuse(self, evidence: Sequence[Evidence]) -> list[FusedSequence]:
        """One sequence a clip, with a mask where a slot is missing."""
        return fuse(self._loaded, evidence, self.device)
