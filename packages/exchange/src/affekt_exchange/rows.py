"""A timeline as a long table: a row a span, and beside it what belongs to whole tracks and the recording."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from affekt_exchange.files import ExchangeError, number
from affekt_exchange.timeline import Timeline

COLUMNS: dict[str, tuple[str, str]] = {
    "media": ("string", "The recording"),
    "start": ("number", "Seconds from its start"),
    "end": ("number", "Seconds from its start"),
    "track": ("string", "The track's name"),
    "kind": ("string", "words, speech, emotion, dimension, clue, event or note"),
    "person": ("string", "Whom it is about; empty where nobody was told apart"),
    "annotator": ("string", "Who or which machine made it"),
    "modality": ("string", "face, voice, text, or empty"),
    "language": ("string", "ISO 639-1"),
    "label": ("string", "What is said, heard, seen or felt"),
    "score": ("number", "The score of the label; empty where it has none"),
    "scores": ("string", "All scores as a JSON object: name to number"),
    "evidence": ("string", "The id of what the label rests on"),
}
"""Column → (its type in CSVW, what it holds)."""
_OF_TRACK = ("kind", "person", "annotator", "modality", "language")


def rows_of(timeline: Timeline) -> list[dict[str, Any]]:
    """The rows, in the order of tracks and then of time."""
    return [
        {
            "media": timeline.media,
            "start": span.start,
            "end": span.end,
            "track": track.name,
            **{name: getattr(track, name) for name in _OF_TRACK},
            "label": span.label,
            "score": span.score,
            "scores": json.dumps(dict(span.scores), ensure_ascii=False) if span.scores else "",
            "evidence": span.evidence,
        }
        for track in timeline.tracks
        for span in track.spans
    ]


def facts_of(timeline: Timeline) -> dict[str, Any]:
    """What no row holds: the recording, its length, the provenance, and each track without its spans."""
    document = timeline.to_dict()
    document.pop("documents", None)
    document["tracks"] = [{**track, "spans": []} for track in document["tracks"]]
    return document


def timeline_of(rows: Iterable[Mapping[str, Any]], facts: Mapping[str, Any] | None, where: str) -> Timeline:
    """The timeline of rows that may come from elsewhere: only start, end and label are needed.

    Args:
        facts: what `facts_of` gave, where the file has it.

    Raises:
        ExchangeError: the rows are about several recordings, or a value is none.
        DataError: a span or the facts are not as they should be.
    """
    facts = dict(facts or {"media": "", "duration": 0, "tracks": []})
    tracks: dict[str, dict[str, Any]] = {}
    try:
        for track in facts["tracks"]:
            tracks[track["name"]] = {**track, "spans": []}
    except (KeyError, TypeError) as error:
        raise ExchangeError(
            f"{where}: the facts beside the table are damaged: {error!r}", hint="removing them"
        ) from error
    for row_number, row in enumerate(rows, 1):
        location = f"{where}, row {row_number}"
        media = row.get("media") or ""
        if facts["media"] and media and media != facts["media"]:
            raise ExchangeError(
                f'{location}: the table is about "{facts["media"]}" and "{media}"', hint="a table for each recording"
            )
        facts["media"] = facts["media"] or media
        name = row.get("track") or "annotations"
        track = tracks.setdefault(name, {"name": name, "kind": row.get("kind") or "note", "spans": []})
        for fact in _OF_TRACK:
            if row.get(fact):
                track.setdefault(fact, row[fact])
        track["spans"].append(_span(row, location))
    return Timeline.from_dict({**facts, "tracks": list(tracks.values())})


def _span(row: Mapping[str, Any], where: str) -> dict[str, Any]:
    scores: Any = {}
    if row.get("scores"):
        try:
            scores = json.loads(row["scores"])
            scores = {str(name): number(value, f"{where}, scores") for name, value in scores.items()}
        except (ValueError, AttributeError, TypeError, RecursionError) as error:
            raise ExchangeError(
                f"{where}: scores should be a JSON object of numbers; found {str(row['scores'])[:60]!r}",
                hint='{"happy": 0.8}',
            ) from error
    elif row.get("score") not in (None, ""):
        scores = {row.get("label") or "": number(row["score"], f"{where}, score")}
    return {
        "start": number(row.get("start"), f"{where}, start"),
        "end": number(row.get("end"), f"{where}, end"),
        "label": row.get("label") or "",
        "scores": scores,
        "evidence": row.get("evidence") or "",
    }
