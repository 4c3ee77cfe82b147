"""What somebody changed in another tool: the spans of two timelines, paired by the evidence that they rest on."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from affekt_exchange.losses import match
from affekt_exchange.timeline import Span, Timeline, Track, distinct

Change = Literal["added", "removed", "relabelled", "retimed", "rescored", "moved to another track"]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One span that is not as it was; several changes of one span are one difference."""

    changes: tuple[Change, ...]
    track: str
    """The track it is in now, or was in."""
    before: Span | None
    after: Span | None

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "changes": list(self.changes),
            "track": self.track,
            "before": self.before.to_dict() if self.before else None,
            "after": self.after.to_dict() if self.after else None,
        }

    def __str__(self) -> str:
        where = self.after or self.before
        assert where is not None
        text = f"{' and '.join(self.changes)} in {self.track}, {where.start:.3f} to {where.end:.3f} s"
        if self.before and self.after:
            if self.before.label != self.after.label:
                text += f': "{self.before.label}" is now "{self.after.label}"'
            if "retimed" in self.changes:
                text += f" (was {self.before.start:.3f} to {self.before.end:.3f} s)"
            return text
        return f'{text}: "{where.label}"'


def differences(before: Timeline, after: Timeline) -> list[Difference]:
    """The spans that were added, removed or changed, in the order of time.

    Spans with the same evidence in tracks of the same name are one span whatever else changed; then those with the
    same evidence that only one track on each side holds, and then those of the same track and times or label.
    """
    changes = list(_changes(before, after))
    return sorted(
        changes,
        key=lambda change: ((change.after or change.before or Span(start=0, end=0, label="")).start, change.track),
    )


def _changes(before: Timeline, after: Timeline) -> Iterator[Difference]:
    pairs, removed, added = pair(before, after)
    for track, span in removed:
        yield Difference(changes=("removed",), track=track.name, before=span, after=None)
    for (old_track, old), (new_track, new) in pairs:
        changes: list[Change] = []
        if old.label != new.label:
            changes.append("relabelled")
        if (old.start, old.end) != (new.start, new.end):
            changes.append("retimed")
        if old.scores != new.scores:
            changes.append("rescored")
        if old_track.name != new_track.name:
            changes.append("moved to another track")
        if changes:
            yield Difference(changes=tuple(changes), track=new_track.name, before=old, after=new)
    for track, span in added:
        yield Difference(changes=("added",), track=track.name, before=None, after=span)


Placed = tuple[Track, Span]


def pair(before: Timeline, after: Timeline) -> tuple[list[tuple[Placed, Placed]], list[Placed], list[Placed]]:
    """The spans that are the same on both sides, those that only the first has, and those that only the second has."""
    pairs, lost, new = _by_evidence(distinct(before), distinct(after))
    removed: list[Placed] = []
    for track, span, partner in match(lost, new):
        if partner and (partner[0].name == track.name or partner[1] == span):
            pairs.append(((track, span), partner))
        else:
            removed.append((track, span))
    taken = {id(span) for _, (_, span) in pairs}
    added = [(track, span) for track in new.tracks for span in track.spans if id(span) not in taken]
    return pairs, removed, added


def _by_evidence(before: Timeline, after: Timeline) -> tuple[list[tuple[Placed, Placed]], Timeline, Timeline]:
    """Pairs of the same evidence, and both timelines without them."""
    pairs: list[tuple[Placed, Placed]] = []
    used: set[int] = set()
    for within_track in (True, False):
        offers: dict[Any, list[Placed]] = {}
        for track in after.tracks:
            for span in track.spans:
                if span.evidence and id(span) not in used:
                    offers.setdefault((track.name if within_track else "", span.evidence), []).append((track, span))
        for track in before.tracks:
            for span in track.spans:
                rivals = offers.get((track.name if within_track else "", span.evidence), [])
                if id(span) in used or not span.evidence or not rivals:
                    continue
                if not within_track and (len(rivals) > 1 or before.track(rivals[0][0].name) == rivals[0][0]):
                    continue
                closest = min(rivals, key=lambda rival: _distance(span, rival[1]))
                rivals.remove(closest)
                pairs.append(((track, span), closest))
                used |= {id(span), id(closest[1])}
    return pairs, _without(before, used), _without(after, used)


def _distance(span: Span, other: Span) -> tuple[float, bool]:
    return abs(span.start - other.start) + abs(span.end - other.end), span.label != other.label


def _without(timeline: Timeline, used: set[int]) -> Timeline:
    tracks = [
        replace(track, spans=tuple(span for span in track.spans if id(span) not in used)) for track in timeline.tracks
    ]
    return replace(timeline, tracks=tuple(tracks))
