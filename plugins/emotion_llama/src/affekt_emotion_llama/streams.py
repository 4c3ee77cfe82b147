"""Features as padded tensors, and the torch protocol of trainable fusers.

A fuser that is trained with a language model offers `module(dims, hidden)`. The module takes what `pad` makes of a
batch and returns tokens in the model's embedding space with their mask; see `TrainableFuser` and `FusionModule`.
Missing slots are rows without a True in the mask. Their tokens come out masked, and whoever embeds them leaves them
out (`sequence.assemble`), so that no zeros pose as data.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol, runtime_checkable

import numpy as np
import torch
from affekt import DataError
from jaxtyping import Float32
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

Rows = Mapping[str, Tensor]
"""Slot → float [clip, row, dim], zeros after a clip's last row."""
Masks = Mapping[str, Tensor]
"""Slot → bool [clip, row], True for a clip's own rows; all False where the slot is missing."""
Arrays = Mapping[str, Float32[np.ndarray, "row dim"]]
"""Slot → features of one clip; missing slots are absent."""
DOUBT = 0.02
"""How far a probability may be off, as in affekt-heads: no class is ruled out."""


@runtime_checkable
class FusionModule(Protocol):
    """What `TrainableFuser.module` returns: an `nn.Module` with these attributes."""

    tokens: int
    """The number of tokens a clip, always the same."""
    video_tokens: int
    """How many of them, the first ones, stand at `<VideoHere>`; the others stand at `<FeatureHere>`."""

    def __call__(self, rows: Rows, masks: Masks) -> tuple[Tensor, Tensor]:
        """Tokens [clip, token, hidden] and their mask [clip, token], False where their slot is missing."""
        ...


@runtime_checkable
class TrainableFuser(Protocol):
    """A fuser whose tokens are learnt together with the language model."""

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots of the pipeline it reads."""
        ...

    def module(self, dims: Mapping[str, int], hidden: int) -> nn.Module:
        """A new `FusionModule` with random weights.

        Args:
            dims: slot → columns of its features.
            hidden: width of the language model's embeddings.
        """
        ...


def pad(clips: Sequence[Arrays], dims: Mapping[str, int], device: str | torch.device = "cpu") -> tuple[Rows, Masks]:
    """One batch for a `FusionModule`.

    Raises:
        DataError: features of a slot have the wrong number of columns, or hold NaN or infinity.
    """
    rows, masks = {}, {}
    for slot, width in dims.items():
        longest = max((len(clip[slot]) for clip in clips if slot in clip), default=0)
        values, own = np.zeros((len(clips), longest, width), np.float32), np.zeros((len(clips), longest), bool)
        for index, clip in enumerate(clips):
            if slot in clip:
                _check(slot, clip[slot], width)
                values[index, : len(clip[slot])] = clip[slot]
                own[index, : len(clip[slot])] = True
        rows[slot], masks[slot] = torch.from_numpy(values).to(device), torch.from_numpy(own).to(device)
    return rows, masks


def _check(slot: str, values: np.ndarray, width: int) -> None:
    if values.ndim != 2 or values.shape[1] != width:
        raise DataError(
            f'"{slot}" should have {width} columns, as in training; found an array of shape {list(values.shape)}',
            hint="the encoder and options the model was trained with",
        )
    if not np.isfinite(values).all():
        raise DataError(f'the features of "{slot}" hold NaN or infinity')


class Reading(BaseModel):
    """Which rows of a slot are read, and how many vectors they become."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    slot: str
    take: Literal["mean", "mean-std", "rows"] = "mean"
    """`mean`: the clip is cut into `tokens` equal stretches and each is averaged (adaptive average pooling).
    `mean-std`: mean and standard deviation side by side. `rows`: exactly `tokens` × `join` rows from `first` on."""
    tokens: int = Field(default=1, gt=0)
    join: int = Field(default=1, gt=0)
    """Consecutive rows that are concatenated into one vector."""
    first: int = Field(default=0, ge=0)
    """Rows that are left out at the beginning: 1 skips a CLS token."""
    log: bool = False
    """Read the logarithms of the columns, which are probabilities; `DOUBT` is added to them first."""

    def width(self, dim: int) -> int:
        """The columns of a vector."""
        return dim * (2 if self.take == "mean-std" else self.join)

    def vectors(self, rows: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Vectors [clip, token, width] and whether each clip has the slot [clip]; absent clips give zeros.

        Raises:
            DataError: `take="rows"` and a clip has too few rows.
        """
        present = mask.any(dim=1)
        if self.log:
            rows = (rows.clamp(min=0) + DOUBT).log()
        if self.take == "rows":
            return self._rows(rows, mask, present), present
        return self._pooled(rows[:, self.first :], mask[:, self.first :]), present

    def _rows(self, rows: Tensor, mask: Tensor, present: Tensor) -> Tensor:
        needed = self.tokens * self.join
        if not present.any():
            return rows.new_zeros(len(rows), self.tokens, self.width(rows.shape[2]))
        fewest = int(mask.sum(dim=1)[present].min())
        if fewest < self.first + needed:
            raise DataError(
                f'"{self.slot}" should have {self.first + needed} rows; found {fewest}',
                hint="an encoder that returns every patch, with the CLS token first",
            )
        return rows[:, self.first : self.first + needed].reshape(len(rows), self.tokens, -1)

    def _pooled(self, rows: Tensor, mask: Tensor) -> Tensor:
        lengths = mask.sum(dim=1)[:, None, None]
        stretch = torch.arange(self.tokens, device=rows.device)[None, :, None]
        row = torch.arange(rows.shape[1], device=rows.device)[None, None, :]
        begin, end = stretch * lengths // self.tokens, -(-(stretch + 1) * lengths // self.tokens)
        weights = ((row >= begin) & (row < end)).to(rows.dtype)
        weights = weights / weights.sum(dim=2, keepdim=True).clamp(min=1)
        mean = weights @ rows
        if self.take == "mean":
            return mean
        variance = weights @ rows.square() - mean.square()
        return torch.cat([mean, variance.clamp(min=0).sqrt()], dim=2)
