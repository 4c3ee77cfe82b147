"""Which build of PyTorch is installed, read from its own version file: torch is never imported here.

A CUDA build on a machine without an NVIDIA GPU works; it only takes gigabytes more than it needs, which one line of
advice says.
"""

import re
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

SMALL_BUILD = (
    "UV_TORCH_BACKEND=cpu uv pip install --reinstall-package torch torch, "
    "or PIP_FIND_LINKS or UV_FIND_LINKS set to a folder that holds a CPU wheel"
)
"""How to get a build without CUDA."""
_DEVICES = ("nvidia*", "dxg", "nvhost-gpu", "nvmap")
"""Linux, Windows' subsystem for Linux, Jetson."""


def torch_folder() -> Path | None:
    """Where torch is installed, without importing it."""
    spec = find_spec("torch")
    return Path(next(iter(spec.submodule_search_locations))) if spec and spec.submodule_search_locations else None


def cuda_build(folder: Path) -> str | None:
    """The version of an installed torch if it is a CUDA build, else None."""
    try:
        text = (folder / "version.py").read_text(encoding="utf-8")
    except OSError:
        return None
    version = re.search(r"^__version__\s*=\s*['\"]([^'\"]+)", text, re.MULTILINE)
    cuda = re.search(r"^cuda\b[^=\n]*=\s*['\"]([^'\"]+)", text, re.MULTILINE)
    name = version[1] if version else "unknown version"
    return name if cuda or "+cu" in name else None


def has_gpu(devices: Path = Path("/dev")) -> bool:
    """Whether an NVIDIA device or driver is there."""
    return any(any(devices.glob(pattern)) for pattern in _DEVICES) or shutil.which("nvidia-smi") is not None


def needless_cuda() -> str | None:
    """The version of an installed CUDA build on a machine without an NVIDIA GPU, else None."""
    folder = torch_folder()
    return cuda_build(folder) if folder and not has_gpu() else None


def advise() -> None:
    """Prints one line on standard error where a smaller build would do; nothing else follows from it."""
    if version := needless_cuda():
        print(
            f"Note: torch {version} is a CUDA build, and this machine has no NVIDIA GPU; it runs on the processor. "
            f"The CPU build is much smaller: {SMALL_BUILD}",
            file=sys.stderr,
        )
