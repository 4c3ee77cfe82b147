"""What flows through a pipeline: media → clip → features → evidence → prediction → speech.

Frozen, keyword-only, picklable dataclasses. Arrays are NumPy; their jaxtyping annotation is also the runtime check.
Nothing here decodes, computes or loads: see `roles` for who does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from types import MappingProxyType
from typing import Any, Literal, get_type_hints

import numpy as np
from jaxtyping import Bool, Float32, Float64, UInt8

from affekt.errors import DataError

Modality = Literal["audio", "video", "face", "text"]
"""What an encoder listens to. A face is a modality of its own: video without a face still has a scene."""


class _Checked:
    """Checks every array field against its jaxtyping annotation; dimension names are shared within one object."""

    __slots__ = ()

    def __post_init__(self) -> None:
        sizes: dict[str, int] = {}
        for name, annotation in _array_fields(type(self)).items():
            value = getattr(self, name)
            if value is not None:
                _check_array(f"{type(self).__name__}.{name}", value, annotation, sizes)

    def __getstate__(self) -> dict[str, Any]:
        return {f.name: _thaw(getattr(self, f.name)) for f in fields(self)}  # type: ignore[arg-type]

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, _frozen(value) if isinstance(value, dict) else value)


@cache
def _array_fields(kind: type) -> dict[str, Any]:
    arrays = {}
    for name, hint in get_type_hints(kind).items():
        for option in (hint, *getattr(hint, "__args__", ())):  # the parts of `array | None`
            if hasattr(option, "dim_str"):
                arrays[name] = option
    return arrays


def _check_array(where: str, value: Any, annotation: Any, sizes: dict[str, int]) -> None:
    wanted = f"{annotation.__name__.split('[')[0]} of shape [{annotation.dim_str}]"
    if not isinstance(value, np.ndarray):
        raise DataError(f"{where} should be a NumPy array, {wanted}; found {type(value).__name__}")
    found = f"{value.dtype} of shape {list(value.shape)}"
    if not isinstance(value, annotation):
        raise DataError(f"{where} should be {wanted}; found {found}", hint=f"array.astype({annotation.dtypes[0]!r})")
    for dimension, size in zip(annotation.dim_str.split(), value.shape, strict=True):
        if sizes.setdefault(dimension, size) != size:
            raise DataError(f'{where} has {size} along "{dimension}", but another field has {sizes[dimension]}')


def _frozen(mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(mapping))


def _thaw(value: Any) -> Any:
    return dict(value) if isinstance(value, MappingProxyType) else value


def _freeze(instance: object, *names: str) -> None:
    for name in names:
        object.__setattr__(instance, name, _frozen(getattr(instance, name)))


@dataclass(frozen=True, kw_only=True, eq=False)
class AudioSignal(_Checked):
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
class VideoFrames(_Checked):
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


@dataclass(frozen=True, kw_only=True, eq=False)
class FaceTrack(_Checked):
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
class Clip(_Checked):
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
        _freeze(self, "missing")

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
class Features(_Checked):
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
class FusedSequence(_Checked):
    """Tokens in the reasoner's embedding space."""

    tokens: Float32[np.ndarray, "token hidden"]
    mask: Bool[np.ndarray, "token"]
    """False where a modality is missing: the reasoner must not attend there."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """All that is known of a clip before anything is concluded."""

    clip: Clip
    features: Mapping[str, Features] = field(default_factory=dict)
    """Slot of the pipeline → features."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """Slot of the pipeline → why it has no features."""
    fused: FusedSequence | None = None

    def __post_init__(self) -> None:
        _freeze(self, "features", "missing")

    __getstate__, __setstate__ = _Checked.__getstate__, _Checked.__setstate__


@dataclass(frozen=True, kw_only=True)
class Clue:
    """One reason: something seen, heard or read, and when."""

    modality: Modality
    start: float
    """Seconds from the start of the clip."""
    end: float
    text: str
    checked: bool
    """True when what it names was looked up in the evidence and is there."""


@dataclass(frozen=True, kw_only=True)
class Moment:
    """What is felt during one stretch of the clip."""

    start: float
    """Seconds from the start of the clip."""
    end: float
    scores: Mapping[str, float]
    """Emotion → probability; they sum to 1."""

    def __post_init__(self) -> None:
        _check_scores("Moment", self.scores)
        _freeze(self, "scores")

    __getstate__, __setstate__ = _Checked.__getstate__, _Checked.__setstate__


@dataclass(frozen=True, kw_only=True)
class EmotionPrediction:
    """What is felt, and why. Inferred by a machine; it may be wrong."""

    scores: Mapping[str, float]
    """Emotion → probability; they sum to 1."""
    labels: tuple[str, ...] = ()
    """Open-vocabulary words for what is felt; the best-scored emotion first."""
    valence: float | None = None
    """−1 unpleasant to 1 pleasant."""
    arousal: float | None = None
    """−1 calm to 1 excited."""
    rationale: str = ""
    clues: tuple[Clue, ...] = ()
    abstained: str | None = None
    """Why no emotion is claimed; None when one is."""
    timeline: tuple[Moment, ...] = ()

    def __post_init__(self) -> None:
        _check_scores("EmotionPrediction", self.scores)
        _freeze(self, "scores")

    __getstate__, __setstate__ = _Checked.__getstate__, _Checked.__setstate__

    @property
    def label(self) -> str:
        """The emotion with the highest score, whether or not the reasoner abstained."""
        return max(self.scores, key=lambda emotion: self.scores[emotion])


def _check_scores(where: str, scores: Mapping[str, float]) -> None:
    values = np.array(list(scores.values()), dtype=np.float64)
    if not len(values) or not np.isfinite(values).all() or (values < 0).any() or abs(values.sum() - 1) > 1e-3:
        raise DataError(f"{where}.scores should be probabilities that sum to 1; found {dict(scores)}")


@dataclass(frozen=True, kw_only=True)
class SpeechRequest:
    """What to say, and how."""

    text: str
    emotion: str = "neutral"
    intensity: float = 0.6
    """0 is neutral, 1 the strongest the speaker can do."""
    voice: str | None = None
    """A voice of the speaker's; None takes its default."""
    language: str = "en"
    """ISO 639-1."""
    style: str = ""
    """Free text, such as a rationale."""

    def __post_init__(self) -> None:
        if not 0 <= self.intensity <= 1:
            raise DataError(f"SpeechRequest.intensity should be from 0 to 1; found {self.intensity}")


@dataclass(frozen=True, kw_only=True, eq=False)
class SpeechResult:
    """Synthetic speech, and how it was made."""

    audio: AudioSignal
    request: SpeechRequest
    provenance: Mapping[str, str | float | bool] = field(default_factory=dict)
    """Speaker, model, controls; always says that it is synthetic."""

    def __post_init__(self) -> None:
        _freeze(self, "provenance")

    __getstate__, __setstate__ = _Checked.__getstate__, _Checked.__setstate__


Truth = Sequence[str]
"""One reference label a prediction."""
