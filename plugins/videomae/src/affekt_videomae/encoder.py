"""Hidden states of VideoMAE: how a face or a scene moves."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Literal

import torch
from affekt import Clip, Component, Encoder, Features, Missing, Modality
from affekt_encoding.batching import in_batches
from affekt_encoding.frames import (
    SPEECH_AND_BLINKS,
    LookAt,
    MovingBatch,
    MovingChoice,
    PeakFrom,
    PeakWithout,
    SampledFrames,
    moving,
    taken,
    unit_encoder,
)
from affekt_encoding.layers import cut_to, side_by_side, states_of
from affekt_encoding.options import Device, Layer, Pool, Precision, Revision, Segments
from affekt_encoding.pictures import Normalize, prepared
from affekt_encoding.pooling import pooled
from affekt_encoding.presets import Preset, with_preset
from affekt_encoding.stills import Norm, Rows, normed
from affekt_encoding.torch_builds import matching_builds
from pydantic import Field, model_validator

with matching_builds():
    from transformers import VideoMAEModel

    from affekt_videomae.networks import load

PRESETS: Mapping[str, Preset] = {
    "emotion-llama": Preset(
        options={
            "look_at": "face",
            "frames": "segments",
            "patches": "mean",
            "layer": -1,
            "norm": "none",
            "normalize": "none",
            "pool": "mean",
        },
        source="Emotion-LLaMA's extract_maeVideo_embedding.py: ViT-L on aligned faces, 8 segments of 2 frames, resized "
        "and divided by 255 only, mean of the last block's 1568 tokens, which no norm follows",
    ),
}


class VideoMaeEncoder(Component):
    """States of chosen layers for 16 frames of a clip: a row for each pair of frames."""

    modality: ClassVar[Modality] = "face"

    preset: str | None = Field(
        default=None, description="A published recipe that fills in what is not given: emotion-llama"
    )
    model: str = Field(
        default="MCG-NJU/videomae-large",
        description="A hub name or local folder of transformers, or a checkpoint of VideoMAE itself (.pth)",
    )
    revision: Revision = None
    size: int = Field(default=224, ge=1, description="Pixels of a picture's side, where a .pth does not say it")
    look_at: LookAt = "face"
    frames: MovingChoice = "segments"
    peak_from: PeakFrom = "action-units"
    peak_without: PeakWithout = SPEECH_AND_BLINKS
    patches: Literal["mean", "all"] = Field(
        default="mean", description="Of the patches of a pair of frames: their mean, or a row each"
    )
    layer: Layer = -1
    norm: Norm = "own"
    normalize: Normalize = "imagenet"
    pool: Pool = "none"
    segments: Segments = 8
    batch_size: MovingBatch = 4
    device: Device = "cpu"
    dtype: Precision = "float32"

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, given: Any) -> Any:
        return with_preset(given, PRESETS)

    @cached_property
    def _network(self) -> VideoMAEModel:
        return load(self.model, self.revision, self.size, self.device, self.dtype)

    @cached_property
    def _side(self) -> int:
        side = self._network.config.image_size
        return side if isinstance(side, int) else side[0]

    @cached_property
    def _layers(self) -> list[int]:
        return cut_to(self._network.encoder.layer, self.layer)

    @cached_property
    def _action_units(self) -> Encoder:
        return unit_encoder(self.peak_from)

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        """Rows of every clip, or why it has none; the clips share batches, since all have equally many frames."""
        looked = [self._taken(clip) for clip in clips]
        watched = [sampled for sampled in looked if isinstance(sampled, SampledFrames)]
        rows = iter(in_batches(watched, self._run, length=lambda sampled: 1, most=self.batch_size))
        return [sampled if isinstance(sampled, Missing) else self._features(sampled, next(rows)) for sampled in looked]

    def _taken(self, clip: Clip) -> SampledFrames | Missing:
        config, units = self._network.config, None if self.frames != "peak" else lambda: self._action_units

        def choose(sampled: SampledFrames, peak: float | None) -> SampledFrames:
            return moving(sampled, self.frames, config.num_frames, config.tubelet_size, peak=peak)

        return taken(clip, self.look_at, choose, units, self.peak_without)

    @torch.inference_mode()
    def _run(self, batch: list[SampledFrames]) -> list[Rows]:
        network = self._network
        videos = [prepared(sampled.pictures, self._side, self.normalize) for sampled in batch]
        with states_of(network.encoder.layer, self._layers) as states:
            network(torch.stack(videos).to(network.device, network.dtype))
        kept = {layer: normed(state, self.norm, network.layernorm) for layer, state in states.items()}
        rows = side_by_side(kept, self._layers)
        if self.patches == "mean":
            rows = rows.unflatten(1, (len(batch[0].spans), -1)).mean(dim=2)  # type: ignore[no-untyped-call]
        return list(rows.cpu().numpy())

    def _features(self, sampled: SampledFrames, rows: Rows) -> Features:
        spans = sampled.spans.repeat(len(rows) // len(sampled.spans), axis=0)
        return pooled(Features(values=rows, spans=spans), self.pool, self.segments)
