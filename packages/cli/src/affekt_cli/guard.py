"""A CUDA build of PyTorch on a machine without an NVIDIA GPU: 4 GB that cannot work as asked, so say so early.

    python -m affekt_cli.guard

exits with 3 and says what to do; scripts and CI call it first. Reads torch's own version file; never imports torch.
"""

import os
import re
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

ALLOW = "AFFEKT_ALLOW_CUDA_TORCH"
"""Set to 1 to build an image on one machine for another."""
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


def problem(folder: Path | None, *, gpu: bool) -> str | None:
    """What is wrong with this torch on this machine, in words; None when nothing is."""
    version = cuda_build(folder) if folder else None
    if version is None or gpu or os.environ.get(ALLOW) == "1":
        return None
    return (
        f"torch {version} in {folder} is a CUDA build, and this machine has no NVIDIA GPU\n"
        "Try: a CPU build: uv pip install --index-url https://download.pytorch.org/whl/cpu torch, or "
        f"PIP_FIND_LINKS/UV_FIND_LINKS set to a folder that holds one; {ALLOW}=1 to go on regardless"
    )


def main() -> int:
    """0 when all is well, 3 otherwise."""
    if (found := problem(torch_folder(), gpu=has_gpu())) is None:
        return 0
    print(f"Error: {found}", file=sys.stderr)
    return 3


if __name__ == "__main__":
    sys.exit(main())
