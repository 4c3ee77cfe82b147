"""The formats that are installed. A distribution adds one by an entry point, and only use imports its code.

[project.entry-points."affekt.formats"]
elan = "package.announced:ELAN"      # a FormatInfo
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module, metadata
from pathlib import Path
from typing import Protocol, cast

from affekt import AffektError, ComponentNotFound, DataError, PluginFailed
from affekt.lookup import name_taken
from affekt.suggestions import did_you_mean

from affekt_exchange.losses import Aspect
from affekt_exchange.timeline import Timeline

GROUP = "affekt.formats"


class Format(Protocol):
    """Writes and reads one format."""

    def write(self, timeline: Timeline, target: Path) -> list[Path]:
        """Writes the files; `target` is their path without a suffix, or the folder of a format that fills one."""

    def read(self, path: Path) -> Timeline:
        """Reads a file.

        Raises:
            ExchangeError: the file is not of this format, or holds too much.
        """


@dataclass(frozen=True, kw_only=True)
class FormatInfo:
    """A format, announced and not yet imported."""

    name: str
    target: str
    """`package.module:Class`, whose instances are a `Format`."""
    summary: str
    suffixes: tuple[str, ...]
    """The suffixes of the files it writes, the one that is read back first."""
    keeps: frozenset[Aspect]
    """What comes back exactly as it was, whatever the timeline holds."""
    approximates: Mapping[Aspect, str] = field(default_factory=dict)
    """What may come back changed, and how. What is named in neither may be lost."""
    folder: bool = False
    """It fills a folder with files of its own names, and adds to what is there."""

    def load(self) -> Format:
        """The format itself.

        Raises:
            PluginFailed: its code cannot be imported.
        """
        module, _, name = self.target.partition(":")
        try:
            return cast(Format, getattr(import_module(module), name)())
        except AffektError:
            raise
        except Exception as error:
            raise PluginFailed(f'the format "{self.name}" cannot be loaded: {error!r}', hint="affekt doctor") from error


@cache
def formats() -> dict[str, FormatInfo]:
    """Name → format. One that fails to load, or whose name another has, is in `failures`."""
    return _installed()[0]


def failures() -> dict[str, AffektError]:
    """Name → why the format cannot be used."""
    return _installed()[1]


@cache
def _installed() -> tuple[dict[str, FormatInfo], dict[str, AffektError]]:
    infos: dict[str, FormatInfo] = {}
    failed: dict[str, AffektError] = {}
    points: dict[str, list[metadata.EntryPoint]] = {}
    for point in sorted(metadata.entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        points.setdefault(point.name, []).append(point)
    for name, rivals in points.items():
        if len(rivals) > 1:
            failed[name] = name_taken("format", name, [point.dist.name if point.dist else "?" for point in rivals])
            continue
        try:
            info = rivals[0].load()
            if not isinstance(info, FormatInfo) or info.name != name:
                raise TypeError(f"{rivals[0].value} should be a FormatInfo of the name {name}; it is {info!r}")
            infos[name] = info
        except Exception as error:
            failed[name] = PluginFailed(f'the format "{name}" cannot be loaded: {error!r}', hint="affekt doctor")
    return infos, failed


def format_named(name: str) -> FormatInfo:
    """The format of a name.

    Raises:
        ComponentNotFound: there is none.
        AffektError: there is one that fails, or two.
    """
    if name in failures():
        raise failures()[name]
    if name not in formats():
        raise ComponentNotFound(
            f'there is no format "{name}"{did_you_mean(name, set(formats()))}', hint=f"one of {', '.join(formats())}"
        )
    return formats()[name]


def format_of(path: Path) -> FormatInfo:
    """The format of a file, by the end of its name; the longest suffix wins.

    Raises:
        DataError: no format has this suffix.
    """
    ends = [
        (suffix, info)
        for info in formats().values()
        for suffix in info.suffixes
        if path.name.lower().endswith(suffix.lower())
    ]
    if not ends:
        suffixes = ", ".join(suffix for info in formats().values() for suffix in info.suffixes)
        raise DataError(
            f'no format has the suffix of "{path}"', hint=f"--format NAME, or a file that ends in {suffixes}"
        )
    return max(ends, key=lambda end: len(end[0]))[1]
