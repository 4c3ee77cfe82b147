"""Tracks → tiers: what changed is changed in the document, and nothing else of it is touched.

Spans that overlap go to further tiers of their track, as a tier of ELAN holds no overlap; the property `affekt` of the
header says which tiers are one track. Scores and evidence hang on their spans as symbolic associations.
"""

import json
import mimetypes
import re
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

from affekt_exchange.files import Element
from affekt_exchange.formats.elan.document import PROPERTY, Document
from affekt_exchange.formats.elan.reading import tracks_of
from affekt_exchange.formats.elan.tiers import TrackWriter, remove_tier
from affekt_exchange.timeline import Timeline

_MIME = {".wav": "audio/x-wav"}


def apply(timeline: Timeline, document: Document) -> None:
    """Makes the document say what the timeline says.

    Raises:
        DataError: a span was added or moved where times are those of another tier.
    """
    present = {entry.track.name: entry for entry in tracks_of(document)}
    for name, entry in present.items():
        if timeline.track(name) is None:
            for tier in entry.tiers:
                remove_tier(document, tier)
    listed: list[dict[str, object]] = []
    for track in timeline.tracks:
        original = present.get(track.name)
        writer = TrackWriter(document, track, original.tiers if original else [])
        writer.apply(original.track if original else None, original.placed if original else [])
        tiers = [tier.get("TIER_ID") for tier in writer.tiers]
        facts = {"name": track.name, "kind": track.kind, "modality": track.modality, "language": track.language}
        listed.append({**facts, "tiers": tiers})
    _write_header(timeline, document, listed)


def _write_header(timeline: Timeline, document: Document, tracks: list[dict[str, object]]) -> None:
    header = document.section("HEADER")
    if timeline.media and header.find("MEDIA_DESCRIPTOR") is None:
        local = Path(timeline.media)
        url = local.resolve().as_uri() if local.is_file() else quote(timeline.media)
        mime = _MIME.get(local.suffix.lower()) or mimetypes.guess_type(timeline.media)[0] or "video/mp4"
        attributes = {"MEDIA_URL": url, "MIME_TYPE": mime, "RELATIVE_MEDIA_URL": quote(f"./{local.name}")}
        header.insert(0, Element("MEDIA_DESCRIPTOR", attributes))
    facts = {
        "media": timeline.media,
        "duration": timeline.duration,
        "provenance": dict(timeline.provenance),
        "tracks": tracks,
    }
    numbers = (
        re.fullmatch(r"a(\d{1,15})", annotation.get("ANNOTATION_ID", "")) for annotation in document.annotations()
    )
    last = max((int(number[1]) for number in numbers if number), default=0)
    for name, text in ((PROPERTY, json.dumps(facts, ensure_ascii=False)), ("lastUsedAnnotationId", str(last))):
        element = next((candidate for candidate in header.iterfind("PROPERTY") if candidate.get("NAME") == name), None)
        if element is None:
            element = ElementTree.SubElement(header, "PROPERTY", NAME=name)
        element.text = text
