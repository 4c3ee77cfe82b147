"""Hidden states of EVA: what a scene holds, patch by patch and as a whole."""

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

with matching_builds("torchvision"):
    from timm.models.eva import Eva

    from affekt_eva.networks import last_norm, load

_MINIGPT = {
    "look_at": "video",
    "size": 448,
    "tokens": "all",
    "layer": 39,
    "norm": "plain",
    "normalize": "clip",
    "pool": "none",
}

PRESETS: Mapping[str, Preset] = {
    "emotion-llama": Preset(
        options={**_MINIGPT, "frames": "first"},
        source="Emotion-LLaMA's code: the first frame through minigpt4/models/eva_vit.py, which leaves the last of 40 "
        "blocks out, and ln_vision, whose weights are those it began with",
    ),
    "emotion-llama-peak": Preset(
        options={**_MINIGPT, "frames": "peak", "peak_without": ()},
        source="Emotion-LLaMA's paper, section 3.1 and appendix A: the frame with the largest sum of action units",
    ),
}


class EvaEncoder(Component):
    """Class token, patches or both of chosen layers, for one or more pictures of a clip.

    With `tokens: all` the rows of a picture are its class token and then its patches from left to right and top to
    bottom, 1 + (size / 14)² of them.
    """

    modality: ClassVar[Modality] = "video"

    preset: str | None = Field(
        default=None,
        description="A published recipe that fills in what is not given: emotion-llama, emotion-llama-peak",
    )
    model: str = Field(
        default="timm/eva_giant_patch14_clip_224.laion400m",
        description="A hub name or local folder of timm (EVA-CLIP, EVA-02), or a vision tower of EVA-CLIP (.pth)",
    )
    revision: Revision = None
    size: int | None = Field(
        default=None, ge=1, description="Pixels of a picture's side; the size the network was trained on when not given"
    )
    look_at: LookAt = "video"
    frames: FrameChoice = "first"
    count: FrameCount = 16
    peak_from: PeakFrom = "action-units"
    peak_without: PeakWithout = SPEECH_AND_BLINKS
    tokens: Tokens = "cls"
    layer: Layer = -1
    norm: Norm = "own"
    normalize: Normalize = "clip"
    pool: Pool = "none"
    segments: Segments = 8
    batch_size: PictureBatch = 8
    device: Device = "cpu"
    dtype: Precision = "float32"

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, given: Any) -> Any:
        return with_preset(given, PRESETS)

    @property
    def reads(self) -> tuple[str, ...]:
        """The fields of a clip that its features depend on: a peak frame is found by the action units of faces."""
        return ("video",) if self.look_at == "video" and self.frames != "peak" else ("video", "faces")

    @cached_property
    def _network(self) -> Eva:
        return load(self.model, self.revision, self.size, self.device, self.dtype)

    @cached_property
    def _layers(self) -> list[int]:
        return cut_to(self._network.blocks, self.layer)

    @cached_property
    def _action_units(self) -> Encoder:
        return unit_encoder(self.peak_from)

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        """Rows of every clip, or why it has none."""
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
        values = prepared(pictures, network.patch_embed.img_size[0], self.normalize, "bicubic")
        weight = next(network.parameters())
        with states_of(network.blocks, self._layers) as states:
            network.forward_features(values.to(weight.device, weight.dtype))
        own, prefix = last_norm(network), network.num_prefix_tokens
        kept = {
            layer: chosen_tokens(normed(state, self.norm, own), self.tokens, prefix) for layer, state in states.items()
        }
        return list(side_by_side(kept, self._layers).cpu().numpy())
