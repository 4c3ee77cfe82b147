"""A timeline as JSON: what `affekt import` writes, and `affekt export` reads."""

import json
from pathlib import Path
from typing import Any

from affekt_exchange.files import ExchangeError, read_text, write_whole
from affekt_exchange.results import from_result
from affekt_exchange.timeline import Timeline


class TimelineJson:
    """Writes timelines; reads them and results of `affekt analyze --json`."""

    def write(self, timeline: Timeline, target: Path) -> list[Path]:
        """Writes one `.timeline.json`."""
        path = target.with_name(f"{target.name}.timeline.json")
        write_whole(path, (json.dumps(timeline.to_dict(), ensure_ascii=False, indent=1) + "\n").encode())
        return [path]

    def read(self, path: Path) -> Timeline:
        """The timeline of the file.

        Raises:
            ExchangeError: it is no JSON document.
            DataError: it is neither a timeline nor a result.
        """
        try:
            document: Any = json.loads(read_text(path))
        except (ValueError, RecursionError) as error:
            raise ExchangeError(
                f'"{path}" is not one JSON document: {error}', hint="`affekt analyze CLIP --json > result.json`"
            ) from error
        if not isinstance(document, dict):
            raise ExchangeError(f'"{path}" holds a {type(document).__name__}, not an object', hint="one result a file")
        return Timeline.from_dict(document) if "affekt_timeline" in document else from_result(document)
