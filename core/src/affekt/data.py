"""What a pipeline is given: sound, pictures, words and a face in one clip. What becomes of it is in `evidence`.

Frozen, keyword-only, picklable dataclasses. Arrays are NumPy; their jaxtyping annotation is also the runtime check
(see `shapes`). Nothing here decodes, computes or loads: see `roles` for who does.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from jaxtyping import Float32, Float64, UInt8

from affekt.contracts import require_reasons, require_within
from affekt.errors import DataError
from affekt.shapes import Checked, counted, freeze
from affekt.tracks import Appearance, FaceTrack, SoundEvent, Translation, Word

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

    def __post_init__(self) -> None:
        super().__post_init__()
        require_within("VideoFrames.fps", self.fps, above=0)

    def at(self) -> Float64[np.ndarray, "time"]:
        """Seconds from the start of the clip of every frame."""
        return np.arange(len(self.frames)) / self.fps if self.times is None else self.times


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
    """Of `text`, ISO 639-1."""
    translation: Translation | None = None
    """What is said in another language, for whoever does not read this one."""
    events: tuple[SoundEvent, ...] = ()
    """What is heard beside words."""
    appearances: tuple[Appearance, ...] = ()
    """Who is heard and seen when."""
    start: float = 0.0
    """Seconds of the recording before this window."""
    length: float | None = None
    """Seconds it lasts, where neither sound nor picture is held that would tell: silence, a window that was let go."""
    missing: Mapping[Modality, str] = field(default_factory=dict)
    """Why a modality is absent: "audio" → "the file has no audio track"."""
    notes: tuple[str, ...] = ()
    """What a reader of the result should know: a truncated file, a track that was chosen."""

    def __post_init__(self) -> None:
        super().__post_init__()
        freeze(self, "missing")
        require_reasons("Clip.missing", self.missing)
        require_within("Clip.start", self.start, 0)
        if self.length is not None:
            require_within("Clip.length", self.length, 0)

    @property
    def duration(self) -> float:
        """Seconds, of the longest of sound, picture and `length`; of the last word when there is none of them."""
        ends = [] if self.length is None else [self.length]
        if self.audio is not None:
            ends.append(self.audio.duration)
        if self.video is not None and len(self.video.frames):
            ends.append(float(self.video.at()[-1]) + 1 / self.video.fps)
        return max(ends, default=max((word.end for word in self.words), default=0.0))

    @property
    def is_still(self) -> bool:
        """Whether it is one picture without sound, whose times say nothing."""
        return self.audio is None and self.video is not None and len(self.video.frames) == 1

    def why_missing(self, modality: Modality) -> str:
        """The recorded reason why a modality is absent, or a plain statement that it is."""
        return self.missing.get(modality) or f"the clip has no {modality}"

    def in_language(self, languages: Collection[str]) -> "Clip":
        """The clip as somebody takes it who reads these languages: with its translation, if that is all they read.

        As it is where the language is not known or read, where no language is named, or where there is no translation.
        """
        translation = self.translation
        if translation is None or not languages or self.language in (None, *languages):
            return self
        if translation.language not in languages:
            return self
        return replace(self, text=translation.text, words=translation.words, language=translation.language)

    @property
    def is_translated(self) -> bool:
        """Whether `text` and `words` are the translation of what is said; see `in_language`."""
        return self.translation is not None and self.language == self.translation.language

    def __repr__(self) -> str:
        parts = [f"{self.duration:.1f} s"]
        if self.audio is not None:
            parts.append(f"sound at {self.audio.sample_rate} Hz")
        if self.video is not None:
            _, height, width, _ = self.video.frames.shape
            parts.append(f"{counted(len(self.video.frames), 'picture')} of {width}x{height}")
        if self.faces is not None:
            parts.append(f"a face in {len(self.faces.times)}")
        if self.text:
            language = f" ({self.language})" if self.language else ""
            parts.append(f"{counted(len(self.text.split()), 'word')}{language}")
        parts += [f"no {modality}" for modality in self.missing]
        return f"<Clip {self.id!r}: {', '.join(parts)}>"
