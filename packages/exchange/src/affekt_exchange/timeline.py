"""What all formats share: tracks of labelled spans on one clock.

The clock counts milliseconds, as results, ELAN, subtitles and EmotionML do: times are seconds with three decimals.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self, get_args

from affekt import DataError

Kind = Literal["words", "speech", "emotion", "dimension", "clue", "event", "note"]
"""words: what is said. speech: somebody speaks. dimension: valence or arousal. note: whatever else a person wrote."""

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot hold or discourages, and so no format is given."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """A label that holds for some time."""

    start: float
    """Seconds from the start of the recording, with three decimals."""
    end: float
    """Equal to `start` for a point in time."""
    label: str
    scores: Mapping[str, float] = field(default_factory=dict)
    """Name → number: a probability for each emotion or event, −1 to 1 for a dimension."""
    evidence: str = ""
    """The id of what the label rests on, such as "moment-3"; it stays with the span through other tools."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.start) and math.isfinite(self.end) and 0 <= self.start <= self.end):
            raise DataError(
                f'the span "{self.label[:40]}" should begin at 0 or later and end after that, in seconds; '
                f"found from {self.start} to {self.end}",
                hint="start=0.0, end=1.0",
            )
        for name, score in self.scores.items():
            if not math.isfinite(score):
                raise DataError(
                    f'the score "{name}" of the span "{self.label[:40]}" should be a number; found {score}',
                    hint="leave a score out that is not known",
                )
        _set(self, start=round(self.start, 3), end=round(self.end, 3), label=plain_text(self.label))
        _set(self, scores={plain_text(name): float(score) for name, score in self.scores.items()})
        _set(self, evidence=plain_text(self.evidence))

    @property
    def score(self) -> float | None:
        """The score of the span's own label."""
        return self.scores.get(self.label)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; what is empty is left out."""
        document: dict[str, Any] = {"start": self.start, "end": self.end, "label": self.label}
        return document | _filled(scores=dict(self.scores), evidence=self.evidence)


@dataclass(frozen=True, kw_only=True)
class Track:
    """Spans of one kind, by one annotator, about one person."""

    name: str
    """The name of the track, which no other track of the timeline has."""
    kind: Kind
    spans: tuple[Span, ...] = ()
    """The spans in the order of time; they may overlap."""
    person: str = ""
    """Whom it is about; empty where nobody was told apart."""
    annotator: str = ""
    """Who or which machine made it."""
    modality: str = ""
    """face, voice, text, or empty."""
    language: str = ""
    """The language of the labels, by ISO 639-1."""
    vocabulary: tuple[str, ...] = ()
    """The labels to choose from; empty where any will do."""

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise DataError(
                f'the kind of track "{self.name}" should be one of {", ".join(get_args(Kind))}; found "{self.kind}"',
                hint='kind="note" for anything else',
            )
        for name in ("name", "person", "annotator", "modality", "language"):
            _set(self, **{name: " ".join(plain_text(getattr(self, name)).split())})
        if not self.name:
            raise DataError("a track has no name", hint='name="emotion"')
        _set(self, spans=tuple(sorted(self.spans, key=_order)))
        _set(self, vocabulary=tuple(dict.fromkeys(plain_text(word) for word in self.vocabulary)))

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; what is empty is left out."""
        facts = _filled(
            person=self.person, annotator=self.annotator, modality=self.modality, language=self.language,
            vocabulary=list(self.vocabulary),
        )  # fmt: skip
        return {"name": self.name, "kind": self.kind, **facts, "spans": [span.to_dict() for span in self.spans]}


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """All that is said of one recording."""

    media: str
    """The recording, as its result names it."""
    duration: float
    """The duration in seconds; at least as long as the last span."""
    tracks: tuple[Track, ...] = ()
    provenance: Mapping[str, str] = field(default_factory=dict)
    """Slot of the pipeline → the component, its version and weights."""
    documents: Mapping[str, str] = field(default_factory=dict)
    """Format → the text of the file that this was read from, so that what no track holds is written again."""

    def __post_init__(self) -> None:
        name, times = next(iter(Counter(track.name for track in self.tracks).most_common(1)), ("", 0))
        if times > 1:
            raise DataError(f'{times} tracks have the name "{name}"', hint="a name of its own for each track")
        if not (math.isfinite(self.duration) and self.duration >= 0):
            raise DataError(f"the duration should be 0 s or more; found {self.duration}", hint="duration=12.5")
        last = max((span.end for track in self.tracks for span in track.spans), default=0.0)
        _set(self, duration=max(round(self.duration, 3), last), media=" ".join(plain_text(self.media).split()))
        _set(self, provenance={plain_text(key): plain_text(value) for key, value in self.provenance.items()})

    def track(self, name: str) -> Track | None:
        """The track of this name."""
        return next((track for track in self.tracks if track.name == name), None)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        document: dict[str, Any] = {"affekt_timeline": 1, "media": self.media, "duration": self.duration}
        tracks = [track.to_dict() for track in self.tracks]
        return document | {"tracks": tracks} | _filled(
            provenance=dict(self.provenance), documents=dict(self.documents)
        )  # fmt: skip

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """The timeline that `to_dict` wrote.

        Raises:
            DataError: the document is no timeline.
        """
        try:
            tracks = tuple(
                Track(**{**track, "spans": tuple(Span(**span) for span in track["spans"])})
                for track in document["tracks"]
            )
            return cls(
                media=document["media"],
                duration=float(document["duration"]),
                tracks=tracks,
                provenance=document.get("provenance", {}),
                documents=document.get("documents", {}),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise DataError(
                f"a timeline should have media, duration and tracks with their spans; found {error!r}",
                hint="what `affekt import FILE -o timeline.json` writes",
            ) from error


def plain_text(text: str) -> str:
    """The text with line ends as "\\n" and without control characters, which no format can hold."""
    if not isinstance(text, str):
        raise DataError(f"a name or label should be text; found {text!r}", hint="quotes around it")
    return _UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def free_name(name: str, taken: Iterable[str]) -> str:
    """The name itself, or with a number where it is taken."""
    used, number, free = set(taken), 1, name
    while free in used:
        number += 1
        free = f"{name} {number}"
    return free


def without_overlap(spans: Iterable[Span]) -> list[list[Span]]:
    """Spans spread over as few rows as possible, so that none overlaps another in its row."""
    rows: list[list[Span]] = []
    for span in sorted(spans, key=_order):
        row = next((row for row in rows if row[-1].end <= span.start and row[-1].start < span.start), None)
        if row is None:
            rows.append([span])
        else:
            row.append(span)
    return rows


def distinct(timeline: Timeline) -> Timeline:
    """The timeline with each span an object of its own, so that spans can be told apart by identity."""
    identities: set[int] = set()
    tracks = []
    for track in timeline.tracks:
        spans = []
        for span in track.spans:
            spans.append(replace(span) if id(span) in identities else span)
            identities.add(id(span))
        tracks.append(replace(track, spans=tuple(spans)))
    return replace(timeline, tracks=tuple(tracks))


def _order(span: Span) -> tuple[Any, ...]:
    return (span.start, span.end, span.label, span.evidence, sorted(span.scores.items()))


def _filled(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _set(target: Any, **values: Any) -> None:
    for name, value in values.items():
        object.__setattr__(target, name, value)
