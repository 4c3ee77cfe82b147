"""The answer for one recording: the prediction, joined of those of its windows, with the evidence it rests on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from affekt import EmotionPrediction, Evidence, MissingDependency, plugins

from affekt_recordings.clock import clock
from affekt_recordings.joined_evidence import join_evidence, joined_text, languages, only, where_missing
from affekt_recordings.joining import join
from affekt_recordings.people import people_of, speaking_time
from affekt_recordings.person import Person, SpeakingTime
from affekt_recordings.plain import (
    plain_clue,
    plain_event,
    plain_translation,
    plain_window,
    plain_words,
    rounded,
    rounded_scores,
)
from affekt_recordings.shares import Shares
from affekt_recordings.windows import Part

DISCLAIMER = "Emotions were inferred by a machine from voice, face and words, and may be wrong."


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """What is prediction in a recording, and why. Reads like an `EmotionPrediction`; draws itself in a notebook."""

    error: ClassVar[None] = None
    """None, where a `FailedAnalysis` has its error."""
    source: str
    parts: tuple[Part, ...]
    provenance: Mapping[str, Any] = field(default_factory=dict)
    """Slot of the pipeline → its component, options, distribution, version and weights; see `provenance`."""

    @cached_property
    def prediction(self) -> EmotionPrediction:
        """The windows' predictions joined; a single window's as it is."""
        return self.parts[0].prediction if len(self.parts) == 1 else join(self.parts)

    @cached_property
    def evidence(self) -> Evidence:
        """What the answer rests on. Of a recording in windows: words and measurements of all, on one clock."""
        return self.parts[0].evidence if len(self.parts) == 1 else join_evidence(self.source, self.parts)

    @cached_property
    def people(self) -> tuple[Person, ...]:
        """Who is heard and seen, those who speak longest first; none where nobody was told apart."""
        return people_of(self.evidence, self.prediction.timeline, self.prediction.claims_from)

    @property
    def speaking(self) -> SpeakingTime:
        """How the recording's time divides among its people."""
        return speaking_time(self.people, self.duration)

    @property
    def label(self) -> str:
        """The emotion with the highest score."""
        return self.prediction.label

    @property
    def scores(self) -> Mapping[str, float]:
        """Emotion → probability."""
        return self.prediction.scores

    @property
    def rationale(self) -> str:
        """Why, in words."""
        return self.prediction.rationale

    @property
    def text(self) -> str:
        """What is said, over all windows."""
        return joined_text(part.evidence.clip for part in self.parts) or ""

    @property
    def languages(self) -> tuple[str, ...]:
        """What is spoken, ISO 639-1, in order of appearance."""
        return languages(self.parts)

    @property
    def time(self) -> Shares:
        """How long what is claimed."""
        return Shares.of(self.parts)

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.parts[-1].seconds[1]

    @property
    def is_timed(self) -> bool:
        """Whether it lasts: the times in the answer for a text or a still picture say nothing."""
        return self.duration > 0 and not self.evidence.clip.is_still

    @property
    def length(self) -> str:
        """How long it lasts, for readers: "8.7 s", "12:05", "a text", "a still picture"."""
        if self.evidence.clip.is_still:
            return "a still picture"
        return clock(self.duration) if self.duration else "a text"

    def missing(self) -> dict[str, str]:
        """Slot or modality → why it is absent; where only some windows lack it, from when to when."""
        return where_missing(self.parts)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; times are seconds from the start of the recording."""
        prediction = self.prediction
        return {
            "source": self.source,
            "duration": round(self.duration, 3),
            "label": None if prediction.abstained else prediction.label,
            "labels": list(prediction.labels),
            "abstained": prediction.abstained,
            "claims_from": prediction.claims_from,
            "scores": rounded_scores(prediction.scores),
            "valence": rounded(prediction.valence),
            "arousal": rounded(prediction.arousal),
            "time": self.time.to_dict(),
            "text": self.text or None,
            "words": plain_words(self.evidence.clip.words),
            "language": only(self.languages),
            "languages": list(self.languages),
            "translation": plain_translation(self.evidence.clip.translation),
            "rationale": prediction.rationale,
            "generated": prediction.generated or None,
            "struck": list(prediction.struck),
            "clues": [plain_clue(clue) for clue in prediction.clues],
            "events": [plain_event(event) for event in self.evidence.clip.events],
            "timeline": [
                {"start": round(moment.start, 3), "end": round(moment.end, 3), "scores": rounded_scores(moment.scores)}
                for moment in prediction.timeline
            ],
            "windows": [plain_window(part) for part in self.parts],
            "people": [person.to_dict() for person in self.people],
            "speaking": self.speaking.to_dict() if self.people else None,
            "missing": self.missing(),
            "notes": list(self.evidence.clip.notes),
            "provenance": dict(self.provenance),
            "disclaimer": DISCLAIMER,
        }

    def __repr__(self) -> str:
        why = self.prediction.abstained
        claim = f"abstained: {why}" if why else f"{self.label} {self.scores[self.label]:.0%}"
        return f"<Analysis of {Path(self.source).name}: {claim}>"

    def _repr_html_(self) -> str:
        try:
            render = plugins().function("notebook", "drawing an analysis")
        except MissingDependency:
            return f"<p>{self.prediction.rationale}</p><p><i>{DISCLAIMER}</i></p>"
        return str(render(self))
