"""Hugging Face's AudioFolder and VideoFolder: media in one folder with `metadata.jsonl`, a line each.

    datasets.load_dataset("audiofolder", data_dir="DIR")        # or "videofolder"

Each export adds its recording or replaces its line.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any

from affekt_exchange.files import MOST_SPANS, ExchangeError, json_of, read_text, require_few, safe_stem, write_whole
from affekt_exchange.rows import facts_of
from affekt_exchange.timeline import Timeline

METADATA = "metadata.jsonl"


class MediaFolder:
    """Media and what is said of them."""

    def write(self, timeline: Timeline, target: Path) -> list[Path]:
        """The recording, linked or copied, and its line of `metadata.jsonl`.

        Raises:
            ExchangeError: the recording is not where the timeline says.
        """
        source = Path(timeline.media).expanduser()
        if not source.is_file():
            raise ExchangeError(
                f'the recording "{timeline.media}" is not there, and this format holds the media',
                hint="exporting from the folder that the result's source is relative to",
            )
        lines = _lines(target / METADATA) if (target / METADATA).is_file() else []
        name = _file_name(source, lines, target)
        _link_or_copy(source, target / name)
        facts = facts_of(timeline)
        facts["tracks"] = [track.to_dict() for track in timeline.tracks]
        emotion = next((track for track in timeline.tracks if track.kind == "emotion" and track.spans), None)
        words = " ".join(span.label for track in timeline.tracks if track.kind == "words" for span in track.spans)
        longest = max(emotion.spans, key=lambda span: span.end - span.start) if emotion else None
        line = {
            "file_name": name,
            "label": longest.label if longest else None,
            "text": words or None,
            "duration": timeline.duration,
            "source": timeline.media,
            "timeline": json.dumps(facts, ensure_ascii=False),
        }
        lines = [entry for entry in lines if entry.get("file_name") != name] + [line]
        write_whole(
            target / METADATA, "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in lines).encode()
        )
        return [target / METADATA, target / name]

    def read(self, path: Path) -> Timeline:
        """The timeline that was added last.

        Raises:
            ExchangeError: the file has no line with a timeline.
        """
        lines = [line for line in _lines(path) if isinstance(line.get("timeline"), str)]
        if not lines:
            raise ExchangeError(f'"{path}" has no line with a timeline', hint="a folder that affekt exported")
        document = json_of(path, lines[-1]["timeline"])
        return Timeline.from_dict(document if isinstance(document, dict) else {})


def _lines(path: Path) -> list[dict[str, Any]]:
    lines = read_text(path).split("\n")
    require_few(path, "lines", len(lines), MOST_SPANS)
    entries = [json_of(path, line) for line in lines if line.strip()]
    if not all(isinstance(line, dict) for line in entries):
        raise ExchangeError(f'"{path}" holds a line that is no object', hint='{"file_name": "a.wav", …} in each line')
    return entries


def _file_name(source: Path, lines: list[dict[str, Any]], folder: Path) -> str:
    """The name that this source has in the folder, or one that no other has."""
    for line in lines:
        if line.get("source") == str(source) and Path(str(line.get("file_name"))).name == line.get("file_name"):
            return str(line["file_name"])
    stem, number = safe_stem(source.name), 1
    while (folder / (name := f"{stem}{f'-{number}' if number > 1 else ''}{source.suffix.lower()}")).exists():
        number += 1
    return name


def _link_or_copy(source: Path, target: Path) -> None:
    if target.exists() and target.samefile(source):
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        try:
            os.link(source.resolve(), target)
        except OSError:  # another disk, or a system without links
            shutil.copyfile(source, target)
    except OSError as error:
        raise ExchangeError(f'cannot write "{target}": {error.strerror or error}', hint="another folder") from error
