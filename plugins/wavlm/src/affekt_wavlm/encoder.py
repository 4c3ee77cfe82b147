"""Hidden states of WavLM as s3prl gives them."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

import torch
from affekt import Clip, Component, Features, Missing, Modality
from affekt_encoding.devices import device_of, dtype_of
from affekt_encoding.hearing import Clock, Listening, Rows, Samples, hear
from affekt_encoding.layers import chosen_layers, side_by_side
from affekt_encoding.options import BatchSize, Device, Layer, Pool, Precision, Revision, Segments
from affekt_encoding.pooling import pooled
from affekt_encoding.presets import with_preset
from pydantic import Field, model_validator

from affekt_wavlm.checkpoint import load_wavlm, without_warnings
from affekt_wavlm.presets import PRESETS

CLOCK = Clock(sample_rate=16_000, stride=320, field=400)
"""The clock of WavLM's convolutions; all published models have the same."""


class WavLMEncoder(Component):
    """Hidden states of chosen layers of WavLM (Chen et al., 2022), 20 ms a row.

    s3prl's layers: 0 enters the first block, the last one leaves the network after its final norm. s3prl rounds the
    padding mask to rows, so padding would change the features: only clips of equal length share a batch.
    """

    modality: ClassVar[Modality] = "audio"
    sample_rate: ClassVar[int] = CLOCK.sample_rate

    preset: str | None = Field(default=None, description=f"Options as published: {', '.join(PRESETS)}")
    model: str = Field(
        default="s3prl/converted_ckpts/wavlm_base_plus.pt",
        description="A checkpoint file in s3prl's format, or OWNER/REPOSITORY/FILE of the hub",
    )
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
    def _expert(self) -> Any:
        device, dtype = device_of(self.device), dtype_of(self.dtype)
        expert = load_wavlm(self.model, self.revision)
        deepest = max(chosen_layers(self.layer, expert.cfg.encoder_layers))
        del expert.model.encoder.layers[deepest + 1 :]  # s3prl takes a layer's state where the next block begins
        return expert.to(device=device, dtype=dtype)

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        """Encodes the sound of each clip, or says why it has none."""
        listening = Listening(window=self.window, margin=1.0, batch_size=self.batch_size)
        return hear(clips, self._hidden, CLOCK, listening, lambda rows: pooled(rows, self.pool, self.segments))

    @torch.inference_mode()
    def _hidden(self, sounds: list[Samples]) -> list[Rows]:
        parameter = next(self._expert.parameters())
        with without_warnings():
            states = self._expert([torch.from_numpy(sound).to(parameter) for sound in sounds])["hidden_states"]
        layers = chosen_layers(self.layer, self._expert.cfg.encoder_layers)
        return list(side_by_side(dict(enumerate(states)), layers).cpu().numpy())
