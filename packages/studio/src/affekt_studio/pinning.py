"""Versions that a Space installs: those that are installed here, or resolved for another Python."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory

from affekt import DataError, MissingDependency
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LINUX = {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"}
PLATFORM = "x86_64-manylinux_2_31"
"""The platform as uv names it."""
BOUNDS = (
    "backports-strenum<1.3",  # 1.3 is for Python below 3.11, which uv overlooks and pip does not
    "onnxruntime<1.29",  # from 1.29 on it reports usage to its maker
)
OURS = "affekt"
"""The first word of every distribution of this project."""


def pins(names: Sequence[str]) -> list[str]:
    """`name==version` of distributions and everything they need on Linux, as installed here."""
    return sorted(_pin(required) for required in _closure(names, LINUX))


def resolved(names: Sequence[str], python: str, fixed: Sequence[str] = ()) -> list[str]:
    """`name==version` of distributions and everything they need on Linux with another Python.

    Distributions of this project keep the versions that are installed here, whether or not an index has them. Others
    keep theirs where they fit.

    Args:
        python: its version, such as "3.12".
        fixed: versions that are given, such as "torch==2.10.0".

    Raises:
        MissingDependency: uv, which resolves them, is not installed.
        DataError: no versions fit, or no index answers.
    """
    ours: set[str] = set()
    others = set(fixed)
    for required in _closure(names, LINUX | {"python_version": python, "python_full_version": f"{python}.0"}, OURS):
        if _is_ours(required):
            ours.add(_pin(required))
        else:
            required.marker = None
            others.add(str(required))
    return sorted([*ours, *_compiled(sorted(others), python)])


def _closure(names: Sequence[str], environment: Mapping[str, str], within: str = "") -> Iterator[Requirement]:
    """What is required, each with its extras once; only what begins with `within` is asked for its own requirements."""
    waiting = [Requirement(name) for name in names]
    done: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        required = waiting.pop()
        if not canonicalize_name(required.name).startswith(within):
            yield required
            continue
        key = (canonicalize_name(required.name), frozenset(required.extras))
        if key not in done:
            done.add(key)
            waiting += _needs(_installed(required.name), required.extras, environment)
            yield required


def _needs(
    distribution: metadata.Distribution, extras: set[str], environment: Mapping[str, str]
) -> Iterator[Requirement]:
    for line in distribution.requires or ():
        required = Requirement(line)
        wanted = [{**environment, "extra": extra} for extra in (*extras, "")]
        if required.marker is None or any(required.marker.evaluate(variant) for variant in wanted):
            yield required


def _is_ours(required: Requirement) -> bool:
    return canonicalize_name(required.name).startswith(OURS)


def _installed(name: str) -> metadata.Distribution:
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError as error:
        raise DataError(f"{name} is not installed: its version is not known", hint=f"pip install {name}") from error


def _pin(required: Requirement) -> str:
    extras = f"[{','.join(sorted(required.extras))}]" if required.extras else ""
    return f"{canonicalize_name(required.name)}{extras}=={_public(_installed(required.name).version)}"


def _public(version: str) -> str:
    """Without what only another index knows: a CPU build calls itself 2.13.0+cpu."""
    return re.sub(r"\+.*", "", version)


def _compiled(lines: Sequence[str], python: str) -> list[str]:
    """uv's resolution of requirements; what is installed here is preferred."""
    try:
        from uv import find_uv_bin
    except ImportError as error:
        raise MissingDependency(
            "uv, which resolves the versions, is not installed", hint='pip install "affekt-studio[space]"'
        ) from error
    # A machine's own constraints and folders of builds are not the Space's.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("UV_FIND", "UV_CONST"))}
    environment.pop("UV_OVERRIDE", None)
    with TemporaryDirectory() as folder:
        output = Path(folder) / "requirements.txt"  # uv keeps versions that stand there, where they fit
        installed = {
            canonicalize_name(distribution.name): _public(distribution.version)
            for distribution in metadata.distributions()
        }
        output.write_text("".join(f"{name}=={version}\n" for name, version in installed.items()), encoding="utf-8")
        bounds = Path(folder) / "bounds.txt"
        bounds.write_text("\n".join(BOUNDS), encoding="utf-8")
        command = [
            find_uv_bin(), "pip", "compile", "-", "--quiet", "--no-header", "--no-annotate", "--no-config",
            "--constraint", str(bounds), "--python-version", python, "--python-platform", PLATFORM,
            "--output-file", str(output),
        ]  # fmt: skip
        done = subprocess.run(
            command, input="\n".join(lines), text=True, check=False, capture_output=True, env=environment, cwd=folder
        )
        if done.returncode:
            raise DataError(
                f"no versions for Python {python} were found: {' '.join(done.stderr.split())}",
                hint="`affekt doctor`, and a network that reaches the package index",
            )
        return output.read_text(encoding="utf-8").split("\n")[:-1]
