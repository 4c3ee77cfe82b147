"""Linguistic types, controlled vocabularies and languages of a document, made where there are none."""

from xml.etree import ElementTree

from affekt_exchange.files import Element
from affekt_exchange.formats.elan.document import Document
from affekt_exchange.timeline import free_name

SPANS = "spans"
"""The linguistic type of tiers with times of their own and any labels."""


def linguistic_type(document: Document, vocabulary: tuple[str, ...]) -> str:
    """The type of tiers with times of their own and this vocabulary; made where there is none."""
    reference = controlled_vocabulary(document, vocabulary) if vocabulary else None
    for kind in document.root.iterfind("LINGUISTIC_TYPE"):
        if kind.get("CONTROLLED_VOCABULARY_REF") == reference and "CONSTRAINTS" not in kind.attrib:
            return kind.get("LINGUISTIC_TYPE_ID", "")
    taken = [kind.get("LINGUISTIC_TYPE_ID", "") for kind in document.root.iterfind("LINGUISTIC_TYPE")]
    name = free_name(f"{SPANS} of {reference}" if reference else SPANS, taken)
    kind = document.add("LINGUISTIC_TYPE", GRAPHIC_REFERENCES="false", LINGUISTIC_TYPE_ID=name, TIME_ALIGNABLE="true")
    if reference:
        kind.set("CONTROLLED_VOCABULARY_REF", reference)
    return name


def constraint(document: Document, tier: Element) -> str:
    """The stereotype of a tier's type; "" where its annotations have times of their own."""
    wanted = tier.get("LINGUISTIC_TYPE_REF")
    types = (
        element for element in document.root.iterfind("LINGUISTIC_TYPE") if element.get("LINGUISTIC_TYPE_ID") == wanted
    )
    return next((element.get("CONSTRAINTS", "") for element in types), "")


def entries_of(document: Document, vocabulary: tuple[str, ...]) -> dict[str, str]:
    """Label → the id of its entry in the document's vocabulary of these labels."""
    if not vocabulary:
        return {}
    wanted = controlled_vocabulary(document, vocabulary)
    return next(
        _entries(element)
        for element in document.root.iterfind("CONTROLLED_VOCABULARY")
        if element.get("CV_ID") == wanted
    )


def controlled_vocabulary(document: Document, labels: tuple[str, ...]) -> str:
    """The vocabulary with these labels; made where there is none."""
    for vocabulary in document.root.iterfind("CONTROLLED_VOCABULARY"):
        if tuple(_entries(vocabulary)) == labels:
            return vocabulary.get("CV_ID", "")
    taken = [element.get("CV_ID", "") for element in document.root.iterfind("CONTROLLED_VOCABULARY")]
    name = free_name("labels", taken)
    language(document, "und")
    vocabulary = document.add("CONTROLLED_VOCABULARY", CV_ID=name)
    ElementTree.SubElement(vocabulary, "DESCRIPTION", LANG_REF="und")
    for label in labels:
        entry = ElementTree.SubElement(vocabulary, "CV_ENTRY_ML", CVE_ID=document.new_id("cve"))
        ElementTree.SubElement(entry, "CVE_VALUE", LANG_REF="und").text = label
    return name


def _entries(vocabulary: Element) -> dict[str, str]:
    """Label → the id of its entry."""
    values = ((entry.find("CVE_VALUE"), entry) for entry in vocabulary.iterfind("CV_ENTRY_ML"))
    return {value.text or "": entry.get("CVE_ID", "") for value, entry in values if value is not None}


def language(document: Document, code: str) -> None:
    """Declares a language that other elements refer to."""
    definition = "http://cdb.iso.org/lg/CDB-00130975-001" if code == "und" else f"iso639:{code}"
    label = "undetermined (und)" if code == "und" else code
    document.require("LANGUAGE", "LANG_ID", code, LANG_DEF=definition, LANG_LABEL=label)
