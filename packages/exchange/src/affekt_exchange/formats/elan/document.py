"""The XML of an EAF file: its elements in the order of the schema, and its identifiers."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Self
from xml.etree import ElementTree

from affekt_exchange.files import MOST_SPANS, MOST_TRACKS, Element, ExchangeError, parse_xml, xml_bytes

XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
ORDER = (
    "LICENSE", "HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE", "LOCALE", "LANGUAGE", "CONSTRAINT",
    "CONTROLLED_VOCABULARY", "LEXICON_REF", "REF_LINK_SET", "EXTERNAL_REF",
)  # fmt: skip
"""The children of the root, as the schema orders them."""
STEREOTYPES = {
    "Time_Subdivision": "Divides the time of the parent annotation, without gaps",
    "Symbolic_Subdivision": "Divides the parent annotation into an order, without times",
    "Symbolic_Association": "Belongs to one parent annotation",
    "Included_In": "Lies within the time of the parent annotation; gaps are allowed",
}
PROPERTY = "affekt"


class Document:
    """One EAF file."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self._slots = {slot.get("TIME_SLOT_ID", ""): slot for slot in self.section("TIME_ORDER")}
        ids = [*self._slots, *(element.get("ANNOTATION_ID", "") for element in self.annotations())]
        numbers = [int(match[1]) for identifier in ids if (match := re.fullmatch(r"[a-z]+(\d{1,15})", identifier))]
        self._last = max(numbers, default=0)

    @classmethod
    def open(cls, path: Path) -> Self:
        """The document of a file.

        Raises:
            ExchangeError: it is no EAF, or holds too much.
        """
        root = parse_xml(
            path, counted={"TIER": MOST_TRACKS, "ANNOTATION": MOST_SPANS, "TIME_SLOT": 2 * MOST_SPANS}
        )  # fmt: skip
        if root.tag != "ANNOTATION_DOCUMENT":
            raise ExchangeError(f'"{path}" is no EAF: its root is {root.tag}', hint="a file that ELAN saved")
        if root.find("HEADER") is None or root.find("TIME_ORDER") is None:
            raise ExchangeError(f'"{path}" has no HEADER or no TIME_ORDER', hint="saving it anew in ELAN")
        if (units := root.find("HEADER").get("TIME_UNITS", "milliseconds")) != "milliseconds":  # type: ignore[union-attr]
            raise ExchangeError(f'"{path}" counts {units}', hint="saving it in milliseconds")
        return cls(root)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The document of a text that `open` has read before."""
        return cls(ElementTree.fromstring(text, ElementTree.XMLParser(target=_with_comments())))

    @classmethod
    def empty(cls) -> Self:
        """A document without tiers."""
        root = Element("ANNOTATION_DOCUMENT", {"AUTHOR": "affekt", "FORMAT": "3.0", "VERSION": "3.0"})
        root.set(f"{{{XSI}}}noNamespaceSchemaLocation", SCHEMA)
        ElementTree.SubElement(root, "HEADER", {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"})
        ElementTree.SubElement(root, "TIME_ORDER")
        document = cls(root)
        for stereotype, description in STEREOTYPES.items():
            document.add("CONSTRAINT", STEREOTYPE=stereotype, DESCRIPTION=description)
        return document

    def section(self, tag: str) -> Element:
        """The element of this tag, HEADER or TIME_ORDER."""
        element = self.root.find(tag)
        assert element is not None
        return element

    def annotations(self) -> Iterable[Element]:
        """Every ALIGNABLE_ANNOTATION and REF_ANNOTATION."""
        return (element for element in self.root.iterfind("TIER/ANNOTATION/*") if "ANNOTATION_ID" in element.attrib)

    def add(self, tag: str, **attributes: str) -> Element:
        """A new child of the root, after the last of its kind."""
        element = Element(tag, attributes)
        ranks = {name: index for index, name in enumerate(ORDER)}
        after = [
            index for index, child in enumerate(self.root) if ranks.get(str(child.tag), -1) <= ranks[tag]
        ]  # fmt: skip
        self.root.insert(after[-1] + 1 if after else 0, element)
        return element

    def require(self, tag: str, key: str, value: str, **attributes: str) -> Element:
        """The child of the root with this identifier; made where there is none."""
        element = next((child for child in self.root.iterfind(tag) if child.get(key) == value), None)
        return self.add(tag, **{key: value}, **attributes) if element is None else element

    def new_id(self, letters: str) -> str:
        """An identifier that nothing of the document has."""
        self._last += 1
        return f"{letters}{self._last}"

    def new_slot(self, seconds: float) -> str:
        """A time slot of its own; `to_bytes` puts it in order."""
        identity = self.new_id("ts")
        attributes = {"TIME_SLOT_ID": identity, "TIME_VALUE": str(round(seconds * 1000))}
        self._slots[identity] = ElementTree.SubElement(self.section("TIME_ORDER"), "TIME_SLOT", attributes)
        return identity

    def seconds(self, slot: str | None) -> float | None:
        """When a time slot is; None where only its neighbours have times, or there is no such slot."""
        element = self._slots.get(slot or "")
        value = element.get("TIME_VALUE") if element is not None else None
        if value is None:
            return None
        if not re.fullmatch(r"\d{1,12}", value):
            raise ExchangeError(f'the time slot "{slot}" has the value "{value[:40]}"', hint="whole milliseconds")
        return int(value) / 1000

    @cached_property
    def dependents(self) -> dict[str, list[tuple[Element, Element]]]:
        """Annotation → the annotations that refer to it, each with its tier."""
        referring: dict[str, list[tuple[Element, Element]]] = defaultdict(list)
        for tier in self.root.iterfind("TIER"):
            for holder in tier.iterfind("ANNOTATION"):
                for element in holder:
                    if parent := element.get("ANNOTATION_REF"):
                        referring[parent].append((tier, element))
        return referring

    def to_bytes(self) -> bytes:
        """The file, its time slots in the order of their values and none left over."""
        self._order_slots()
        self.root.set("DATE", datetime.now(UTC).astimezone().isoformat(timespec="seconds"))
        ElementTree.register_namespace("xsi", XSI)
        return xml_bytes(self.root)

    def _order_slots(self) -> None:
        order, last = self.section("TIME_ORDER"), 0.0
        used = {element.get(name) for element in self.annotations() for name in ("TIME_SLOT_REF1", "TIME_SLOT_REF2")}
        keyed = []
        for slot in order:
            last = value if (value := self.seconds(slot.get("TIME_SLOT_ID"))) is not None else last
            if slot.get("TIME_SLOT_ID") in used:
                keyed.append((last, slot))
        order[:] = [slot for _, slot in sorted(keyed, key=lambda pair: pair[0])]


def _with_comments() -> ElementTree.TreeBuilder:
    return ElementTree.TreeBuilder(insert_comments=True)


def text_of(document: Document) -> str:
    """The document as text, for `Document.parse`."""
    return ElementTree.tostring(document.root, encoding="unicode")
