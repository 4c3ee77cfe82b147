"""A result in the formats of affekt-exchange, as bytes."""

import csv
import io
import json
import mimetypes
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from affekt_exchange import exporting
from affekt_exchange.registry import format_named, formats
from affekt_exchange.results import from_result

from affekt_studio.studio import Media

OWN = {"json": "The result, as `affekt analyze --json` prints it", "report": "A self-contained page with everything"}
"""Written by the worker already."""


def describe() -> list[dict[str, str]]:
    """Every format, and what it is."""
    listed = [{"name": name, "summary": summary} for name, summary in OWN.items()]
    return listed + [{"name": name, "summary": info.summary} for name, info in sorted(formats().items())]


def export(document: Mapping[str, Any], media: Path, format: str) -> tuple[bytes, str, str]:
    """(bytes, file name, media type) of a result in one format; a zip where it writes several files.

    Raises:
        ComponentNotFound: there is no such format.
        ExchangeError: it cannot be written.
    """
    info = format_named(format)
    timeline = from_result(document)
    with tempfile.TemporaryDirectory(prefix="affekt-export-") as name:
        folder, source = Path(name) / "out", Path(name) / "in"
        folder.mkdir()
        source.mkdir()
        if info.folder:  # such a format holds the recording too, and reads it from where the timeline says
            own = Media(media, media.name)
            own.put(source, 0)
            shown = source / (Path(timeline.media).stem + media.suffix)
            (source / own.file).rename(shown)
            timeline = replace(timeline, media=str(shown))
        exporting.export(timeline, [info], folder)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        for path in files if info.folder else ():
            if path.suffix in (".json", ".jsonl", ".csv"):
                _forget_folder(path, source)
        if len(files) == 1:
            return files[0].read_bytes(), files[0].name, media_type(files[0])
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in files:
                archive.write(path, path.relative_to(folder))
        return packed.getvalue(), f"{Path(str(document['source'])).stem}-{format}.zip", "application/zip"


def summary(analyses: Iterable[tuple[str, Mapping[str, Any]]]) -> str:
    """A line of CSV for each of many recordings.

    Args:
        analyses: (pipeline, result) of each.
    """
    rows = list(analyses)
    emotions = sorted({emotion for _, result in rows for emotion in result["scores"]})
    plain = ("duration", "label", "abstained", "valence", "arousal")
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow(["recording", "pipeline", *plain, *emotions])
    for pipeline, result in rows:
        name = str(result["source"])
        name = f"'{name}" if name[:1] in "=+-@" else name  # a spreadsheet would calculate it
        scores = (result["scores"].get(emotion) for emotion in emotions)
        table.writerow([name, pipeline, *(result[column] for column in plain), *scores])
    return written.getvalue()


def _forget_folder(path: Path, folder: Path) -> None:
    """Where the recording lay for the export is nobody's business."""
    plain, quoted = f"{folder}/", json.dumps(f"{folder}/")[1:-1]
    text = path.read_text(encoding="utf-8").replace(json.dumps(quoted)[1:-1], "").replace(quoted, "")
    path.write_text(text.replace(plain, ""), encoding="utf-8")


def media_type(path: Path) -> str:
    """The media type by the file's suffix; never one that a browser would run."""
    kind = mimetypes.guess_type(path.name)[0] or ""
    return (
        kind
        if kind.split("/")[0] in ("audio", "video", "image") and "svg" not in kind
        else ("application/octet-stream")
    )
