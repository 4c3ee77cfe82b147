"""Hidden states of Audio Flamingo 3's audio encoder."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

from affekt import Clip, Component, Features, Missing, Modality
from affekt_encoding.audio_towers import CLOCK, Tower, encode_sounds, load_tower
from affekt_encoding.options import BatchSize, Device, Layer, Pool, Precision, Revision, Segments
from pydantic import Field
from torch import Tensor
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
    def _tower(self) -> Tower:
        return load_tower(
            AudioFlamingo3Encoder,
            self.model,
            layer=self.layer,
            revision=self.revision,
            device=self.device,
            dtype=self.dtype,
        )

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        """Encodes the sound of each clip, or says why it has none."""
        return encode_sounds(
            clips,
            lambda: self._tower,
            _last,
            layer=self.layer,
            batch_size=self.batch_size,
            pool=self.pool,
            segments=self.segments,
        )


def _last(network: Any, features: Tensor, mask: Tensor) -> Tensor:
    output = network(features, input_features_mask=mask)
    last: Tensor = output.last_hidden_state
    return last
