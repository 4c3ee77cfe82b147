"""Hidden states of HuBERT."""

import json
from collections.abc import Sequence
from functools import cached_property
from math import prod
from typing import Any, ClassVar

import numpy as np
import torch
from affekt import Clip, Component, Features, Missing, Modality
from affekt_encoding.checkpoints import load_pretrained, pretrained_folder
from affekt_encoding.hearing import Clock, Listening, Rows, Samples, hear
from affekt_encoding.layers import chosen_layers, cut_after, side_by_side, states_of
from affekt_encoding.options import BatchSize, Device, Layer, Pool, Precision, Revision, Segments
from affekt_encoding.pooling import pooled
from affekt_encoding.presets import with_preset
from affekt_encoding.torch_builds import matching_builds
from pydantic import Field, model_validator
from torch.nn.functional import pad

from affekt_hubert.presets import PRESETS

with matching_builds():
    from transformers import HubertModel

PADDING = 0.1
"""Share of a batch that may be padding, where padding changes nothing."""


class HubertEncoder(Component):
    """Hidden states of chosen layers of HuBERT (Hsu et al., 2021), 20 ms a row.

    The last layer is what leaves the network, after its final norm. HuBERT Base norms each channel over time, so
    padding would change what it hears: its clips share a batch only where they are equally long. HuBERT Large norms
    each row by itself and masks padding exactly, so clips of like length share a batch.
    """

    modality: ClassVar[Modality] = "audio"
    sample_rate: ClassVar[int] = 16_000

    preset: str | None = Field(default=None, description=f"Options as published: {', '.join(PRESETS)}")
    model: str = Field(default="facebook/hubert-base-ls960", description="A local folder or a hub name")
    revision: Revision = None
    layer: Layer = -1
    pool: Pool = "none"
    segments: Segments = 8
    window: float = Field(default=30.0, ge=5, description="Seconds heard at once; longer sound is cut and rejoined")
    batch_size: BatchSize = 8
    device: Device = "cpu"
    dtype: Precision = "float32"

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, given: Any) -> Any:
        return with_preset(given, PRESETS)

    @cached_property
    def _network(self) -> HubertModel:
        network = load_pretrained(
            HubertModel,
            self.model,
            revision=self.revision,
            device=self.device,
            dtype=self.dtype,
            may_miss=("masked_spec_embed",),  # only training masks
        )
        cut_after(network.encoder.layers, chosen_layers(self.layer, network.config.num_hidden_layers))
        return network

    @cached_property
    def _normalizes(self) -> bool:
        """Whether the checkpoint was trained on sound of mean 0 and variance 1, as its preprocessor says."""
        file = pretrained_folder(self.model, self.revision) / "preprocessor_config.json"
        return not file.is_file() or bool(json.loads(file.read_text(encoding="utf-8")).get("do_normalize", True))

    @cached_property
    def _clock(self) -> Clock:
        config = self._network.config
        field, stride = 1, 1
        for kernel, step in zip(config.conv_kernel, config.conv_stride, strict=True):
            field, stride = field + (kernel - 1) * stride, stride * step
        return Clock(sample_rate=self.sample_rate, stride=prod(config.conv_stride), field=field)

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        """Encodes the sound of each clip, or says why it has none."""
        masks_exactly = self._network.config.feat_extract_norm == "layer"
        listening = Listening(
            window=self.window, margin=1.0, batch_size=self.batch_size, padding=PADDING if masks_exactly else 0.0
        )
        return hear(clips, self._hidden, self._clock, listening, lambda rows: pooled(rows, self.pool, self.segments))

    @torch.inference_mode()
    def _hidden(self, sounds: list[Samples]) -> list[Rows]:
        network, longest = self._network, max(map(len, sounds))
        tensors = [torch.from_numpy(_normalized(sound) if self._normalizes else sound) for sound in sounds]
        batch = torch.stack([pad(sound, (0, longest - len(sound))) for sound in tensors])
        mask = None
        if any(len(sound) < longest for sound in sounds):
            mask = torch.stack([torch.arange(longest) < len(sound) for sound in sounds]).long().to(network.device)
        count = network.config.num_hidden_layers
        layers = chosen_layers(self.layer, count)
        with states_of(network.encoder.layers, layers) as states:
            output = network(batch.to(network.device, network.dtype), attention_mask=mask)
        if count in layers:
            states[count] = output.last_hidden_state
        rows = side_by_side(states, layers).cpu().numpy()
        return [kept[: self._clock.rows(len(sound))] for kept, sound in zip(rows, sounds, strict=True)]


def _normalized(sound: Samples) -> Samples:
    normalised: Samples = ((sound - sound.mean()) / np.sqrt(sound.var() + 1e-7)).astype(np.float32)
    return normalised
