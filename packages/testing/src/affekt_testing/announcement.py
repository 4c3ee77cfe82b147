"""What a plugin announces about a component: found by its class, and listed again in a fresh interpreter."""

import json
import subprocess
import sys
from functools import cache
from importlib import metadata
from typing import Any

import pytest
from affekt import Component
from affekt.discovery import GROUP, plugins
from affekt.targets import Announced

HEAVY = {
    *("torch", "torchaudio", "torchvision", "tensorflow", "jax", "onnx", "onnxruntime", "ctranslate2", "numba"),
    *("transformers", "tokenizers", "timm", "s3prl", "mmaction", "mmcv", "mmengine", "faster_whisper", "whisper"),
    *("scipy", "sklearn", "pandas", "matplotlib", "datasets", "ray", "openai", "TTS", "hibari"),
    *("librosa", "opensmile", "soundfile", "soxr", "av", "cv2", "PIL"),
}
"""What no plugin may import to be listed: a second each, on every `affekt plugins`."""

_LIST = """
import json, sys
from importlib import metadata
from affekt.discovery import GROUP, discover
distribution = sys.argv[1]
points = [p for p in metadata.entry_points(group=GROUP) if p.dist is not None and p.dist.name == distribution]
found = discover(points, metadata.version("affekt-core"))
told = {"modules": sorted(sys.modules), "failures": [str(failure.error) for failure in found.failures]}
print("\\n" + json.dumps(told))
"""


def announced(component: type[Component]) -> Announced:
    """Who announces the component; the test fails where nobody does."""
    target = f"{component.__module__}:{component.__qualname__}"
    announcements = [
        announcement for announcement in plugins().components.values() if announcement.info.target == target
    ]
    if not announcements:
        failures = "".join(f"\n  {failure.distribution}: {failure.error.message}" for failure in plugins().failures)
        pytest.fail(
            f"no installed plugin announces {target}{failures and ', and these cannot be loaded:' + failures}\n"
            f"Try: an entry point of the group {GROUP} in pyproject.toml, a hook `affekt_components` that yields it, "
            "and pip install -e .",
            pytrace=False,
        )
    return announcements[0]


@cache
def listed(distribution: str) -> dict[str, list[str]]:
    """Lists one distribution's plugins in a fresh interpreter: the modules imported, and what failed."""
    done = subprocess.run(
        [sys.executable, "-c", _LIST, distribution], capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode:
        return {"modules": [], "failures": [done.stderr.strip()[-2000:]]}
    listing: dict[str, list[str]] = json.loads(done.stdout.rsplit("\n", 2)[-2])
    return listing


def weights_of(announcement: Announced) -> dict[str, Any]:
    """Name → entry, or None where no plugin announces it."""
    return {name: getattr(plugins().weights.get(name), "info", None) for name in announcement.info.weights}


def requirements(distribution: str) -> list[str]:
    """What the distribution requires, extras aside."""
    return [line for line in metadata.requires(distribution) or () if "extra ==" not in line]
