"""What preparers find in a recording, each with its times: words, sounds that are none, a face, people."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float32, Float64, Int64, UInt8

from affekt.contracts import require_span, require_text, require_within
from affekt.shapes import Checked, make_plain


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
        require_span(f"Word {self.text!r}", self.start, self.end)


@dataclass(frozen=True, kw_only=True)
class Translation:
    """What is said, in another language than it is said in."""

    language: str
    """Of the translation, ISO 639-1."""
    original: str
    """What is spoken, ISO 639-1."""
    text: str
    words: tuple[Word, ...] = ()
    """With the times at which they are said, roughly: a translation changes their order."""
    source: str
    """Who translated: "Whisper"."""


@dataclass(frozen=True, kw_only=True)
class SoundEvent:
    """Something that is heard and is no word: laughter, a scream, music."""

    start: float
    """Seconds from the start of the clip."""
    end: float
    """Seconds from the start of the clip."""
    name: str
    """As a person says it: "laughter", "crying", "music"."""
    vocal: bool
    """True where a human voice makes it."""
    probability: float
    """The recogniser's confidence."""

    def __post_init__(self) -> None:
        make_plain(self)
        require_text("SoundEvent.name", self.name)
        require_span(f"SoundEvent {self.name!r}", self.start, self.end)
        require_within("SoundEvent.probability", self.probability, 0, 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class FaceTrack(Checked):
    """The face whose feelings are asked for, one a shot. Frames without it are absent, so times may have gaps."""

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
    ends: Float64[np.ndarray, "time"] | None = None
    """Seconds until which each sighting holds: the next look, a cut or the end of the clip. None where nobody says."""
    shots: Int64[np.ndarray, "time"] | None = None
    """The number of the shot that each sighting is in: after a cut the face may be another person's. None for one."""


@dataclass(frozen=True, kw_only=True, eq=False)
class FaceLooks(Checked):
    """What was seen of one face, look by look."""

    times: Float64[np.ndarray, "look"]
    """Seconds after the start of the appearance."""
    boxes: Float32[np.ndarray, "look 4"]
    """x, y, width and height in pixels of the clip's frames."""
    mouth: Float32[np.ndarray, "look"]
    """The gap between the lips, of the height of the face."""
    scores: Float32[np.ndarray, "look emotion"] | None = None
    """The probability of each expression; None where none was measured."""
    emotions: tuple[str, ...] = ()
    """The names of the columns of `scores`."""


FaceState = Literal["on screen", "off screen", "unknown"]
"""Whether the face of somebody who is heard is in view. Unknown: there are faces, and none is clearly theirs."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Appearance(Checked):
    """A stretch in which one person is heard or seen. Those of several people may overlap."""

    modality: Literal["audio", "face"]
    """Heard, or seen."""
    start: float
    """Seconds from the start of the clip."""
    end: float
    """Seconds from the start of the clip."""
    person: str
    """A name, which holds for the whole recording once its windows are linked: "speaker 1", or an enrolled name."""
    traits: Float32[np.ndarray, "dim"] | None = None
    """The voice or face as numbers. They are biometric: the answer for a recording holds none, nor does any export."""
    strength: float | None = None
    """Seconds of sound, or the number of looks, that `traits` rest on."""
    looks: FaceLooks | None = None
    """Of a face: what was seen of it."""
    face: FaceState | None = None
    """Of a voice: whether the person's own face is in view meanwhile; None where no faces were told apart."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_text("Appearance.person", self.person)
        require_span(f"Appearance of {self.person!r}", self.start, self.end)
