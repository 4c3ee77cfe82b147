"""Finds files by the names that a table gives them, which other systems may have written otherwise."""

import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from affekt_datasets.problems import Report
from affekt_datasets.spelling import shown


@dataclass
class NamedFiles:
    """The files below a folder."""

    root: Path

    def find(self, name: str, report: Report, where: str) -> Path | None:
        """The file of this name; notes in the report where there is none, or only one that is written differently.

        Slashes may lean either way, letters may be composed or not (macOS takes accents apart), the case may differ,
        and the ending may be left out, as long as exactly one file answers.
        """
        slashed = name if (self.root / name).is_file() else name.replace("\\", "/")
        path = self.root / slashed
        if not path.resolve().is_relative_to(self.root.resolve()):
            report.add("bad row", f'"{name}" lies outside the folder', where)
            return None
        if not path.is_file():
            answers = (
                alike.get(_key(slashed, caseless), [])
                for alike, caseless in zip(self._by_name, (False, True, True), strict=True)
            )
            found_once = next((paths[0] for paths in answers if len(paths) == 1), None)
            if found_once is None:
                report.add("missing", name, where)
                return None
            path = found_once
        inside = path.relative_to(self.root).as_posix()
        if inside != PurePosixPath(name).as_posix():
            written, actual = shown(name, _key(inside, False)), shown(inside, _key(name, False))
            report.add("assumed", f"{written} is the file {actual}", where)
        if path.stat().st_size == 0:
            report.add("empty", name, where)
        return path

    @cached_property
    def _by_name(self) -> tuple[dict[str, list[Path]], ...]:
        """Composed name → files: in their case, without it, without ending; made where a name does not fit at once."""
        exact, caseless, bare = defaultdict(list), defaultdict(list), defaultdict(list)
        for path in sorted(self.root.rglob("*")):
            if path.is_file():
                inside = path.relative_to(self.root).as_posix()
                exact[_key(inside, False)].append(path)
                caseless[_key(inside, True)].append(path)
                bare[_key(str(PurePosixPath(inside).with_suffix("")), True)].append(path)
        return exact, caseless, bare


def _key(name: str, caseless: bool) -> str:
    composed = unicodedata.normalize("NFC", PurePosixPath(name).as_posix())
    return unicodedata.normalize("NFC", composed.casefold()) if caseless else composed
