"""Croissant 1.1 (MLCommons) over one table of spans: what each column is, and which machine wrote each label.

    annotations.csv    a row a span, of every recording exported into the folder
    croissant.json     the description; `mlcroissant` reads the records through it

Each export adds its recording's rows or replaces them. The provenance of each recording is in `prov:wasGeneratedBy`;
who wrote a label is the annotation of the field `label`, and the machines are `rai:machineAnnotationTools`.
"""

import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from affekt_exchange.files import ExchangeError, json_of, read_text, write_whole
from affekt_exchange.formats.csv_table import read_rows, table_bytes
from affekt_exchange.rows import COLUMNS, facts_of, rows_of, timeline_of
from affekt_exchange.timeline import Timeline

DESCRIPTION, TABLE = "croissant.json", "annotations.csv"
_OWN = "affekt:timelines"
_TYPES = {"string": "sc:Text", "number": "sc:Float"}


class Croissant:
    """A table of spans, described."""

    def write(self, timeline: Timeline, target: Path) -> list[Path]:
        """`croissant.json` and `annotations.csv`."""
        description, table = target / DESCRIPTION, target / TABLE
        described = _timelines(description) if description.is_file() else []
        rows = read_rows(table) if table.is_file() and described else []
        described = [facts for facts in described if facts.get("media") != timeline.media] + [facts_of(timeline)]
        kept: list[dict[str, Any]] = [{name: row.get(name, "") for name in COLUMNS} for row in rows]
        kept = [row for row in kept if row["media"] != timeline.media]
        data = table_bytes(kept + rows_of(timeline))
        write_whole(table, data)
        document = json.dumps(_description(described, data), ensure_ascii=False, indent=1)
        write_whole(description, (document + "\n").encode())
        return [description, table]

    def read(self, path: Path) -> Timeline:
        """The timeline that was added last.

        Raises:
            ExchangeError: it describes no table of timelines.
        """
        facts = _timelines(path)[-1]
        rows = read_rows(path.with_name(TABLE))
        return timeline_of(
            [row for row in rows if row.get("media") == facts.get("media")], facts, f'"{path.with_name(TABLE)}"'
        )


def _timelines(path: Path) -> list[dict[str, Any]]:
    document = json_of(path, read_text(path))
    timelines = document.get(_OWN) if isinstance(document, dict) else None
    if not isinstance(timelines, list) or not timelines or not all(isinstance(facts, dict) for facts in timelines):
        raise ExchangeError(f'"{path}" describes no timelines', hint="a folder that affekt exported")
    return timelines


def _description(timelines: list[dict[str, Any]], table: bytes) -> dict[str, Any]:
    machines = sorted(
        {tool for facts in timelines for tool in facts.get("provenance", {}).values()}
    )  # fmt: skip
    fields = [_field(name, kind, text) for name, (kind, text) in COLUMNS.items() if name != "annotator"]
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "dct:conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": "affekt-annotations",
        "description": f"What is felt, said and heard in {len(timelines)} recordings. Emotions were inferred by a "
        "machine from voice, face and words, and may be wrong, unless the annotator is a person.",
        "license": "https://spdx.org/licenses/NOASSERTION",
        "url": "https://affekt-project.github.io/affekt/",
        "version": "1.0.0",
        "creator": {"@type": "sc:Organization", "name": "affekt"},
        "datePublished": datetime.now(UTC).date().isoformat(),
        "rai:machineAnnotationTools": machines,
        "rai:personalSensitiveInformation": ["Emotions of the people in the recordings, and what they say"],
        "prov:wasGeneratedBy": [
            {"@type": "prov:Activity", "prov:label": f"{facts.get('media', '')}: {slot}: {tool}"}
            for facts in timelines
            for slot, tool in facts.get("provenance", {}).items()
        ],
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": TABLE,
                "name": TABLE,
                "contentUrl": TABLE,
                "contentSize": f"{len(table)} B",
                "encodingFormat": "text/csv",
                "sha256": sha256(table).hexdigest(),
            }
        ],
        "recordSet": [{"@type": "cr:RecordSet", "@id": "spans", "name": "spans", "field": fields}],
        _OWN: timelines,
    }


def _field(name: str, kind: str, text: str) -> dict[str, Any]:
    field = {
        "@type": "cr:Field",
        "@id": f"spans/{name}",
        "name": name,
        "description": text,
        "dataType": _TYPES[kind],
        "source": {"fileObject": {"@id": TABLE}, "extract": {"column": name}},
    }
    if name == "label":
        about = _field("annotator", *COLUMNS["annotator"])
        field["annotation"] = about | {"equivalentProperty": "prov:wasAttributedTo"}
    return field


_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "affekt": "https://affekt-project.github.io/affekt/terms#",
    "affekt:timelines": {"@id": "affekt:timelines", "@type": "@json"},
    "annotation": "cr:annotation",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "prov": "http://www.w3.org/ns/prov#",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
