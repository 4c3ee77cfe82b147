"""Spans as lines of subtitles: the words as they are, anything else as "[track] label".

Captions for people are fewer: what is said and by whom, sounds, and what is felt for a while.
"""

import re

from affekt_exchange.timeline import Kind, Span, Timeline, Track

_MARKED = re.compile(r"\[([^\[\]]+)\] ?(.*)", re.DOTALL)
WORDS = "words"
MOMENTS = "emotion over time"


def cue_text(track: Track, span: Span) -> str:
    """One line without an arrow, which would be read as times; a dash where the label is empty."""
    label = " ".join(span.label.replace("-->", "→").split()) or "–"
    if track.name == WORDS and not label.startswith("["):
        return label
    name = re.sub(r"[\[\]]", "", track.name.replace("-->", "→")).strip() or "–"
    return f"[{name}] {label}"


def captions(timeline: Timeline) -> list[tuple[float, float, str, str]]:
    """(start, end, text, who speaks) of what somebody who watches wants to read, in order of time."""
    speech = [track for track in timeline.tracks if track.kind == "speech"]
    heard = any(span.label != track.person for track in speech for span in track.spans)
    cues: list[tuple[float, float, str, str]] = []
    for track in timeline.tracks:
        if track.kind == "speech":
            cues += [(span.start, span.end, _cue_text(track, span), track.person) for span in track.spans]
        elif _shown(track) or (track.kind == "words" and not heard):
            cues += [(span.start, span.end, cue_text(track, span), track.person) for span in track.spans]
    return sorted(cues)


def _cue_text(track: Track, span: Span) -> str:
    label = " ".join(span.label.replace("-->", "→").split())
    return "…" if label in ("", track.person) else label


def _shown(track: Track) -> bool:
    """Whether it is a sound, or what is felt over a while; what changes by the second and faces are not read along."""
    if track.kind == "event":
        return track.modality != "face"
    return track.kind == "emotion" and not track.person and track.name != MOMENTS


def tracks_of(cues: list[tuple[float, float, str, str]]) -> tuple[Track, ...]:
    """The tracks of cues (start, end, text, who speaks)."""
    groups: dict[tuple[str, str], list[Span]] = {}
    for start, end, text, person in cues:
        marked = _MARKED.fullmatch(text)
        name, label = (marked[1], marked[2]) if marked else (WORDS, text)
        spans = groups.setdefault((name, person), [])
        spans.append(Span(start=start, end=end, label="" if label == "–" else label))
    people = {name: len([1 for other, _ in groups if other == name]) for name, _ in groups}
    tracks = []
    for (name, person), spans in groups.items():
        kind: Kind = "words" if name == WORDS else "note"
        unique = f"{name} {person}".strip() if people[name] > 1 else name
        tracks.append(Track(name=unique, kind=kind, spans=tuple(spans), person=person))
    return tuple(tracks)


def every_span(timeline: Timeline) -> list[tuple[Track, Span]]:
    """Spans with their tracks in the order of time."""
    spans = [(track, span) for track in timeline.tracks for span in track.spans]
    return sorted(spans, key=lambda pair: (pair[1].start, pair[1].end))
