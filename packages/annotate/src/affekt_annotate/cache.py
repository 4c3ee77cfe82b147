"""Results of steps, each under a key that holds everything it depends on; a kill loses at most the step at work.

work/steps/ab/abcd….json    the result of a step, and what its key is made of
work/last/NAME.json         what each step of a clip was last made of, for --plan
work/features/              the feature store of the evidence
"""

import json
import os
from pathlib import Path
from typing import Any

from affekt_features.keys import digest


class StepCache:
    """A folder of results."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, key: str) -> Any:
        """The result under a key; None when there is none, or when the file is damaged."""
        try:
            stored = json.loads(self._path(key).read_bytes())
            return stored["result"] if stored["sha256"] == digest(stored["result"]) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def has(self, key: str) -> bool:
        """Whether there is a sound result."""
        return self.get(key) is not None

    def put(self, key: str, parts: dict[str, Any], result: Any) -> None:
        """Stores a result; it appears whole or not at all."""
        write_whole(self._path(key), to_json({"parts": parts, "sha256": digest(result), "result": result}))

    def last(self, name: str) -> dict[str, Any]:
        """Step → the parts of the key it was last made under, of one clip."""
        try:
            keys = json.loads((self.folder / "last" / f"{name}.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return keys if isinstance(keys, dict) else {}

    def note(self, name: str, parts: dict[str, Any]) -> None:
        """Remembers what every step of a clip was made of."""
        write_whole(self.folder / "last" / f"{name}.json", to_json(parts))

    def _path(self, key: str) -> Path:
        return self.folder / "steps" / key[:2] / f"{key}.json"


def write_whole(path: Path, text: str | bytes) -> None:
    """Writes a file that appears whole or not at all, whenever the process is killed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(text.encode() if isinstance(text, str) else text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def to_json(data: Any, **how: Any) -> str:
    """Writes the same text for the same data."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, allow_nan=False, **({"indent": 1} | how)) + "\n"


def changes(before: dict[str, Any], now: dict[str, Any]) -> str:
    """Why a step is done anew: the parts of its key that differ."""
    if not before:
        return "never done"
    differences = [
        difference
        for name in now
        if name != "needs"
        for difference in _differences(name, before.get(name), now.get(name))
    ]
    if not differences and before.get("needs") != now.get("needs"):
        differences = [f"{step} is done anew" for step, key in now["needs"].items() if before["needs"].get(step) != key]
    return "; ".join(differences) or "its result is not there"


def _differences(name: str, before: Any, now: Any) -> list[str]:
    """What differs, by its own key where both are mappings: "options.threshold 0.16 → 0.3"."""
    if isinstance(before, dict) and isinstance(now, dict):
        keys = dict.fromkeys([*before, *now])
        return [
            difference for key in keys for difference in _differences(f"{name}.{key}", before.get(key), now.get(key))
        ]
    return [] if before == now else [f"{name} {_short(before)} → {_short(now)}"]


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text[:12] if len(text) == 64 else text if len(text) <= 60 else f"{text[:57]}…"
