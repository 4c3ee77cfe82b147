"""Hidden states of HuBERT, as transformers 4 computes them."""

from functools import cached_property
from typing import ClassVar

import torch
import transformers
from affekt import Component, Features, Missing, Modality
from transformers import HubertModel


class OldHubertEncoder(Component):
    """The last layer, one clip at a time."""

    modality: ClassVar[Modality] = "audio"
    model: str

    @cached_property
    def _network(self):
        return HubertModel.from_pretrained(self.model).eval()

    def encode(self, clips):
        """One row every 20 ms."""
        return [self._one(clip) if clip.audio else Missing(reason=clip.why_missing("audio")) for clip in clips]

    @torch.inference_mode()
    def _one(self, clip):
        states = self._network(torch.tensor(clip.audio.samples)[None]).last_hidden_state[0]
        return Features(values=states.numpy(), hop=0.02, source=f"transformers {transformers.__version__}")
