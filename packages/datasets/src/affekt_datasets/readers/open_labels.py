"""Lists of emotions as MER2024-OV and OV-MERD write them: `['happy', 'self-deprecating']`."""

import re

from affekt_datasets.problems import Report

_QUOTED = re.compile(r"""'([^']*)'|"([^"]*)\"""")


def open_labels(written: str, report: Report, where: str) -> tuple[str, ...]:
    """The emotions in lower case, each once, in their order; notes an empty or malformed list."""
    body = written.strip()
    if not (body.startswith("[") and body.endswith("]")):
        report.add("bad row", f"{body[:60]!r} is no list of emotions", where)
        return ()
    inside = body[1:-1]
    quoted = [first or other for first, other in _QUOTED.findall(inside)]
    stripped = [label.strip().lower() for label in quoted or inside.split(",")]
    labels = tuple(dict.fromkeys(label for label in stripped if label))
    if not labels:
        report.add("bad row", "an empty list of emotions", where)
    return labels
