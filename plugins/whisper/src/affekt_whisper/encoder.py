"""Hidden states of Whisper's encoder: what a recogniser hears before it writes words down."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch
from affekt import Clip, Component, Features, Missing, Modality
from affekt_encoding.adapters import add_adapter
from affekt_encoding.devices import device_of, dtype_of
from affekt_encoding.hearing import Clock, Listening, Rows, Samples, hear
from affekt_encoding.layers import chosen_layers
from affekt_encoding.options import BatchSize, Device, Layer, Pool, Precision, Revision, Segments
from affekt_encoding.pooling import pooled
from affekt_encoding.torch_builds import matching_builds
from pydantic import AliasChoices, Field, model_validator
from torch.nn.functional import gelu

from affekt_whisper.clock import ROW, SAMPLE_RATE

with matching_builds():
    from transformers import WhisperFeatureExtractor
    from transformers.models.whisper.modeling_whisper import WhisperEncoder as Network

    from affekt_whisper.checkpoint import load_encoder

HOP = ROW / SAMPLE_RATE
"""The seconds of a row."""
CLOCK = Clock(sample_rate=SAMPLE_RATE, stride=ROW, field=ROW)


class WhisperEncoder(Component):
    """Hidden states of chosen layers, side by side, 20 ms a row.

    Whisper was trained on windows padded to 30 s. Here a window ends where the sound ends, with the table of positions
    cut to fit: five times cheaper for short clips, and no row is about padding. The values differ from padded ones, so
    heads must be trained on features made in this way. Long sound is cut into equal windows that overlap by `margin`
    on either side; rows inside the margins are dropped.
    """

    modality: ClassVar[Modality] = "audio"
    sample_rate: ClassVar[int] = SAMPLE_RATE

    model: str = Field(
        default="whisper-base", description="A name of `affekt weights list`, a local folder or a hub name"
    )
    revision: Revision = None
    adapter: Path | None = Field(
        default=None, description="LoRA for the encoder, as `python -m affekt_training.tuning` writes it"
    )
    layer: Layer = Field(default=(2, 3), validation_alias=AliasChoices("layer", "layers"))
    pool: Pool = "none"
    segments: Segments = 8
    window: float = Field(default=12.0, ge=1, le=30, description="Seconds of sound heard at once, at most")
    margin: float = Field(default=1.0, ge=0, le=5, description="Seconds of context on either side of a longer window")
    batch_size: BatchSize = 8
    device: Device = "cpu"
    dtype: Precision = "float32"

    @model_validator(mode="after")
    def _room_between_margins(self) -> Self:
        if self.window < 2 * self.margin + 1:
            raise ValueError("window should be at least a second longer than two margins")
        return self

    @cached_property
    def _network(self) -> Network:
        device, dtype = device_of(self.device), dtype_of(self.dtype)
        network: Any = load_encoder(self.model, self.revision)
        if self.adapter is not None:
            add_adapter(network, self.adapter)
        return network.to(device=device, dtype=dtype)  # type: ignore[no-any-return, unused-ignore]

    @cached_property
    def _mel(self) -> WhisperFeatureExtractor:
        return WhisperFeatureExtractor(feature_size=self._network.config.num_mel_bins)  # type: ignore[no-untyped-call]

    @cached_property
    def _chosen(self) -> list[int]:
        """Layers counted from the front."""
        return chosen_layers(self.layer, self._network.config.encoder_layers)

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        """Encodes the sound of each clip, or says why it has none."""
        # A shorter sound may not be padded to its neighbours' length: only equal lengths share a batch.
        listening = Listening(window=self.window, margin=self.margin, batch_size=self.batch_size)
        return hear(clips, self._hidden, CLOCK, listening, lambda rows: pooled(rows, self.pool, self.segments))

    @torch.inference_mode()
    def _hidden(self, sounds: list[Samples]) -> list[Rows]:
        network = self._network
        mel = self._mel(
            sounds, sampling_rate=SAMPLE_RATE, padding="do_not_pad", truncation=False, return_tensors="np"
        ).input_features
        given = torch.from_numpy(np.asarray(mel)).to(network.device, network.dtype)
        rows = gelu(network.conv2(gelu(network.conv1(given)))).transpose(1, 2)
        states = [rows + network.embed_positions.weight[: rows.shape[1]]]
        for block in network.layers[: max(self._chosen)]:
            states.append(block(states[-1], None))
        if len(states) > len(network.layers):
            states[-1] = network.layer_norm(states[-1])
        return list(torch.cat([states[layer] for layer in self._chosen], dim=2).float().cpu().numpy())
