"""What an exchange kept, approximated and lost: two timelines compared aspect by aspect.

The report of an export is made by reading the written file back, so that it says what happened and not what should.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from affekt_exchange.timeline import Span, Timeline, Track, distinct

Aspect = Literal[
    "spans", "times", "labels", "scores", "evidence", "tracks", "kinds", "people", "annotators", "modalities",
    "languages", "vocabularies", "media", "duration", "provenance",
]  # fmt: skip
Fate = Literal["kept", "approximated", "lost"]

ASPECTS: dict[Aspect, str] = {
    "spans": "each labelled span is there",
    "times": "where it begins and ends, to the millisecond",
    "labels": "what is written on it",
    "scores": "its probabilities or values",
    "evidence": "the id of what it rests on",
    "tracks": "the track's name",
    "kinds": "what kind of track it is",
    "people": "whom it is about",
    "annotators": "who or which machine made it",
    "modalities": "face, voice or text",
    "languages": "the track's language",
    "vocabularies": "the labels to choose from",
    "media": "the recording's name",
    "duration": "how long the recording is",
    "provenance": "which components and weights made it",
}
_PER_TRACK: dict[Aspect, Callable[[Track], Any]] = {
    "kinds": lambda track: track.kind,
    "people": lambda track: track.person,
    "annotators": lambda track: track.annotator,
    "modalities": lambda track: track.modality,
    "languages": lambda track: track.language,
    "vocabularies": lambda track: track.vocabulary,
}


@dataclass(frozen=True, kw_only=True)
class Loss:
    """How one aspect fared."""

    aspect: Aspect
    kept: int = 0
    approximated: int = 0
    lost: int = 0
    example: str = ""
    """One thing that was not kept."""


@dataclass(frozen=True, kw_only=True)
class LossReport:
    """How all that a timeline holds fared; aspects of which it holds nothing are left out."""

    losses: tuple[Loss, ...]

    def of(self, aspect: Aspect) -> Loss:
        """How one aspect fared."""
        return next((loss for loss in self.losses if loss.aspect == aspect), Loss(aspect=aspect))

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """Plain data for JSON."""
        return {
            loss.aspect: {"kept": loss.kept, "approximated": loss.approximated, "lost": loss.lost}
            | ({"example": loss.example} if loss.example else {})
            for loss in self.losses
        }


def compare(before: Timeline, after: Timeline) -> LossReport:
    """What of one timeline is in another."""
    counts: dict[Aspect, list[int]] = {}
    examples: dict[Aspect, str] = {}
    for aspect, fate, example in _facts(before, after):
        counts.setdefault(aspect, [0, 0, 0])[("kept", "approximated", "lost").index(fate)] += 1
        if fate != "kept":
            examples.setdefault(aspect, example)
    losses = (
        Loss(aspect=name, kept=kept, approximated=near, lost=lost, example=examples.get(name, ""))
        for name in ASPECTS
        if name in counts
        for kept, near, lost in [counts[name]]
    )
    return LossReport(losses=tuple(losses))


def _facts(before: Timeline, after: Timeline) -> Iterator[tuple[Aspect, Fate, str]]:
    pairs = match(before, after)
    for track, span, partner in pairs:
        where = f'{track.name}, {span.start:.3f} to {span.end:.3f} s: "{span.label[:60]}"'
        counterpart = partner[1] if partner else None
        yield "spans", "kept" if counterpart else "lost", where
        yield (
            "times",
            _fate(counterpart and (counterpart.start, counterpart.end), (span.start, span.end), near=bool(counterpart)),
            where,
        )
        yield (
            "labels",
            _fate(counterpart and counterpart.label, span.label, near=bool(counterpart and counterpart.label)),
            where,
        )
        if span.scores:
            yield (
                "scores",
                _fate(counterpart and counterpart.scores, span.scores, near=bool(counterpart and counterpart.scores)),
                where,
            )
        if span.evidence:
            yield "evidence", _fate(counterpart and counterpart.evidence, span.evidence), f"{where} ({span.evidence})"
    for track in before.tracks:
        partners = [other for source, _, partner in pairs if source is track and partner for other in [partner[0]]]
        same = after.track(track.name) or next(iter(partners), None)
        yield "tracks", _fate(same and same.name, track.name, near=bool(same)), track.name
        for aspect, value in _PER_TRACK.items():
            if value(track):
                value_after = value(same) if same else None
                near = aspect != "kinds" and bool(value_after) and not isinstance(value_after, tuple)
                yield aspect, _fate(value_after, value(track), near=near), f"{track.name}: {value(track)}"
    if before.media:
        yield "media", _fate(after.media, before.media, near=bool(after.media)), before.media
    yield "duration", _fate(after.duration, before.duration, near=after.duration > 0), f"{before.duration} s"
    for slot, component in before.provenance.items():
        yield "provenance", _fate(after.provenance.get(slot), component), f"{slot}: {component}"


def _fate(actual: Any, wanted: Any, *, near: bool = False) -> Fate:
    return "kept" if actual == wanted else "approximated" if near else "lost"


Partner = tuple[Track, Span] | None


def match(before: Timeline, after: Timeline) -> list[tuple[Track, Span, Partner]]:
    """Each span with its counterpart: the one alike in most respects, each taken once."""
    keys: Sequence[Callable[[Track, Span], Hashable]] = (
        lambda track, span: (track.name, span.start, span.end, span.label, span.evidence, *sorted(span.scores.items())),
        lambda track, span: (track.name, span.start, span.end, span.label),
        lambda track, span: (span.start, span.end, span.label),
        lambda track, span: (track.name, span.start, span.end),
        lambda track, span: (track.name, span.start, span.label),
        lambda track, span: (track.name, span.end, span.label),
        lambda track, span: (span.start, span.label),
        lambda track, span: (span.start, span.end),
        lambda track, span: span.start,
    )
    partners: dict[int, Partner] = {}
    after = distinct(after)
    wanted = [(track, span) for track in before.tracks for span in track.spans]
    free = [(track, span) for track in after.tracks for span in track.spans]
    left = list(range(len(wanted)))
    for key in keys:
        offers: dict[Hashable, list[tuple[Track, Span]]] = {}
        for offer in reversed(free):
            offers.setdefault(key(*offer), []).append(offer)
        taken: set[int] = set()
        for index in left:
            if offers.get(key(*wanted[index])):
                partners[index] = partner = offers[key(*wanted[index])].pop()
                taken.add(id(partner[1]))
        left = [index for index in left if index not in partners]
        free = [offer for offer in free if id(offer[1]) not in taken]
    return [(track, span, partners.get(index)) for index, (track, span) in enumerate(wanted)]
