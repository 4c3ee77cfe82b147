"""The fuser `attention`: AffectGPT's fusion before the language model (arXiv 2501.16566).

Each stream is averaged over time and brought to one width; a small network weighs the streams (without softmax) into
one token, which stands before one token of each stream.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

import torch
from affekt import Component, Evidence, FusedSequence
from pydantic import Field
from torch import Tensor, nn

from affekt_emotion_llama.fusing import Loaded, fuse
from affekt_emotion_llama.saved import in_use, load_fuser
from affekt_emotion_llama.streams import Masks, Reading, Rows


class AttentionFusion(nn.Module):
    """One fused token, then one token a stream."""

    def __init__(self, slots: Sequence[str], dims: Mapping[str, int], hidden: int) -> None:
        super().__init__()
        self.readings = tuple(Reading(slot=slot) for slot in slots)
        wide = max(dims[slot] for slot in slots)
        for slot in slots:
            self.add_module(f"multi_{slot}_embs", nn.Linear(dims[slot], wide))
            self.add_module(f"{slot}_llama_proj", nn.Linear(dims[slot], hidden))
        self.attention_mlp = nn.Linear(wide * len(slots), wide)
        self.fc_att = nn.Linear(wide, len(slots))
        self.multi_llama_proj = nn.Linear(wide, hidden)
        self.tokens = 1 + len(slots)
        self.video_tokens = 0

    def forward(self, rows: Rows, masks: Masks) -> tuple[Tensor, Tensor]:
        """Tokens [clip, token, hidden] and their mask [clip, token]."""
        kind = self.multi_llama_proj.weight.dtype
        own, hidden, presence = [], [], []
        for reading in self.readings:
            vectors, present = reading.vectors(rows[reading.slot], masks[reading.slot])
            vectors = vectors[:, 0].to(kind)
            own.append(self.get_submodule(f"{reading.slot}_llama_proj")(vectors))
            hidden.append(self.get_submodule(f"multi_{reading.slot}_embs")(vectors) * present[:, None])
            presence.append(present)
        weights = self.fc_att(self.attention_mlp(torch.cat(hidden, dim=1)))
        fused = (torch.stack(hidden, dim=2) @ weights[:, :, None]).squeeze(2)
        present = torch.stack(presence, dim=1)
        tokens = torch.stack([self.multi_llama_proj(fused), *own], dim=1)
        return tokens, torch.cat([present.any(dim=1, keepdim=True), present], dim=1)


class AttentionFuser(Component):
    """One token for all streams together and one for each."""

    model: str | None = Field(
        default=None, description="A saved model: a folder, a hub name or a shipped name; its layers are used"
    )
    revision: str | None = Field(default=None, description="A commit of the hub repository, for reproducible runs")
    streams: tuple[str, ...] = Field(default=("audio", "video"), min_length=1, description="The slots that are fused")
    device: str = Field(default="cpu", description='Anything torch.device takes, such as "cuda:0"')

    @property
    def weights_in_use(self) -> tuple[str, ...]:
        """Names of `affekt weights list` for provenance: the saved model's."""
        return in_use(self.model)

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots of the pipeline it reads."""
        return self.streams

    def module(self, dims: Mapping[str, int], hidden: int) -> AttentionFusion:
        """A new module with random weights; see `streams.TrainableFuser`."""
        return AttentionFusion(self.streams, dims, hidden)

    @cached_property
    def _loaded(self) -> Loaded:
        return load_fuser("attention", self.model, self.revision, self.device)

    def fuse(self, evidence: Sequence[Evidence]) -> list[FusedSequence]:
        """One sequence a clip, with a mask where a slot is missing."""
        return fuse(self._loaded, evidence, self.device)
