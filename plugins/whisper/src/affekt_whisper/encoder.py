"""Hidden states of Whisper's encoder: what a recogniser hears before it writes words down."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from math import ceil
from typing import ClassVar, Self

import numpy as np
import torch
from affekt import Clip, Component, Features, Missing, Modality, OptionsError
from jaxtyping import Float32
from pydantic import Field, model_validator
from torch.nn.functional import gelu
from transformers import WhisperFeatureExtractor
from transformers.models.whisper.modeling_whisper import WhisperEncoder as Network

from affekt_whisper.checkpoint import load_encoder
from affekt_whisper.sound import SAMPLE_RATE, heard

HOP = 0.02
"""Seconds a row: a mel frame lasts 10 ms, and the second convolution takes every other one."""
ROW = 320
"""Samples a row."""


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
    revision: str | None = Field(default=None, description="A commit of the hub repository, for reproducible runs")
    layers: tuple[int, ...] = Field(
        default=(2, 3), min_length=1, description="0 is the convolutions' output, 1 the first block; −1 the last"
    )
    device: str = Field(default="cpu", description='Anything torch.device takes, e.g. "cuda:0"')
    window: float = Field(default=12.0, ge=1, le=30, description="Seconds of sound heard at once, at most")
    margin: float = Field(default=1.0, ge=0, le=5, description="Seconds of context on either side of a longer window")

    @model_validator(mode="after")
    def _room_between_margins(self) -> Self:
        if self.window < 2 * self.margin + 1:
            raise ValueError("window should be at least a second longer than two margins")
        return self

    @cached_property
    def _network(self) -> Network:
        return load_encoder(self.model, self.revision).to(self.device)  # type: ignore[arg-type]

    @cached_property
    def _mel(self) -> WhisperFeatureExtractor:
        return WhisperFeatureExtractor(feature_size=self._network.config.num_mel_bins)

    @cached_property
    def _chosen(self) -> list[int]:
        """Layers counted from the front.

        Raises:
            OptionsError: the model has no such layer.
        """
        count = self._network.config.encoder_layers
        if wrong := [layer for layer in self.layers if not -count - 1 <= layer <= count]:
            raise OptionsError(f'layers: "{self.model}" has no layer {wrong}', hint=f"layers from 0 to {count}")
        return [layer % (count + 1) for layer in self.layers]

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        return [self._one(clip) for clip in clips]

    def _one(self, clip: Clip) -> Features | Missing:
        samples = heard(clip)
        if isinstance(samples, str):
            return Missing(reason=samples)
        rows = np.concatenate(
            [self._hidden(samples[begin:end])[skip:keep] for begin, end, skip, keep in self._cut(samples)]
        )
        return Features(values=rows, hop=HOP)

    def _cut(self, samples: Float32[np.ndarray, "time"]) -> Iterator[tuple[int, int, int, int | None]]:
        """For each window its first sample, its end, and the rows of it to keep."""
        margin = round(self.margin / HOP)
        count = ceil(len(samples) / ROW / round(self.window / HOP))
        if count == 1:
            yield 0, len(samples), 0, None
            return
        room = round(self.window / HOP) - 2 * margin
        count = ceil(len(samples) / ROW / room)
        edges = np.linspace(0, ceil(len(samples) / ROW), count + 1).round().astype(int).tolist()
        for begin, end in pairwise(edges):
            first = max(0, begin - margin)
            yield first * ROW, (end + margin) * ROW, begin - first, end - first

    @torch.inference_mode()
    def _hidden(self, samples: Float32[np.ndarray, "time"]) -> Float32[np.ndarray, "row dim"]:
        mel = self._mel(
            samples, sampling_rate=SAMPLE_RATE, padding="do_not_pad", truncation=False, return_tensors="pt"
        ).input_features.to(self.device)
        network = self._network
        rows = gelu(network.conv2(gelu(network.conv1(mel)))).transpose(1, 2)
        states = [rows + network.embed_positions.weight[: rows.shape[1]]]
        for block in network.layers[: max(self._chosen)]:
            states.append(block(states[-1], None))
        if len(states) > len(network.layers):
            states[-1] = network.layer_norm(states[-1])
        return torch.cat([states[layer][0] for layer in self._chosen], dim=1).cpu().numpy()
