"""The answer for one recording: the predictions of its windows, joined, with the evidence they rest on."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from affekt.answers import Clue, EmotionPrediction, Moment
from affekt.data import Clip, Evidence
from affekt.errors import MissingDependency

DISCLAIMER = "Emotions were inferred by a machine from voice, face and words, and may be wrong."


@dataclass(frozen=True, kw_only=True)
class Part:
    """One window of the recording."""

    evidence: Evidence
    prediction: EmotionPrediction

    def lighten(self) -> "Part":
        """Without sound, pictures and features, so that memory stays flat over a long recording."""
        clip = replace(self.evidence.clip, audio=None, video=None, faces=None)
        return replace(self, evidence=replace(self.evidence, clip=clip, features={}, fused=None))

    @property
    def seconds(self) -> tuple[float, float]:
        """Beginning and end in the recording."""
        start = self.evidence.clip.start
        ends = [moment.end for moment in self.prediction.timeline]
        return start, start + max([self.evidence.clip.duration, *ends])


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """What is felt in a recording, and why. Reads like an `EmotionPrediction`; draws itself in a notebook."""

    source: str
    parts: tuple[Part, ...]
    provenance: Mapping[str, Any] = field(default_factory=dict)
    """Slot of the pipeline → its component, options, distribution, version and weights; see `provenance`."""

    @cached_property
    def prediction(self) -> EmotionPrediction:
        """The windows' predictions joined; a single window's as it is."""
        return self.parts[0].prediction if len(self.parts) == 1 else join(self.parts)

    @property
    def evidence(self) -> Evidence:
        """Of the only, or the first, window."""
        return self.parts[0].evidence

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
        return " ".join(part.evidence.clip.text for part in self.parts if part.evidence.clip.text)

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.parts[-1].seconds[1]

    def missing(self) -> dict[str, str]:
        """Slot or modality → why it is absent, where no window has it."""
        tables = [{**part.evidence.clip.missing, **part.evidence.missing} for part in self.parts]
        return {str(key): why for key, why in tables[0].items() if all(key in table for table in tables)}

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; times are seconds from the start of the recording."""
        felt = self.prediction
        return {
            "source": self.source,
            "duration": round(self.duration, 3),
            "label": None if felt.abstained else felt.label,
            "abstained": felt.abstained,
            "scores": _rounded_scores(felt.scores),
            "valence": _rounded(felt.valence),
            "arousal": _rounded(felt.arousal),
            "text": self.text or None,
            "language": self.evidence.clip.language,
            "rationale": felt.rationale,
            "generated": felt.generated or None,
            "clues": [_plain(clue) for clue in felt.clues],
            "timeline": [
                {"start": round(moment.start, 3), "end": round(moment.end, 3), "scores": _rounded_scores(moment.scores)}
                for moment in felt.timeline
            ],
            "missing": self.missing(),
            "notes": list(dict.fromkeys(note for part in self.parts for note in part.evidence.clip.notes)),
            "provenance": dict(self.provenance),
            "disclaimer": DISCLAIMER,
        }

    def __repr__(self) -> str:
        felt = self.prediction
        claim = f"abstained: {felt.abstained}" if felt.abstained else f"{felt.label} {felt.scores[felt.label]:.0%}"
        return f"<Analysis of {Path(self.source).name}: {claim}>"

    def _repr_html_(self) -> str:
        try:
            render = import_module("affekt_report").notebook
        except ImportError:
            return f"<p>{self.prediction.rationale}</p><p><i>{DISCLAIMER}</i></p>"
        return str(render(self))


def join(parts: Iterable[Part]) -> EmotionPrediction:
    """One prediction for a recording cut into windows; windows that abstain count as long as any claims something."""
    parts = list(parts)
    claiming = [part for part in parts if part.prediction.abstained is None] or parts
    weights = [max(1e-3, part.seconds[1] - part.seconds[0]) for part in claiming]
    total = sum(weights)

    def mean(values: Iterable[float | None]) -> float | None:
        known = [(value, weight) for value, weight in zip(values, weights, strict=True) if value is not None]
        return sum(v * w for v, w in known) / sum(w for _, w in known) if known else None

    emotions = list(dict.fromkeys(emotion for part in claiming for emotion in part.prediction.scores))
    scores = {
        emotion: sum(p.prediction.scores.get(emotion, 0.0) * w for p, w in zip(claiming, weights, strict=True)) / total
        for emotion in emotions
    }
    best = max(scores, key=lambda emotion: scores[emotion])
    strongest = max(claiming, key=lambda part: part.prediction.scores.get(best, 0.0))
    abstained = claiming[0].prediction.abstained
    return EmotionPrediction(
        scores=scores,
        labels=(best,),
        valence=mean(part.prediction.valence for part in claiming),
        arousal=mean(part.prediction.arousal for part in claiming),
        rationale=f"Over {parts[-1].seconds[1]:.0f} s in {len(parts)} windows; clearest from "
        f"{strongest.seconds[0]:.0f} to {strongest.seconds[1]:.0f} s: {strongest.prediction.rationale}",
        generated=" ".join(part.prediction.generated for part in parts if part.prediction.generated),
        clues=tuple(clue for part in parts for clue in _moved_clues(part)),
        abstained=abstained,
        timeline=tuple(moment for part in parts for moment in _moved_moments(part)),
    )


def _moved_clues(part: Part) -> Iterator[Clue]:
    offset = part.evidence.clip.start
    return (replace(c, start=c.start + offset, end=c.end + offset) for c in part.prediction.clues)


def _moved_moments(part: Part) -> Iterator[Moment]:
    offset = part.evidence.clip.start
    return (replace(m, start=m.start + offset, end=m.end + offset) for m in part.prediction.timeline)


def read_windows(path: str | Path) -> Iterator[Clip]:
    """The clip, or the windows, of a file, through affekt-media.

    Raises:
        MissingDependency: affekt-media is not installed.
    """
    try:
        media = import_module("affekt_media")
    except ImportError as error:
        raise MissingDependency("reading a file needs affekt-media", hint="pip install affekt-media") from error
    return iter(media.windows(path))


def _plain(clue: Clue) -> dict[str, Any]:
    return {
        "modality": clue.modality,
        "start": round(clue.start, 3),
        "end": round(clue.end, 3),
        "text": clue.text,
        "checked": clue.checked,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _rounded_scores(scores: Mapping[str, float]) -> dict[str, float]:
    return {emotion: round(score, 4) for emotion, score in scores.items()}
