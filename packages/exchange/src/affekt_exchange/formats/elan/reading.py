"""Tiers → tracks. Tiers that affekt wrote are joined as its property says; each other tier is a track of notes.

The times of an annotation that refers to another are that one's, divided where several refer to it; time slots without
a value lie evenly between their neighbours, as ELAN shows them.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, get_args
from urllib.parse import unquote

from affekt_exchange.files import Element, ExchangeError, number
from affekt_exchange.formats.elan.document import PROPERTY, Document, text_of
from affekt_exchange.timeline import Kind, Span, Timeline, Track


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A span and the annotation that it was read from."""

    span: Span
    element: Element
    tier: Element


@dataclass(frozen=True, kw_only=True)
class ReadTrack:
    """A track as a document has it."""

    track: Track
    """The track, without its spans."""
    placed: list[Placed]
    tiers: list[Element]


def read(document: Document) -> Timeline:
    """The timeline of a document, and the document."""
    header, facts = document.section("HEADER"), facts_of(document)
    urls = [element.get("MEDIA_URL", "") for element in header.iterfind("MEDIA_DESCRIPTOR")]
    media = facts.get("media") or (unquote(urls[0]).removeprefix("file://") if urls else "")
    entries = tracks_of(document)
    tracks = tuple(replace(entry.track, spans=tuple(placed.span for placed in entry.placed)) for entry in entries)
    return Timeline(
        media=media,
        duration=facts.get("duration", 0.0),
        tracks=tracks,
        provenance=facts.get("provenance", {}),
        documents={"elan": text_of(document)},
    )


def facts_of(document: Document) -> dict[str, Any]:
    """What affekt wrote into the header; empty where it wrote nothing that is still whole."""
    for element in document.section("HEADER").iterfind("PROPERTY"):
        if element.get("NAME") == PROPERTY:
            try:
                facts = json.loads(element.text or "")
                return {
                    "media": str(facts["media"]),
                    "duration": number(facts["duration"], "the property affekt, duration"),
                    "provenance": {
                        str(slot): str(component) for slot, component in facts.get("provenance", {}).items()
                    },
                    "tracks": [
                        {**track, "name": str(track["name"]), "tiers": [str(tier) for tier in track["tiers"]]}
                        for track in facts["tracks"]
                    ],
                }
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                return {}  # somebody changed it; the tiers are read as they stand
    return {}


def tracks_of(document: Document) -> list[ReadTrack]:
    """The tracks, with the tiers and annotations that they were read from."""
    tiers = {tier.get("TIER_ID", ""): tier for tier in document.root.iterfind("TIER")}
    times = _times(document, tiers)
    tracks: list[ReadTrack] = []
    for facts in facts_of(document).get("tracks", ()):
        own = [tiers.pop(name) for name in facts["tiers"] if name in tiers]
        for tier in own:
            for role in ("scores", "evidence"):
                tiers.pop(f"{role}@{tier.get('TIER_ID')}", None)
        if own or not facts["tiers"]:
            track = _track(document, facts["name"], own[0] if own else Element("TIER"), facts)
            placed = [annotation for tier in own for annotation in _placed(document, tier, times)]
            tracks.append(ReadTrack(track=track, placed=placed, tiers=own))
    taken = {entry.track.name for entry in tracks}
    for name, tier in tiers.items():
        title = " ".join(name.split()) or "tier"
        while title in taken:
            title += " '"
        taken.add(title)
        track = _track(document, title, tier, {})
        tracks.append(ReadTrack(track=track, placed=list(_placed(document, tier, times)), tiers=[tier]))
    return tracks


def _track(document: Document, name: str, tier: Element, facts: Mapping[str, Any]) -> Track:
    kind: Kind = facts["kind"] if facts.get("kind") in get_args(Kind) else "note"
    return Track(
        name=name,
        kind=kind,
        person=tier.get("PARTICIPANT", facts.get("person", "")),
        annotator=tier.get("ANNOTATOR", facts.get("annotator", "")),
        modality=str(facts.get("modality", "")),
        language=str(facts.get("language", "")) or tier.get("LANG_REF", ""),
        vocabulary=_vocabulary(document, tier) or tuple(map(str, facts.get("vocabulary", ()))),
    )


def _vocabulary(document: Document, tier: Element) -> tuple[str, ...]:
    """The entries of the controlled vocabulary of a tier's type, each in its first language."""
    types = {element.get("LINGUISTIC_TYPE_ID"): element for element in document.root.iterfind("LINGUISTIC_TYPE")}
    kind = types.get(tier.get("LINGUISTIC_TYPE_REF"))
    wanted = kind.get("CONTROLLED_VOCABULARY_REF") if kind is not None else None
    for vocabulary in document.root.iterfind("CONTROLLED_VOCABULARY"):
        if wanted and vocabulary.get("CV_ID") == wanted:
            values = (entry.find("CVE_VALUE") for entry in vocabulary.iterfind("CV_ENTRY_ML"))
            return tuple(value.text or "" for value in values if value is not None)
    return ()


def _placed(document: Document, tier: Element, times: Mapping[str, tuple[float, float]]) -> Iterator[Placed]:
    name = tier.get("TIER_ID", "")
    for element in _annotations(tier):
        identity = element.get("ANNOTATION_ID", "")
        if identity not in times:
            continue  # it refers to an annotation that is not there, or to itself
        start, end = times[identity]
        notes = {
            other.get("TIER_ID", "").partition("@")[0]: _value(dependent)
            for other, dependent in document.dependents.get(identity, ())
            if other.get("TIER_ID") in (f"scores@{name}", f"evidence@{name}")
        }
        span = Span(
            start=start,
            end=max(start, end),
            label=_value(element),
            scores=_scores(notes.get("scores", "")),
            evidence=notes.get("evidence", ""),
        )
        yield Placed(span=span, element=element, tier=tier)


def _annotations(tier: Element) -> Iterator[Element]:
    for holder in tier.iterfind("ANNOTATION"):
        yield from (element for element in holder if "ANNOTATION_ID" in element.attrib)


def _value(element: Element) -> str:
    value = element.find("ANNOTATION_VALUE")
    return (value.text or "") if value is not None else ""


def _scores(text: str) -> dict[str, float]:
    """The scores of a tier of ours; a person may have written anything there."""
    try:
        scores = json.loads(text) if text else {}
        return {str(name): number(value, "scores") for name, value in scores.items()}
    except (ValueError, AttributeError, RecursionError, ExchangeError):
        return {}


def _times(document: Document, tiers: Mapping[str, Element]) -> dict[str, tuple[float, float]]:
    """Annotation → when it begins and ends, in seconds."""
    times: dict[str, tuple[float, float]] = {}
    groups: dict[tuple[str, str], list[Element]] = {}
    for name, tier in tiers.items():
        slots = [element for element in _annotations(tier) if "TIME_SLOT_REF1" in element.attrib]
        times |= _aligned(document, slots)
        for element in _annotations(tier):
            if parent := element.get("ANNOTATION_REF"):
                groups.setdefault((parent, name), []).append(element)
    waiting = groups
    while waiting:
        ready = {key: group for key, group in waiting.items() if key[0] in times}
        if not ready:
            return times
        for (parent, _), group in ready.items():
            start, end = times[parent]
            step = (end - start) / len(group)
            for index, element in enumerate(group):
                times[element.get("ANNOTATION_ID", "")] = (start + step * index, start + step * (index + 1))
        waiting = {key: group for key, group in waiting.items() if key not in ready}
    return times


def _aligned(document: Document, elements: list[Element]) -> dict[str, tuple[float, float]]:
    slots: list[str] = []
    for element in elements:
        for name in ("TIME_SLOT_REF1", "TIME_SLOT_REF2"):
            if not slots or slots[-1] != element.get(name):
                slots.append(element.get(name, ""))
    values = [document.seconds(slot) for slot in slots]
    timed = [(index, value) for index, value in enumerate(values) if value is not None]
    for (before, first), (after, last) in pairwise(timed):
        for index in range(before + 1, after):
            values[index] = first + (last - first) * (index - before) / (after - before)
    seconds = {slot: value for slot, value in zip(slots, values, strict=True) if value is not None}
    times = {
        element.get("ANNOTATION_ID", ""): (
            seconds.get(element.get("TIME_SLOT_REF1", "")), seconds.get(element.get("TIME_SLOT_REF2", "")),
        )
        for element in elements
    }  # fmt: skip
    return {
        annotation: (start, end) for annotation, (start, end) in times.items() if start is not None and end is not None
    }
