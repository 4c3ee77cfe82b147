"""What a plugin may announce. Hooks only register; what is registered stays an ordinary class or file.

A plugin's module is imported to list it, so it must stay free of frameworks: `target` names the class, and only
`Registry.create` imports it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import pluggy

from affekt.errors import PluginFailed
from affekt.roles import ROLES, Role

_NAME = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")
_TARGET = re.compile(r"[\w.]+:\w+")
_LINE = re.compile(r".+")

hookspec = pluggy.HookspecMarker("affekt")
hookimpl = pluggy.HookimplMarker("affekt")
"""Marks a plugin's functions: `@hookimpl def affekt_components(): …`."""


@dataclass(frozen=True, kw_only=True)
class ComponentInfo:
    """A component, announced and not yet imported."""

    role: Role
    name: str
    """As users write it in pipeline files: lower case with hyphens, no version."""
    target: str
    """`package.module:Class`."""
    summary: str
    """One line."""
    weights: tuple[str, ...] = ()
    """Names of the weights that its default options need, as in `affekt weights list`."""
    licence: str = ""
    """Of what its default options download from a hub by themselves, where no entry of `weights` says it."""
    size: int | None = None
    """Bytes of that download."""
    sample_rate: int | None = None
    """Of the sound it takes or makes, in hertz."""
    languages: tuple[str, ...] = ()
    """ISO 639-1; empty where it does not matter."""

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise PluginFailed(f"ComponentInfo.role should be one of {tuple(ROLES)}; found {self.role!r}")
        for field, form in (("name", _NAME), ("target", _TARGET), ("summary", _LINE)):
            value = getattr(self, field)
            if not isinstance(value, str) or not form.fullmatch(value):
                raise PluginFailed(f"ComponentInfo.{field} should look like {form.pattern}; found {value!r}")


@dataclass(frozen=True, kw_only=True)
class PipelineInfo:
    """A pipeline that a plugin ships, loaded by name: `affekt.load("default")`."""

    name: str
    package: str
    """The import package that holds the file."""
    path: str
    """The YAML file inside it."""
    summary: str


@dataclass(frozen=True, kw_only=True)
class FunctionInfo:
    """A function above core that core calls, announced and not yet imported."""

    target: str
    """`package.module:function`."""

    def __post_init__(self) -> None:
        if not isinstance(self.target, str) or not _TARGET.fullmatch(self.target):
            raise PluginFailed(f"FunctionInfo.target should look like {_TARGET.pattern}; found {self.target!r}")


class Hooks(Protocol):
    """The specifications; pluggy reads them. Those that yield a `FunctionInfo` announce what core calls above it."""

    @hookspec
    def affekt_components(self) -> Iterable[ComponentInfo]:
        """The plugin's components."""

    @hookspec
    def affekt_pipelines(self) -> Iterable[PipelineInfo]:
        """The plugin's ready-made pipelines."""

    @hookspec
    def affekt_weights(self) -> Iterable[Any]:
        """Where the plugin's weights come from: entries of `affekt_weights.WeightsInfo`.

        Core only collects them, so that it depends on no downloader.
        """

    @hookspec
    def affekt_analyze(self) -> Iterable[FunctionInfo]:
        """What `Pipeline.analyze` calls with the pipeline and its own arguments."""

    @hookspec
    def affekt_stream(self) -> Iterable[FunctionInfo]:
        """What `Pipeline.stream` calls with the pipeline and its own arguments."""

    @hookspec
    def affekt_respond(self) -> Iterable[FunctionInfo]:
        """What `affekt.respond` calls with the same arguments: it answers a recording aloud."""

    @hookspec
    def affekt_reader(self) -> Iterable[FunctionInfo]:
        """What reads a recording: `(source, channel) -> Iterator[Clip]`, one clip a window.

        The source is a path, an open file or an `affekt_recordings.sources.Sound`; the channel of its sound is None for
        a mix of all.
        """

    @hookspec
    def affekt_notebook(self) -> Iterable[FunctionInfo]:
        """What draws an analysis in a notebook: `(analysis) -> str`, as HTML."""

    @hookspec
    def affekt_isolation(self) -> Iterable[FunctionInfo]:
        """What stands in for a component of another interpreter: `(role, name, options, python) -> component`.

        `python` is what a pipeline file says: a path, or a mapping with the path and limits.
        """
