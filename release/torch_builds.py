"""Which build of torch a rehearsal installs, decided before anything is installed.

The package index serves builds for CUDA on Linux, several gigabytes that a machine without a GPU does not need. They
are never fetched unless `--torch any` asks for them: the rehearsal takes the CPU build from a folder of wheels, else
from PyTorch's own index, else it installs without torch and says what could therefore not be tried.
"""

import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

COMPANIONS = ("torch", "torchvision", "torchaudio", "torchcodec", "triton")
"""What comes in sets with torch, or is useless without it."""
FIND_LINKS = ("UV_FIND_LINKS", "PIP_FIND_LINKS")
"""Where a user says in which folders wheels lie; several are separated by a comma or a blank."""


class TorchSource(StrEnum):
    """The values of --torch."""

    AUTO = "auto"
    FOLDER = "folder"
    CPU_INDEX = "cpu-index"
    ANY = "any"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class TorchChoice:
    """Where torch comes from for one version of Python."""

    source: TorchSource
    reason: str
    arguments: tuple[str, ...] = ()
    """What `uv pip install` is given for it."""
    constraints: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()


def folders(environment: Mapping[str, str]) -> list[Path]:
    """The folders of wheels that the environment variables name, and that are there."""
    named = [part for variable in FIND_LINKS for part in re.split(r"[,\s]+", environment.get(variable, "")) if part]
    return list(dict.fromkeys(path for path in map(Path, named) if path.is_dir()))


def cpu_wheels(searched: Iterable[Path], python: str) -> list[tuple[Path, str]]:
    """Wheels of torch's CPU build that this Python installs, with their versions, the newest first."""
    version = tuple(int(part) for part in python.split(".")[:2])
    tags: set[Tag] = {*cpython_tags(version), *compatible_tags(version)}
    wheels = []
    for place in searched:
        for path in place.glob("torch-*.whl"):
            try:
                name, number, _, supported = parse_wheel_filename(path.name)
            except InvalidWheelFilename:
                continue
            if name == "torch" and (number.local or "").startswith("cpu") and tags & supported:
                wheels.append((number, path))
    return [(path, str(number)) for number, path in sorted(wheels, reverse=True)]


def cpu_index_answers(uv: str, python: str) -> bool:
    """Whether uv can resolve torch from PyTorch's index of CPU builds."""
    command = [uv, "pip", "compile", "--quiet", "--no-deps", "--python-version", python, "--torch-backend", "cpu", "-"]
    try:
        result = subprocess.run(command, input="torch", capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
        return False
    return result.returncode == 0


def choose(wanted: TorchSource, python: str, *, uv: str, environment: Mapping[str, str]) -> TorchChoice:
    """Decides where torch comes from for a Python such as "3.12".

    Raises:
        ValueError: a source was asked for that has no build of torch.
    """
    if wanted is TorchSource.ANY:
        return TorchChoice(source=wanted, reason="torch is whatever build the package index serves, as was asked")
    reasons = []
    if wanted in (TorchSource.AUTO, TorchSource.FOLDER):
        searched = folders(environment)
        if wheels := cpu_wheels(searched, python):
            path, version = wheels[0]
            return TorchChoice(
                source=TorchSource.FOLDER,
                reason=f"torch {version} is taken from the folder of wheels",
                arguments=("--find-links", str(path.parent)),
                constraints=(f"torch=={version}",),
            )
        named = f"the folders that {' and '.join(FIND_LINKS)} name" if searched else "no folder of wheels"
        reasons.append(f"no CPU build of torch for Python {python} in {named}")
    if wanted in (TorchSource.AUTO, TorchSource.CPU_INDEX):
        if cpu_index_answers(uv, python):
            return TorchChoice(
                source=TorchSource.CPU_INDEX,
                reason="torch is taken from PyTorch's index of CPU builds",
                arguments=("--torch-backend", "cpu"),
            )
        reasons.append("PyTorch's index of CPU builds does not answer")
    reason = " and ".join(reasons) or "as was asked"
    if wanted in (TorchSource.FOLDER, TorchSource.CPU_INDEX):
        raise ValueError(f"--torch {wanted}: {reason}\nTry: --torch auto, which goes on without torch")
    return TorchChoice(
        source=TorchSource.NONE,
        reason=f"torch is not installed: {reason}",
        overrides=tuple(f'{name} ; sys_platform == "never"' for name in COMPANIONS),
    )


_VERSION = re.compile(r"^__version__\b[^=\n]*=\s*['\"]([^'\"]+)", re.MULTILINE)
_CUDA = re.compile(r"^cuda\b[^=\n]*=\s*['\"]([^'\"]+)", re.MULTILINE)


def installed_build(site_packages: Path, name: str) -> tuple[str, bool] | None:
    """The version of an installed torch or companion and whether it is a CUDA build; None when it is not there."""
    try:
        text = (site_packages / name / "version.py").read_text(encoding="utf-8")
    except OSError:
        return None
    version = _VERSION.search(text)
    cuda = _CUDA.search(text)
    return (version[1] if version else "?", bool(cuda) or bool(version and "+cu" in version[1]))


def mismatch(site_packages: Path) -> str | None:
    """Why companions of torch cannot be imported here: they are CUDA builds beside a CPU build; None when they can."""
    torch = installed_build(site_packages, "torch")
    if torch is None or torch[1]:
        return None
    for name in ("torchvision", "torchaudio"):
        companion = installed_build(site_packages, name)
        if companion and companion[1]:
            return f"{name} {companion[0]} is a CUDA build beside torch {torch[0]}, as the package index serves it"
    return None
