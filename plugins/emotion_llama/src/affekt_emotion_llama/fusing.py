"""The NumPy side of a trainable fuser: evidence in, fused sequences out, by the weights of a saved model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from affekt import ComponentError, Evidence, FusedSequence
from torch import nn

from affekt_emotion_llama.streams import pad


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A fusion module with its weights, and what it was trained on."""

    module: nn.Module
    dims: Mapping[str, int]
    """The columns of each slot."""


@torch.inference_mode()
def fuse(loaded: Loaded, evidence: Sequence[Evidence], device: str) -> list[FusedSequence]:
    """One sequence a clip; tokens of missing slots are masked.

    Raises:
        ComponentError: the pipeline has none of the slots the module reads.
        DataError: a slot holds features of another width.
    """
    if not evidence:
        return []
    wanted = set(loaded.dims)
    there = evidence[0].features.keys() | evidence[0].missing.keys()
    if not wanted & there:
        raise ComponentError(
            f"the fuser reads the slots {sorted(wanted)}, but the pipeline has {sorted(there)}",
            hint="name the encoders' slots as the model was trained",
        )
    arrays = [
        {slot: clip_evidence.features[slot].values for slot in wanted & clip_evidence.features.keys()}
        for clip_evidence in evidence
    ]
    tokens, mask = loaded.module(*pad(arrays, loaded.dims, device))
    tokens = torch.where(mask[:, :, None], tokens, 0.0).float().cpu().numpy()
    return [
        FusedSequence(tokens=np.ascontiguousarray(own), mask=there)
        for own, there in zip(tokens, mask.cpu().numpy(), strict=True)
    ]
