"""Hidden states of Qwen2-Audio's audio encoder."""

from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar

import torch
from affekt import Clip, Component, Features, Missing, Modality
from affekt_encoding.audio_towers import CLOCK, LONGEST, load_tower, mel_of, tower_rows
from affekt_encoding.hearing import Listening, Rows, Samples, hear
from affekt_encoding.options import BatchSize, Device, Layer, Pool, Precision, Revision, Segments
from affekt_encoding.pooling import pooled
from pydantic import Field
from torch import Tensor
from transformers import WhisperFeatureExtractor
from transformers.models.qwen2_audio.modeling_qwen2_audio import Qwen2AudioEncoder


class QwenAudioEncoder(Component):
    """Hidden states of chosen layers of the audio encoder of Qwen2-Audio (Chu et al., 2024), 40 ms a row.

    The last layer is what its language model hears before the projection: pairs of rows are averaged and normed. Lower
    layers are averaged in the same way. Sound is padded to 30 s as in training, so short clips cost as much as long
    ones; the padding is masked. Longer sound is heard in equal parts.
    """

    modality: ClassVar[Modality] = "audio"
    sample_rate: ClassVar[int] = CLOCK.sample_rate

    model: str = Field(default="Qwen/Qwen2-Audio-7B-Instruct", description="A local folder or a hub name")
    revision: Revision = None
    layer: Layer = -1
    pool: Pool = "none"
    segments: Segments = 8
    batch_size: BatchSize = 4
    device: Device = "cpu"
    dtype: Precision = "float32"

    @cached_property
    def _network(self) -> Qwen2AudioEncoder:
        return load_tower(
            Qwen2AudioEncoder,
            self.model,
            layer=self.layer,
            revision=self.revision,
            device=self.device,
            dtype=self.dtype,
        )

    @cached_property
    def _mel(self) -> WhisperFeatureExtractor:
        return mel_of(self.model, self.revision, self._network.config.num_mel_bins)

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        listening = Listening(window=LONGEST, margin=0.0, batch_size=self.batch_size, padding=1.0)
        return hear(clips, self._hidden, CLOCK, listening, lambda rows: pooled(rows, self.pool, self.segments))

    def _hidden(self, sounds: list[Samples]) -> list[Rows]:
        return tower_rows(self._network, self._mel, sounds, self.layer, self._last)

    def _last(self, features: Tensor, mask: Tensor) -> Tensor:
        # A padded frame is heard by nobody. The model does the same before it calls its encoder.
        rows = (mask.sum(dim=1, keepdim=True) - 1) // 2 + 1
        hidden = torch.arange(features.shape[2] // 2, device=rows.device) >= rows
        unheard = torch.zeros(hidden.shape, dtype=features.dtype, device=features.device)
        unheard = unheard.masked_fill(hidden, torch.finfo(features.dtype).min)
        output = self._network(features, attention_mask=unheard[:, None, None])
        last: Tensor = output.last_hidden_state
        return last
