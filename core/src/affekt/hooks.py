"""What a plugin may announce. Hooks only register; what is registered stays an ordinary class or file.

A plugin's module is imported to list it, so it must stay free of frameworks: `target` names the class, and only
`Registry.create` imports it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import pluggy

Role = Literal["preparer", "encoder", "fuser", "reasoner", "evaluator", "speaker"]

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


@dataclass(frozen=True, kw_only=True)
class PipelineInfo:
    """A pipeline that a plugin ships, loaded by name: `affekt.load("default")`."""

    name: str
    package: str
    """The import package that holds the file."""
    path: str
    """The YAML file inside it."""
    summary: str


class Hooks:
    """The specifications; pluggy reads them."""

    @hookspec
    def affekt_components(self) -> Iterable[ComponentInfo]:
        """The plugin's components."""
        raise NotImplementedError

    @hookspec
    def affekt_pipelines(self) -> Iterable[PipelineInfo]:
        """The plugin's ready-made pipelines."""
        raise NotImplementedError

    @hookspec
    def affekt_weights(self) -> Iterable[Any]:
        """Where the plugin's weights come from: entries of `affekt_weights.WeightsInfo`.

        Core only collects them, so that it depends on no downloader.
        """
        raise NotImplementedError
