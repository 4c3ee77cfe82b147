"""The layers of distributions, from the bottom to the top: a distribution imports its own layer and those below.

A new folder under `packages/` is a shared part, one under `plugins/` a component, until it is named here.
"""

from collections.abc import Iterator, Mapping

from pages_from_code.imports import Imports

LAYERS = ("core", "shared parts", "components", "the command", "on top")
ELSEWHERE: Mapping[str, str] = {
    "affekt": "core",
    "affekt_speech_metrics": "components",  # measures the prosody of speech with the encoder
    "affekt_cli": "the command",
    "affekt_annotate": "on top",
    "affekt_benchmark": "on top",
    "affekt_studio": "on top",
    "affekt_training": "on top",
}
"""Import package → its layer, where its folder does not say it."""


def layer_of(package: str, imports: Imports) -> str:
    """The layer of an import package."""
    folder = imports.modules[package].relative_to(imports.root).parts[0]
    return ELSEWHERE.get(package) or ("components" if folder == "plugins" else "shared parts")


def upward(imports: Imports) -> Iterator[str]:
    """Every import of a higher layer, as "affekt_media (shared parts) imports affekt_cli (the command)"."""
    height = {package: LAYERS.index(layer_of(package, imports)) for package in imports.packages}
    for package, others in sorted(imports.packages.items()):
        for other in sorted(others):
            if height[other] > height[package]:
                yield f"{package} ({LAYERS[height[package]]}) imports {other} ({LAYERS[height[other]]})"
