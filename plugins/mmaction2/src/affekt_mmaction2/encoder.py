"""Features of any recogniser of MMAction2: what moves in a scene or a face."""

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import torch
from affekt import Clip, Component, Features, Missing, Modality
from affekt_encoding.batching import in_batches
from affekt_encoding.frames import LookAt, MovingBatch, SampledFrames, sample_frames, spread
from affekt_encoding.options import Device, Layer, Pool, Precision, Segments
from affekt_encoding.pooling import pooled
from jaxtyping import Float32, UInt8
from pydantic import Field

from affekt_mmaction2.recognizers import Recognizer, load

Window = UInt8[np.ndarray, "time height width 3"]


class Mmaction2Encoder(Component):
    """A row for each window as long as the recogniser was trained on; for each frame where it looks at single ones.

    Maps are averaged over space, time and crops. Layers are the blocks of plain transformers (VideoMAE, UniFormer) and
    the stages of other backbones (SlowFast, Swin, ResNets); pathways (SlowFast) stand side by side in the columns.
    """

    modality: ClassVar[Modality] = "video"

    config: str = Field(description="A config file of MMAction2, or the name of one that it ships")
    checkpoint: str = Field(description="The checkpoint of this config (.pth), read as tensors only")
    pipeline: str = Field(
        default="test_pipeline", description="The list in the config that says how pictures are sampled and cropped"
    )
    trained_fps: float = Field(
        default=30.0, gt=0, description="Frames a second of the videos that the recogniser was trained on"
    )
    look_at: LookAt = "video"
    layer: Layer = -1
    pool: Pool = "none"
    segments: Segments = 8
    batch_size: MovingBatch = 2
    device: Device = "cpu"
    dtype: Precision = "float32"

    @property
    def reads(self) -> tuple[str, ...]:
        """The fields of a clip that its features depend on."""
        return ("video",) if self.look_at == "video" else ("video", "faces")

    @cached_property
    def _recognizer(self) -> Recognizer:
        return load(self.config, self.checkpoint, self.pipeline, self.device, self.dtype)

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        """Rows of every clip, or why it has none; the windows of all clips share batches."""
        taken = [sample_frames(clip, self.look_at) for clip in clips]
        cut = [self._windows(sampled) if isinstance(sampled, SampledFrames) else [] for sampled in taken]
        frames = [window for windows in cut for window in windows]
        # Pictures of unlike size share a batch only where the pipeline crops them alike, so size is the length here.
        rows = iter(in_batches(frames, self._run, length=lambda window: window[0].size, most=self.batch_size))
        return [
            sampled if isinstance(sampled, Missing) else self._features(sampled, [next(rows) for _ in windows])
            for sampled, windows in zip(taken, cut, strict=True)
        ]

    def _windows(self, sampled: SampledFrames) -> list[Window]:
        """Equal stretches of the clip, about as long as what it was trained on; the whole for single pictures."""
        recognizer = self._recognizer
        total, count = len(sampled.pictures), 1
        if not recognizer.flat:
            usual = recognizer.clip_len * recognizer.interval / self.trained_fps
            count = max(1, min(total, round(float(sampled.spans[-1, 1] - sampled.spans[0, 0]) / usual)))
        edges = (np.arange(count + 1) * total // count).tolist()
        return [sampled.pictures[begin + spread(end - begin, recognizer.clip_len)] for begin, end in pairwise(edges)]

    @torch.inference_mode()
    def _run(self, windows: list[Any]) -> list[Float32[np.ndarray, "row dim"]]:
        recognizer = self._recognizer
        packed = [recognizer.packed(window) for window in windows]
        return list(recognizer.features(packed, self.layer).cpu().numpy())

    def _features(self, sampled: SampledFrames, rows: list[Float32[np.ndarray, "row dim"]]) -> Features:
        values = np.concatenate(rows)
        edges = np.linspace(sampled.spans[0, 0], sampled.spans[-1, 1], len(values) + 1)
        return pooled(
            Features(values=values, spans=np.stack([edges[:-1], edges[1:]], axis=1)), self.pool, self.segments
        )
