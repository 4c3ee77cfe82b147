"""The tiers of one track: what differs from the track is changed, and nothing else of them is touched."""

import json
import re
from bisect import bisect_left, insort
from dataclasses import replace
from xml.etree import ElementTree

from affekt import DataError

from affekt_exchange.differences import pair
from affekt_exchange.files import Element
from affekt_exchange.formats.elan.document import Document
from affekt_exchange.formats.elan.reading import Placed, tracks_of
from affekt_exchange.formats.elan.vocabularies import constraint, entries_of, language, linguistic_type
from affekt_exchange.timeline import Span, Timeline, Track, free_name

ATTACHED = "attached"
"""The linguistic type of the tiers with scores and evidence."""
_ATTACHMENTS = re.compile(r"(?i)(scores|evidence)@")


class TrackWriter:
    """The tiers of one track."""

    def __init__(self, document: Document, track: Track, tiers: list[Element]) -> None:
        self.document = document
        constraints = [constraint(document, tier) for tier in tiers]
        self.refers = any(stereotype.startswith("Symbolic") for stereotype in constraints)
        self.divides = "Time_Subdivision" in constraints
        self.track = track if self.refers else replace(track, spans=tuple(_lasting(span) for span in track.spans))
        self.tiers = tiers
        self.entries = entries_of(document, track.vocabulary)

    def apply(self, original: Track | None, placed: list[Placed]) -> None:
        """Changes what differs from the spans that are there."""
        elements = {id(annotation.span): annotation for annotation in placed}
        before = replace(
            original or self.track, name=self.track.name, spans=tuple(annotation.span for annotation in placed)
        )
        pairs, removed, added = pair(
            Timeline(media="", duration=0, tracks=(before,)), Timeline(media="", duration=0, tracks=(self.track,))
        )
        for _, span in removed:
            self._remove(elements[id(span)])
        moved = []
        for (_, old), (_, new) in pairs:
            annotation = elements[id(old)]
            if (old.start, old.end) != (new.start, new.end) and not self.refers:
                moved.append((annotation, new))
            elif old != new:
                self._change(annotation, new)
        self._move(moved)
        self._add([span for _, span in added])
        if not self.tiers:
            self._new_tier()
        for tier in self.tiers:
            if original and original.vocabulary != self.track.vocabulary and not constraint(self.document, tier):
                tier.set("LINGUISTIC_TYPE_REF", linguistic_type(self.document, self.track.vocabulary))
            for name, value in (("PARTICIPANT", self.track.person), ("ANNOTATOR", self.track.annotator)):
                if value:
                    tier.set(name, value)
                else:
                    tier.attrib.pop(name, None)

    def _change(self, annotation: Placed, span: Span) -> None:
        value = annotation.element.find("ANNOTATION_VALUE")
        if value is None:
            value = ElementTree.SubElement(annotation.element, "ANNOTATION_VALUE")
        if (value.text or "") != span.label:
            value.text = span.label
            annotation.element.attrib.pop("CVE_REF", None)
            if entry := self.entries.get(span.label):
                annotation.element.set("CVE_REF", entry)
        for role, before, after in (
            ("scores", annotation.span.scores, span.scores),
            ("evidence", annotation.span.evidence, span.evidence),
        ):
            if before != after:
                self._detach(annotation, role)
                self._attach(annotation.tier, annotation.element.get("ANNOTATION_ID", ""), role, span)

    def _move(self, moved: list[tuple[Placed, Span]]) -> None:
        """New times; a span that would overlap another of its tier goes to one where it does not."""
        if moved:
            self._require_own_times(moved[0][1])
        slots = [
            {name: annotation.element.attrib.pop(name) for name in ("TIME_SLOT_REF1", "TIME_SLOT_REF2")}
            for annotation, _ in moved
        ]
        elsewhere = []
        for (annotation, span), old in sorted(zip(moved, slots, strict=True), key=lambda pair: pair[0][1].start):
            if _fits(self._times(annotation.tier), span):
                new = {
                    "TIME_SLOT_REF1": self.document.new_slot(span.start),
                    "TIME_SLOT_REF2": self.document.new_slot(span.end),
                }
                annotation.element.attrib |= new
                self._move_below(annotation.tier, old, new)
                self._change(annotation, span)
            else:
                self._remove(annotation)
                elsewhere.append(span)
        self._add(elsewhere)

    def _move_below(self, tier: Element, old: dict[str, str], new: dict[str, str]) -> None:
        """Annotations of the tiers below that begin or end with one that moved begin or end with it still."""
        for child in self.document.root.iterfind("TIER"):
            if child.get("PARENT_REF") == tier.get("TIER_ID") and child is not tier:
                for element in child.iterfind("ANNOTATION/ALIGNABLE_ANNOTATION"):
                    for name, slot in old.items():
                        if element.get(name) == slot:
                            element.set(name, new[name])
                self._move_below(child, old, new)

    def _require_own_times(self, span: Span) -> None:
        if self.divides:
            raise DataError(
                f'the track "{self.track.name}" divides the annotations of another tier without gaps, so that its span '
                f'"{span.label[:40]}" has no times of its own',
                hint="changing the times in the tier above, or a track of its own",
            )

    def _add(self, spans: list[Span]) -> None:
        if spans:
            self._require_own_times(spans[0])
        taken = {id(tier): self._times(tier) for tier in self.tiers}
        for span in sorted(spans, key=lambda span: (span.start, span.end)):
            identity = self.document.new_id("a")
            if self.refers:
                tier, attributes = self.tiers[0], {"ANNOTATION_REF": self._parent(self.tiers[0], span)}
            else:
                free = [tier for tier in self.tiers if _fits(taken[id(tier)], span)]
                tier = free[0] if free else self._new_tier(taken)
                insort(taken[id(tier)], (round(span.start * 1000), round(span.end * 1000)))
                slots = (self.document.new_slot(span.start), self.document.new_slot(span.end))
                attributes = {"TIME_SLOT_REF1": slots[0], "TIME_SLOT_REF2": slots[1]}
            attributes = {"ANNOTATION_ID": identity, **attributes}
            if entry := self.entries.get(span.label):
                attributes["CVE_REF"] = entry
            _annotate(tier, "REF_ANNOTATION" if self.refers else "ALIGNABLE_ANNOTATION", attributes, span.label)
            for role in ("scores", "evidence"):
                self._attach(tier, identity, role, span)

    def _parent(self, tier: Element, span: Span) -> str:
        for entry in tracks_of(self.document):
            for annotation in entry.placed:
                same = (annotation.span.start, annotation.span.end) == (span.start, span.end)
                if same and annotation.tier.get("TIER_ID") == tier.get("PARENT_REF"):
                    return annotation.element.get("ANNOTATION_ID", "")
        raise DataError(
            f'the tier "{tier.get("TIER_ID")}" has the times of its parent "{tier.get("PARENT_REF")}", which has no '
            f"annotation from {span.start:.3f} to {span.end:.3f} s",
            hint="adding one there first, or a track of its own",
        )

    def _times(self, tier: Element) -> list[tuple[int, int]]:
        intervals = []
        for element in tier.iterfind("ANNOTATION/ALIGNABLE_ANNOTATION"):
            times = [self.document.seconds(element.get(name)) for name in ("TIME_SLOT_REF1", "TIME_SLOT_REF2")]
            if times[0] is not None and times[1] is not None:
                intervals.append((round(times[0] * 1000), round(times[1] * 1000)))
        return sorted(intervals)

    def _new_tier(self, taken: dict[int, list[tuple[int, int]]] | None = None) -> Element:
        kind = linguistic_type(self.document, self.track.vocabulary)
        name = self.track.name
        if _ATTACHMENTS.match(name):
            name = f"track {name}"
        tier = _add_tier(self.document, name, LINGUISTIC_TYPE_REF=kind)
        if re.fullmatch(r"[A-Za-z_][\w.-]*", self.track.language, re.ASCII):
            language(self.document, self.track.language)
            tier.set("LANG_REF", self.track.language)
        self.tiers.append(tier)
        if taken is not None:
            taken[id(tier)] = []
        return tier

    def _attach(self, tier: Element, identity: str, role: str, span: Span) -> None:
        text = json.dumps(dict(span.scores), ensure_ascii=False) if role == "scores" else span.evidence
        if not text or text == "{}":
            return
        name = f"{role}@{tier.get('TIER_ID')}"
        holder = next(
            (candidate for candidate in self.document.root.iterfind("TIER") if candidate.get("TIER_ID") == name), None
        )
        if holder is None:
            self.document.require(
                "LINGUISTIC_TYPE", "LINGUISTIC_TYPE_ID", ATTACHED, CONSTRAINTS="Symbolic_Association",
                GRAPHIC_REFERENCES="false", TIME_ALIGNABLE="false",
            )  # fmt: skip
            parent = tier.get("TIER_ID", "")
            holder = _add_tier(self.document, name, LINGUISTIC_TYPE_REF=ATTACHED, PARENT_REF=parent)
        attributes = {"ANNOTATION_ID": self.document.new_id("a"), "ANNOTATION_REF": identity}
        _annotate(holder, "REF_ANNOTATION", attributes, text)

    def _detach(self, annotation: Placed, role: str) -> None:
        name = f"{role}@{annotation.tier.get('TIER_ID')}"
        for tier, element in self.document.dependents.get(annotation.element.get("ANNOTATION_ID", ""), ()):
            if tier.get("TIER_ID") == name:
                _remove_annotation(self.document, tier, element)

    def _remove(self, annotation: Placed) -> None:
        _remove_annotation(self.document, annotation.tier, annotation.element)


def _lasting(span: Span) -> Span:
    """The span, a millisecond long where it has no length: ELAN holds no annotation without."""
    return span if span.end > span.start else replace(span, end=span.start + 0.001)


def _fits(taken: list[tuple[int, int]], span: Span) -> bool:
    """Whether a span overlaps none of a tier's times, which are in order."""
    start, end = round(span.start * 1000), round(span.end * 1000)
    index = bisect_left(taken, (start, end))
    return (index == 0 or taken[index - 1][1] <= start) and (index == len(taken) or taken[index][0] >= end)


def _annotate(tier: Element, kind: str, attributes: dict[str, str], label: str) -> None:
    element = ElementTree.SubElement(ElementTree.SubElement(tier, "ANNOTATION"), kind, attributes)
    ElementTree.SubElement(element, "ANNOTATION_VALUE").text = label


def _add_tier(document: Document, name: str, **attributes: str) -> Element:
    taken = [tier.get("TIER_ID", "") for tier in document.root.iterfind("TIER")]
    return document.add("TIER", TIER_ID=free_name(name, taken), **attributes)


def _remove_annotation(document: Document, tier: Element, element: Element) -> None:
    """Removes an annotation and all that refers to it."""
    waiting = [(tier, element)]
    while waiting:
        tier, element = waiting.pop()
        waiting += document.dependents.pop(element.get("ANNOTATION_ID", ""), [])
        for holder in tier.findall("ANNOTATION"):
            if element in holder:
                tier.remove(holder)


def remove_tier(document: Document, tier: Element) -> None:
    """Removes a tier and those below it."""
    name = tier.get("TIER_ID")
    for child in document.root.findall("TIER"):
        if child.get("PARENT_REF") == name and child is not tier:
            remove_tier(document, child)
    if tier in document.root:
        document.root.remove(tier)
