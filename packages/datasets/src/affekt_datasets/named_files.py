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

        Slashes may lean either way, letters may be composed or not (macOS takes accents apart), and the case may
        differ, as long as exactly one file answers.
        """
        slashed = name if (self.root / name).is_file() else name.replace("\\", "/")
        path = self.root / slashed
        if not path.resolve().is_relative_to(self.root.resolve()):
            report.add("bad row", f'"{name}" lies outside the folder', where)
            return None
        if not path.is_file():
            for alike in self._by_name:
                if len(found := alike.get(_key(slashed, alike is self._by_name[1]), [])) == 1:
                    path = found[0]
                    break
            else:
                report.add("missing", name, where)
                return None
        inside = path.relative_to(self.root).as_posix()
        if inside != PurePosixPath(name).as_posix():
            written, found = shown(name, _key(inside, False)), shown(inside, _key(name, False))
            report.add("assumed", f"{written} is the file {found}", where)
        if path.stat().st_size == 0:
            report.add("empty", name, where)
        return path

    @cached_property
    def _by_name(self) -> tuple[dict[str, list[Path]], dict[str, list[Path]]]:
        """Composed name → files, in their case and without it; made where a name does not fit at once."""
        exact, caseless = defaultdict(list), defaultdict(list)
        for path in sorted(self.root.rglob("*")):
            if path.is_file():
                inside = path.relative_to(self.root).as_posix()
                exact[_key(inside, False)].append(path)
                caseless[_key(inside, True)].append(path)
        return exact, caseless


def _key(name: str, caseless: bool) -> str:
    composed = unicodedata.normalize("NFC", PurePosixPath(name).as_posix())
    return unicodedata.normalize("NFC", composed.casefold()) if caseless else composed
