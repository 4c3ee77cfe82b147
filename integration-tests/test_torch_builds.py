"""With builds of torchvision and torchaudio that torch cannot load, components say so instead of failing inside them.

The subprocess takes away the finder that repairs such builds in this workspace, and so sees what a user's environment
sees. Where the installed builds load, every component must be imported.
"""

import json
import subprocess
import sys
from functools import cache
from importlib.util import find_spec

import pytest

COMPONENTS = [
    ("encoder", "eva"),
    ("encoder", "hubert"),
    ("encoder", "mae"),
    ("encoder", "qwen-audio"),
    ("encoder", "videomae"),
    ("encoder", "whisper"),
    ("preparer", "audio-flamingo"),
    ("preparer", "whisper"),
    ("reasoner", "emotion-llama"),
    ("reasoner", "llama"),
    ("reasoner", "video-llama"),
    ("speaker", "coqui"),
]
INDEPENDENT = [("encoder", "mmaction2"), ("encoder", "wavlm")]
"""Components on libraries that import neither of the two until they are asked for something that needs them."""
UNREPAIRED = """
import json, sys
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != "affekt_torch_cpu"]
"""
LOAD_ALL = """
from affekt import PluginError, plugins
answers = {}
for role, name in COMPONENTS:
    try:
        plugins().load(role, name)
        answers[f"{role} {name}"] = None
    except PluginError as error:
        answers[f"{role} {name}"] = f"{type(error.__cause__).__name__}: {error}"
print(json.dumps(answers))
"""
TORCHVISION_STEP = """
from affekt_mmaction2.imports import registries
registries()[1]([{"type": "TorchVisionWrapper", "op": "Grayscale"}])
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", UNREPAIRED + code], capture_output=True, text=True, timeout=600)


@cache
def broken_libraries() -> frozenset[str]:
    """Those that are installed and cannot be imported."""
    installed = [name for name in ("torchvision", "torchaudio") if find_spec(name)]
    return frozenset(name for name in installed if run(f"import {name}").returncode)


@cache
def answers() -> dict[str, str | None]:
    """Component → why it is refused, None where it was imported."""
    done = run(LOAD_ALL.replace("COMPONENTS", repr(COMPONENTS + INDEPENDENT)))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize(("role", "name"), COMPONENTS)
def test_a_component_names_the_build_that_cannot_be_imported(role, name):
    answer = answers()[f"{role} {name}"]
    if not broken_libraries():
        assert answer is None
        return
    assert answer is not None
    assert answer.startswith("BuildMismatch: ")
    told = [library for library in sorted(broken_libraries()) if f"{library} " in answer]
    assert told
    assert f"pip install --force-reinstall --no-deps {told[-1]}==" in answer


@pytest.mark.slow
@pytest.mark.parametrize(("role", "name"), INDEPENDENT)
def test_a_component_that_needs_neither_library_is_not_refused(role, name):
    assert answers()[f"{role} {name}"] is None


@pytest.mark.slow
def test_mmaction2_names_the_build_where_a_pipeline_uses_torchvision():
    done = run(TORCHVISION_STEP)
    if "torchvision" in broken_libraries():
        assert "BuildMismatch: torchvision" in done.stderr
    else:
        assert done.returncode == 0, done.stderr
