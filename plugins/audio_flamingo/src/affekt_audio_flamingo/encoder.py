"""Hidden states of Audio Flamingo 3's audio encoder."""

from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar

from affekt import Clip, Component, Features, Missing, Modality
from affekt_encoding.audio_towers import CLOCK, LONGEST, load_tower, mel_of, tower_rows
from affekt_encoding.hearing import Listening, Rows, Samples, hear
from affekt_encoding.options import BatchSize, Device, Layer, Pool, Precision, Revision, Segments
from affekt_encoding.pooling import pooled
from pydantic import Field
from torch import Tensor
from transformers import WhisperFeatureExtractor
from transformers.models.audioflamingo3.modeling_audioflamingo3 import AudioFlamingo3Encoder


class AudioFlamingoEncoder(Component):
    """Hidden states of chosen layers of the audio encoder of Audio Flamingo 3 (Goel et al., 2025), 40 ms a row.

    The last layer is what its language model hears before the projection: pairs of rows are averaged and normed. Lower
    layers are averaged in the same way. Sound is padded to 30 s as in training, so short clips cost as much as long
    ones; the padding is masked. Longer sound is heard in equal parts.
    """

    modality: ClassVar[Modality] = "audio"
    sample_rate: ClassVar[int] = CLOCK.sample_rate

    model: str = Field(default="nvidia/audio-flamingo-3-hf", description="A local folder or a hub name")
    revision: Revision = None
    layer: Layer = -1
    pool: Pool = "none"
    segments: Segments = 8
    batch_size: BatchSize = 4
    device: Device = "cpu"
    dtype: Precision = "float32"

    @cached_property
    def _network(self) -> AudioFlamingo3Encoder:
        return load_tower(
            AudioFlamingo3Encoder,
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
        output = self._network(features, input_features_mask=mask)
        last: Tensor = output.last_hidden_state
        return last
