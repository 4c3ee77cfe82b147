"""Linear layers from features into the embedding space of a language model, under the names of a checkpoint."""

from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from affekt import OptionsError
from pydantic import Field
from torch import Tensor, nn

from affekt_emotion_llama.streams import Masks, Reading, Rows

Place = Literal["video", "feature"]


class Projection(Reading):
    """One linear layer and the rows it reads."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    """The name of the layer in checkpoints: "feats_llama_proj1"."""
    place: Place = "feature"
    """The placeholder of the prompt at which its tokens stand; all of `video` come before all of `feature`."""
    standardise: bool = False
    """Subtract a mean and divide by a spread, column by column; `fit_scale` measures them on training data."""


PAPER = (
    Projection(name="llama_proj", slot="image", take="rows", first=1, tokens=256, join=4, place="video"),
    Projection(name="feats_llama_proj1", slot="mae"),
    Projection(name="feats_llama_proj2", slot="videomae"),
    Projection(name="feats_llama_proj3", slot="speech"),
    Projection(name="cls_tk_llama_proj", slot="image", take="rows"),
)
"""Emotion-LLaMA's five projections in the order of its tokens: 256 of the image, MAE, VideoMAE, audio, CLS."""


def slots_of(readings: Sequence[Reading]) -> tuple[str, ...]:
    """Every slot once, in the order of first use."""
    return tuple(dict.fromkeys(reading.slot for reading in readings))


def check_names(projections: Sequence[Projection]) -> None:
    """Refuses projections that could not be told apart, or whose tokens would interleave.

    Raises:
        OptionsError: a name stands twice, or a `video` projection follows a `feature` one.
    """
    names = [projection.name for projection in projections]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise OptionsError(f"projections: the name {twice[0]!r} stands twice", hint="one name a projection")
    places = [projection.place for projection in projections]
    if places != sorted(places, key=("video", "feature").index):
        raise OptionsError(f"projections: all with place: video come first; found {places}")


class Projections(nn.Module):
    """Every projection's tokens, one projection after the other."""

    def __init__(self, projections: Sequence[Projection], dims: Mapping[str, int], hidden: int) -> None:
        super().__init__()
        self.projections = tuple(projections)
        self.tokens = sum(projection.tokens for projection in self.projections)
        self.video_tokens = sum(projection.tokens for projection in self.projections if projection.place == "video")
        for projection in self.projections:
            width = projection.width(dims[projection.slot])
            self.add_module(projection.name, nn.Linear(width, hidden))
            if projection.standardise:
                self.register_buffer(f"{projection.name}_centre", torch.zeros(width))
                self.register_buffer(f"{projection.name}_spread", torch.ones(width))

    def forward(self, rows: Rows, masks: Masks) -> tuple[Tensor, Tensor]:
        """Tokens [clip, token, hidden] and their mask [clip, token]."""
        tokens, mask = [], []
        for projection in self.projections:
            vectors, present = projection.vectors(rows[projection.slot], masks[projection.slot])
            layer = self.get_submodule(projection.name)
            tokens.append(layer(self._standardised(projection, vectors).to(next(layer.parameters()).dtype)))
            mask.append(present[:, None].expand(-1, projection.tokens))
        return torch.cat(tokens, dim=1), torch.cat(mask, dim=1)

    @torch.no_grad()
    def fit_scale(self, rows: Rows, masks: Masks) -> None:
        """Measures mean and spread of every column on (a good part of) the training data."""
        for projection in self.projections:
            if projection.standardise:
                vectors, present = projection.vectors(rows[projection.slot], masks[projection.slot])
                if present.any():
                    samples = vectors[present].flatten(0, 1)
                    self.get_buffer(f"{projection.name}_centre").copy_(samples.mean(dim=0))
                    self.get_buffer(f"{projection.name}_spread").copy_(samples.std(dim=0, correction=0).clamp(min=1e-3))

    def _standardised(self, projection: Projection, vectors: Tensor) -> Tensor:
        if not projection.standardise:
            return vectors
        return (vectors - self.get_buffer(f"{projection.name}_centre")) / self.get_buffer(f"{projection.name}_spread")
