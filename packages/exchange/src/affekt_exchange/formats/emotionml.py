"""W3C EmotionML 1.0: each emotion with the scores of its categories, and an inline vocabulary.

No vocabulary of the W3C has "neutral", so that each set of labels is written as a `vocabulary` of the file. Valence and
arousal are shifted from −1..1 to 0..1. Times are media fragments, and offsets from the start of the recording, in
milliseconds. `info` holds what EmotionML has no place for, in affekt's own namespace.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote
from xml.etree import ElementTree

from affekt_exchange.files import MOST_SPANS, Element, ExchangeError, json_of, number, parse_xml, write_whole, xml_bytes
from affekt_exchange.rows import facts_of
from affekt_exchange.timeline import Span, Timeline, Track, free_name

NAMESPACE = "http://www.w3.org/2009/10/emotionml"
OWN = "https://affekt-project.github.io/affekt/terms#"
DIMENSIONS = "http://www.w3.org/TR/emotion-voc/xml#fsre-dimensions"
"""The W3C's vocabulary that has valence and arousal."""
_KINDS = ("emotion", "dimension")
_THROUGH = {"face": "face", "voice": "voice", "speech": "voice", "text": "text"}
_FRAGMENT = re.compile(r"t=(?:npt:)?([\d.]*)(?:,([\d.]+))?")
_OUTSIDE = re.compile(r"[^\w.-]")


class EmotionMl:
    """Emotions and dimensions."""

    def write(self, timeline: Timeline, target: Path) -> list[Path]:
        """Writes one `.emotionml`."""
        path = target.with_name(f"{target.name}.emotionml")
        tracks = [track for track in timeline.tracks if track.kind in _KINDS]
        root = Element(_tag("emotionml"), {"version": "1.0"})
        facts = facts_of(replace(timeline, tracks=tuple(tracks)))
        note = ElementTree.SubElement(_child(root, "info"), f"{{{OWN}}}timeline")
        note.text = json.dumps(facts, ensure_ascii=False)
        names = [_Names(track, index) for index, track in enumerate(tracks)]
        for named_track in names:
            if named_track.track.kind == "emotion":
                _add_vocabulary(root, named_track)
        for named_track in names:
            for position, span in enumerate(named_track.track.spans):
                _add_emotion(root, named_track, span, timeline, f"e{named_track.index}-{position}")
        ElementTree.register_namespace("", NAMESPACE)
        ElementTree.register_namespace("affekt", OWN)
        write_whole(path, xml_bytes(root))
        return [path]

    def read(self, path: Path) -> Timeline:
        """Emotions and dimensions as tracks; without a category, an emotion is named after its dimensions.

        Raises:
            ExchangeError: it is no EmotionML, or holds too much.
        """
        root = parse_xml(path, counted={"emotion": MOST_SPANS, "item": MOST_SPANS})
        if root.tag not in (_tag("emotionml"), _tag("emotion")):
            raise ExchangeError(f'"{path}" is no EmotionML: its root is {root.tag}', hint=f"xmlns={NAMESPACE}")
        note = root.find(f"{_tag('info')}/{{{OWN}}}timeline")
        facts: Any = json_of(path, note.text or "") if note is not None else {"media": "", "duration": 0, "tracks": []}
        titles = {
            item.get("name", ""): own.text or ""
            for item in root.iter(_tag("item"))
            if (own := item.find(f"{_tag('info')}/{{{OWN}}}name")) is not None
        }
        try:
            tracks = {track["name"]: {**track, "spans": []} for track in facts["tracks"]}
            facts = {"media": facts["media"], "duration": facts["duration"], "provenance": facts.get("provenance", {})}
        except (KeyError, TypeError, AttributeError) as error:
            raise ExchangeError(f'"{path}": the element affekt:timeline is damaged', hint="removing it") from error
        for position, element in enumerate(root.iter(_tag("emotion")), 1):
            where = f'"{path}", emotion {position}'
            name, span = _read_emotion(element, titles, where)
            kind = "emotion" if element.find(_tag("category")) is not None else "dimension"
            tracks.setdefault(name or kind, {"name": name or kind, "kind": kind, "spans": []})["spans"].append(span)
            for reference in element.iter(_tag("reference")):
                facts["media"] = facts["media"] or unquote(reference.get("uri", "").partition("#")[0])
        return Timeline.from_dict({**facts, "tracks": list(tracks.values())})


class _Names:
    """The names of a track's categories as XML allows them: no blanks, each once."""

    def __init__(self, track: Track, index: int) -> None:
        self.track, self.index, self.tokens = track, index, dict[str, str]()
        words = [*track.vocabulary, *(word for span in track.spans for word in (span.label, *span.scores))]
        for word in dict.fromkeys(words):
            token = _OUTSIDE.sub("_", word.strip()) or "_"
            self.tokens[word] = free_name(token, self.tokens.values()).replace(" ", "_")


def _add_vocabulary(root: Element, names: _Names) -> None:
    if not names.tokens:
        return
    vocabulary = _child(root, "vocabulary", type="category", id=f"labels-{names.index}")
    for word, token in names.tokens.items():
        item = _child(vocabulary, "item", name=token)
        if word != token:
            ElementTree.SubElement(_child(item, "info"), f"{{{OWN}}}name").text = word


def _add_emotion(root: Element, names: _Names, span: Span, timeline: Timeline, identity: str) -> None:
    track = names.track
    start, length = round(span.start * 1000), round(span.end * 1000) - round(span.start * 1000)
    media = quote(timeline.media)
    attributes = {"id": identity, "time-ref-uri": media, "offset-to-start": str(start), "duration": str(length)}
    if through := _THROUGH.get(track.modality):
        attributes["expressed-through"] = through
    dimension = track.kind == "dimension"
    attributes["dimension-set" if dimension else "category-set"] = DIMENSIONS if dimension else f"#labels-{names.index}"
    emotion = _child(root, "emotion", **attributes)
    own = ElementTree.SubElement(_child(emotion, "info"), f"{{{OWN}}}span", {"track": track.name})
    own.attrib |= {name: value for name, value in (("label", span.label), ("evidence", span.evidence)) if value}
    outside = {name: score for name, score in span.scores.items() if not _inside(score, dimension)}
    if outside:
        own.set("scores", json.dumps(outside, ensure_ascii=False))
    if dimension:
        own.set("scale", "-1 to 1, shifted to 0 to 1")
    for word in dict.fromkeys((*span.scores, *(() if dimension and span.scores else (span.label,)))):
        described = _child(emotion, "dimension" if dimension else "category", name=names.tokens[word])
        score = span.scores.get(word)
        if dimension:
            described.set("value", repr((score + 1) / 2) if score is not None and _inside(score, True) else "0.5")
        elif score is not None and _inside(score, False):
            described.set("value", repr(score))
    times = f"#t={span.start:.3f}" + (f",{span.end:.3f}" if length else "")
    _child(emotion, "reference", uri=media + times, role="expressedBy")


def _inside(score: float, dimension: bool) -> bool:
    return (-1 if dimension else 0) <= score <= 1


def _read_emotion(element: Element, titles: dict[str, str], where: str) -> tuple[str, dict[str, Any]]:
    own = element.find(f"{_tag('info')}/{{{OWN}}}span")
    ours: dict[str, str] = dict(own.attrib) if own is not None else {}
    start, end = _times(element, where)
    scores, words = dict[str, float](), list[str]()
    for kind, described in _described(element):
        word = titles.get(described.get("name", ""), described.get("name", ""))
        words.append(word)
        value = described.get("value")
        if value is None:
            continue
        score = number(value, f"{where}, value")
        scores[word] = round(score * 2 - 1, 6) if kind == "dimension" and "scale" in ours else score
    scores |= _outside_range(ours.get("scores", ""), where)
    label = ours.get("label", "")
    if (
        label not in words and words and not (label and "scale" in ours)
    ):  # a dimension's label is its value, not its name
        label = max(words, key=lambda word: scores.get(word, 0.0))
    span = {"start": start, "end": end, "label": label, "scores": scores, "evidence": ours.get("evidence", "")}
    return ours.get("track", ""), span


def _outside_range(text: str, where: str) -> dict[str, float]:
    if not text:
        return {}
    scores = json_of(Path(where), text)
    items: Iterable[Any] = scores.items() if isinstance(scores, dict) else ()
    return {str(name): number(value, where) for name, value in items}


def _described(element: Element) -> Iterator[tuple[str, Element]]:
    for child in element:
        for kind in ("category", "dimension", "appraisal", "action-tendency"):
            if child.tag == _tag(kind):
                yield kind, child


def _times(element: Element, where: str) -> tuple[float, float]:
    """Seconds: by the offset from the recording's start, else by the media fragment of a reference."""
    if "time-ref-uri" in element.attrib:
        start = number(element.get("offset-to-start", "0"), f"{where}, offset-to-start") / 1000
        return start, start + number(element.get("duration", "0"), f"{where}, duration") / 1000
    for reference in element.iter(_tag("reference")):
        if fragment := _FRAGMENT.search(reference.get("uri", "").partition("#")[2]):
            start = number(fragment[1] or "0", where)
            return start, number(fragment[2], where) if fragment[2] else start
    start, end = (number(element.get(name, "0"), f"{where}, {name}") / 1000 for name in ("start", "end"))
    return start, max(start, end)


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _child(parent: Element, name: str, /, **attributes: str) -> Element:
    return ElementTree.SubElement(parent, _tag(name), attributes)
