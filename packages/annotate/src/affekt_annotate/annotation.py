"""What is said of a clip: findings with their detector, time and value, and sentences that rest on them.

Every step ends in one of four states. "Absent" (there is no face), "failed" (the describer did not answer) and "not
looked at" (no describer was asked) are never written as a neutral finding.
"""

from collections.abc import Mapping
from typing import Any, Literal

from affekt import Modality
from affekt_clues.contradiction import Verdict
from pydantic import BaseModel, ConfigDict, Field

State = Literal["measured", "absent", "failed", "not looked at"]


class Record(BaseModel):
    """Plain, frozen data; a misspelt field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class Finding(Record):
    """One clue: measured by a detector, or reported by a model that describes."""

    modality: Modality
    start: float
    """Seconds from the start of the clip."""
    end: float
    text: str
    detector: str
    """The component that found it, and its options or model."""
    reported: bool = False
    """A model says so; nothing measured it."""
    value: float | None = None
    """The strength of the clue, 0 to 1; None where the detector gives none."""
    supports: tuple[str, ...] = ()
    """The emotions that it speaks for."""


class Clause(Record):
    """What a sentence claims, and what the evidence says of it."""

    text: str
    """The clause as the evidence words it."""
    verdict: Verdict
    start: float
    end: float
    modality: Modality
    finding: int | None = None
    """Index of the finding it rests on, in `Annotation.findings`; None where it rests on none."""


class Sentence(Record):
    """A sentence of a description, and what it rests on."""

    text: str
    verdict: Verdict
    clauses: tuple[Clause, ...] = ()
    lint: tuple[str, ...] = ()
    """Faults of its wording: "a number", "a stock phrase: …"."""
    cut: str = ""
    """Why it is not in the description; "" where it is."""


class Description(Record):
    """A text, sentence by sentence."""

    state: State
    reason: str = ""
    """Why there is none."""
    writer: str = ""
    draft: str = ""
    """The text as the writer wrote it, before anything was cut."""
    sentences: tuple[Sentence, ...] = ()

    @property
    def text(self) -> str:
        """The sentences that were not cut."""
        return " ".join(sentence.text for sentence in self.sentences if not sentence.cut)

    def cut(self) -> dict[str, int]:
        """Reason → how many sentences were cut for it."""
        counts: dict[str, int] = {}
        for sentence in self.sentences:
            if sentence.cut:
                counts[sentence.cut] = counts.get(sentence.cut, 0) + 1
        return counts


class Peak(Record):
    """The moment of the strongest expression by one rule."""

    rule: str
    state: State
    reason: str = ""
    source: Literal["face", "voice", ""] = ""
    time: float | None = None
    """Seconds from the start of the clip."""
    frame: int | None = None
    """The frame of the recording, at its own frame rate; None where it has no picture."""
    units: Mapping[str, float] = Field(default_factory=dict)
    """Action unit → height at the peak, 0 to 1, of the units that are present."""


class Track(Record):
    """One face that was followed, and what its action units say."""

    chosen: bool
    """The face whose feelings are described."""
    why: str
    start: float
    end: float
    sightings: int
    units: tuple[str, ...] = ()
    """Those present at its peak."""
    label: str | None = None
    """The emotion by the action-unit rule; None where no emotion's units are there."""


class Face(Record):
    """The step `face`."""

    state: State
    reason: str = ""
    detector: str = ""
    peaks: tuple[Peak, ...] = ()
    units: tuple[str, ...] = ()
    """Those present at some time."""
    label: str | None = None
    """The first label, by the action-unit rule."""
    rule: Mapping[str, float] = Field(default_factory=dict)
    """Emotion → score of the rule, the candidates alone."""
    tracks: tuple[Track, ...] = ()


class Recognised(Record):
    """The recogniser's distribution, relative to which the first label is read."""

    state: State
    reason: str = ""
    pipeline: str = ""
    scores: Mapping[str, float] = Field(default_factory=dict)
    abstained: str | None = None
    rationale: str = ""
    generated: str = ""

    @property
    def label(self) -> str | None:
        """The likeliest emotion; None where the recogniser claims none."""
        if not self.scores or self.abstained is not None:
            return None
        return max(self.scores, key=lambda emotion: self.scores[emotion])


class Observation(Record):
    """A step that ends in a text: the tone, the scene."""

    state: State
    reason: str = ""
    text: str = ""
    detector: str = ""


class Spoken(Record):
    """The step `words`."""

    state: State
    reason: str = ""
    source: Literal["given", "recognised", ""] = ""
    """Whether a table or subtitles hold the words, or a component recognised them."""
    text: str = ""
    language: str | None = None
    words: tuple[tuple[float, float, str], ...] = ()
    """(start, end, word)."""
    translation: str = ""
    """The words in English, translated by a machine; never quoted as said."""
    translator: str = ""


class Dropped(Record):
    """What a filter found."""

    filter: str
    reason: str
    drops: bool
    """False where the configuration only marks."""


class Annotation(Record):
    """All that is said of one clip."""

    name: str
    source: str
    """Where the media lie, as the data set names them; no path of a machine."""
    sha256: str
    """The hash of the media file, with the subtitles beside it."""
    duration: float
    frames: int | None = None
    """The number of frames of the recording, as its header claims."""
    licence: str = ""
    """The licence of the media; "" where nobody stated it."""
    consent: str = ""
    """The consent of the people in it; "" where nobody stated it."""
    speaker: str | None = None
    label: str | None = None
    """The label as given, in the words of the data set."""
    transcript: str = ""
    """What a person heard, in the table's column `transcript`; no step reads it, the score card compares with it."""
    emotion: str | None = None
    """The label of the exported item, in MERR's words."""
    label_from: str = ""
    """"given", "rule" or "recogniser"; "" where there is none."""
    label_reason: str = ""
    """Why there is no label."""
    missing: Mapping[str, str] = Field(default_factory=dict)
    """Slot or modality → why it has nothing."""
    findings: tuple[Finding, ...] = ()
    face: Face
    recognised: Recognised
    tone: Observation
    scene: Observation
    words: Spoken
    coarse: str = ""
    blind: Description
    """Written without a label."""
    aware: Description
    """Written with the label; "not looked at" where there is none."""
    difference: tuple[str, ...] = ()
    """The lines of a diff from the blind to the label-aware description."""
    filters: tuple[Dropped, ...] = ()

    @property
    def kept(self) -> bool:
        """Whether no filter drops it."""
        return not any(dropped.drops for dropped in self.filters)

    def failures(self) -> dict[str, str]:
        """Step → why it failed."""
        steps: dict[str, Any] = {
            "face": self.face,
            "recognised": self.recognised,
            "tone": self.tone,
            "scene": self.scene,
            "words": self.words,
            "blind": self.blind,
            "aware": self.aware,
        }
        return {name: step.reason for name, step in steps.items() if step.state == "failed"}
