"""What flows through a pipeline up to the evidence: media → clip → features. What is concluded is in `answers`.

Frozen, keyword-only, picklable dataclasses. Arrays are NumPy; their jaxtyping annotation is also the runtime check
(see `shapes`). Nothing here decodes, computes or loads: see `roles` for who does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float32, Float64, UInt8

from affekt.errors import DataError
from affekt.shapes import Checked, freeze, make_plain

Modality = Literal["audio", "video", "face", "text"]
"""What an encoder listens to. A face is a modality of its own: video without a face still has a scene."""


@dataclass(frozen=True, kw_only=True, eq=False)
class AudioSignal(Checked):
    """Mono sound."""

    samples: Float32[np.ndarray, "time"]
    """Amplitudes, full scale is ±1."""
    sample_rate: int
    """Samples a second."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.sample_rate <= 0:
            raise DataError(f"AudioSignal.sample_rate should be positive; found {self.sample_rate}")
        if not np.isfinite(self.samples).all():
            bad = int((~np.isfinite(self.samples)).sum())
            raise DataError(
                f"AudioSignal.samples holds {bad} values that are not finite", hint="re-encode the recording"
            )

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / self.sample_rate


@dataclass(frozen=True, kw_only=True, eq=False)
class VideoFrames(Checked):
    """Pictures in order of time."""

    frames: UInt8[np.ndarray, "time height width 3"]
    """RGB, 0 to 255."""
    fps: float
    """Frames a second, on average where the rate varies."""
    times: Float64[np.ndarray, "time"] | None = None
    """Seconds from the start of the clip, where the rate varies."""

    def at(self) -> Float64[np.ndarray, "time"]:
        """Seconds from the start of the clip of every frame."""
        return np.arange(len(self.frames)) / self.fps if self.times is None else self.times


@dataclass(frozen=True, kw_only=True)
class Word:
    """A spoken word, or a subtitle's cue, with its time."""

    start: float
    """Seconds from the start of the clip."""
    end: float
    """Seconds from the start of the clip."""
    text: str
    probability: float | None = None
    """The transcriber's confidence; None where it gives none."""

    def __post_init__(self) -> None:
        make_plain(self)


@dataclass(frozen=True, kw_only=True, eq=False)
class FaceTrack(Checked):
    """One face followed through the clip. Frames without it are absent, so times may have gaps."""

    times: Float64[np.ndarray, "time"]
    """Seconds from the start of the clip."""
    boxes: Float32[np.ndarray, "time 4"]
    """x, y, width and height in pixels of the clip's frames."""
    crops: UInt8[np.ndarray, "time height width 3"]
    """Aligned faces, RGB."""
    landmarks: Float32[np.ndarray, "time 478 3"] | None = None
    """MediaPipe's face mesh in pixels of the clip's frames."""
    choice: str = ""
    """Why this face, where several were seen."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Clip(Checked):
    """One recording, or one window of a longer one, decoded once for all encoders."""

    id: str
    audio: AudioSignal | None = None
    video: VideoFrames | None = None
    text: str | None = None
    """What is said."""
    words: tuple[Word, ...] = ()
    faces: FaceTrack | None = None
    """The face whose feelings are asked for."""
    language: str | None = None
    """ISO 639-1."""
    start: float = 0.0
    """Seconds of the recording before this window."""
    missing: Mapping[Modality, str] = field(default_factory=dict)
    """Why a modality is absent: "audio" → "the file has no audio track"."""
    notes: tuple[str, ...] = ()
    """What a reader of the result should know: a truncated file, a track that was chosen."""

    def __post_init__(self) -> None:
        super().__post_init__()
        freeze(self, "missing")

    @property
    def duration(self) -> float:
        """Seconds, of the longer of sound and picture; of the last word when there is neither."""
        ends = [self.audio.duration] if self.audio else []
        if self.video is not None and len(self.video.frames):
            ends.append(float(self.video.at()[-1]) + 1 / self.video.fps)
        return max(ends, default=max((word.end for word in self.words), default=0.0))

    def why_missing(self, modality: Modality) -> str:
        """The recorded reason why a modality is absent, or a plain statement that it is."""
        return self.missing.get(modality) or f"the clip has no {modality}"


@dataclass(frozen=True, kw_only=True)
class Missing:
    """What an encoder returns for a clip that lacks its modality. Zeros never stand in for data."""

    reason: str
    """In plain words: "no face in any of 87 frames"."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Features(Checked):
    """Rows over time that carry their clock: regular (`start`, `hop`) or one explicit span a row."""

    values: Float32[np.ndarray, "time dim"]
    hop: float | None = None
    """Seconds from one row to the next; None where `spans` says when each row is."""
    start: float = 0.0
    """Seconds from the start of the clip to the first row's beginning."""
    spans: Float64[np.ndarray, "time 2"] | None = None
    """Beginning and end of every row in seconds, where rows are irregular."""
    names: tuple[str, ...] | None = None
    """Of the columns, where they mean something: "AU12", "loudness"."""
    source: str = ""
    """The component and the options that made them; the pipeline fills it in."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.hop is None) == (self.spans is None):
            raise DataError("Features need a clock: either `hop` or `spans`, and not both")
        if self.names is not None and len(self.names) != self.values.shape[1]:
            raise DataError(f"Features.names has {len(self.names)} names for {self.values.shape[1]} columns")
        if not np.isfinite(self.values).all():
            raise DataError(f"Features of {self.source or 'an encoder'} hold NaN or infinity")

    def clock(self) -> Float64[np.ndarray, "time 2"]:
        """Beginning and end of every row, in seconds from the start of the clip."""
        if self.spans is not None:
            return self.spans
        begin = self.start + np.arange(len(self.values)) * (self.hop or 0.0)
        return np.stack([begin, begin + (self.hop or 0.0)], axis=1)

    def column(self, name: str) -> Float32[np.ndarray, "time"]:
        """One named column.

        Raises:
            DataError: there is no column of this name.
        """
        if self.names is None or name not in self.names:
            raise DataError(f'no column "{name}" in features of {self.source!r}; found {list(self.names or ())}')
        return self.values[:, self.names.index(name)]


@dataclass(frozen=True, kw_only=True, eq=False)
class FusedSequence(Checked):
    """Tokens in the reasoner's embedding space."""

    tokens: Float32[np.ndarray, "token hidden"]
    mask: Bool[np.ndarray, "token"]
    """False where a modality is missing: the reasoner must not attend there."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence(Checked):
    """All that is known of a clip before anything is concluded."""

    clip: Clip
    features: Mapping[str, Features] = field(default_factory=dict)
    """Slot of the pipeline → features."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """Slot of the pipeline → why it has no features."""
    fused: FusedSequence | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        freeze(self, "features", "missing")
