"""Hidden states of a masked autoencoder: what a picture of a face shows."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

import torch
from affekt import Clip, Component, Encoder, Features, Missing, Modality
from affekt_encoding.frames import (
    SPEECH_AND_BLINKS,
    FrameChoice,
    FrameCount,
    LookAt,
    PeakFrom,
    PeakWithout,
    PictureBatch,
    SampledFrames,
    chosen,
    taken,
    unit_encoder,
)
from affekt_encoding.layers import cut_to, side_by_side, states_of
from affekt_encoding.options import Device, Layer, Pool, Precision, Revision, Segments
from affekt_encoding.pictures import Normalize, prepared
from affekt_encoding.presets import Preset, with_preset
from affekt_encoding.stills import Norm, Rows, Tokens, chosen_tokens, encode_stills, normed
from affekt_encoding.torch_builds import matching_builds
from pydantic import Field, model_validator

with matching_builds():
    from affekt_mae.networks import Network, load

PRESETS: Mapping[str, Preset] = {
    "emotion-llama": Preset(
        options={
            "look_at": "face",
            "frames": "all",
            "tokens": "cls",
            "layer": -1,
            "norm": "own",
            "normalize": "none",
            "pool": "mean",
        },
        source="Emotion-LLaMA's extract_mae_embedding.py: ViT-L on aligned faces, Resize(224) and ToTensor only, "
        "class token after the norm, mean over all frames",
    ),
}


class MaeEncoder(Component):
    """Class token or patches of chosen layers, for some or all faces of a clip."""

    modality: ClassVar[Modality] = "face"

    preset: str | None = Field(
        default=None, description="A published recipe that fills in what is not given: emotion-llama"
    )
    model: str = Field(
        default="facebook/vit-mae-large",
        description="A hub name or local folder of transformers or timm, or a checkpoint of MAE itself (.pth)",
    )
    revision: Revision = None
    look_at: LookAt = "face"
    frames: FrameChoice = "all"
    count: FrameCount = 16
    peak_from: PeakFrom = "action-units"
    peak_without: PeakWithout = SPEECH_AND_BLINKS
    tokens: Tokens = "cls"
    layer: Layer = -1
    norm: Norm = "own"
    normalize: Normalize = "imagenet"
    pool: Pool = "none"
    segments: Segments = 8
    batch_size: PictureBatch = 32
    device: Device = "cpu"
    dtype: Precision = "float32"

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, given: Any) -> Any:
        return with_preset(given, PRESETS)

    @cached_property
    def _network(self) -> Network:
        return load(self.model, self.revision, self.device, self.dtype)

    @cached_property
    def _layers(self) -> list[int]:
        return cut_to(self._network.blocks, self.layer)

    @cached_property
    def _action_units(self) -> Encoder:
        return unit_encoder(self.peak_from)

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        """Encodes the pictures of each clip, or says why it has none."""
        return encode_stills(
            clips, self._taken, self._run, most=self.batch_size, pool=self.pool, segments=self.segments
        )

    def _taken(self, clip: Clip) -> SampledFrames | Missing:
        def choose(sampled: SampledFrames, peak: float | None) -> SampledFrames:
            return chosen(sampled, self.frames, count=self.count, peak=peak)

        units = None if self.frames != "peak" else lambda: self._action_units
        return taken(clip, self.look_at, choose, units, self.peak_without)

    @torch.inference_mode()
    def _run(self, pictures: list[Any]) -> list[Rows]:
        network = self._network
        values = prepared(pictures, network.size, self.normalize)
        weight = next(network.module.parameters())
        with states_of(network.blocks, self._layers) as states:
            network.run(values.to(weight.device, weight.dtype))
        kept = {
            layer: chosen_tokens(normed(state, self.norm, network.norm), self.tokens) for layer, state in states.items()
        }
        return list(side_by_side(kept, self._layers).cpu().numpy())
