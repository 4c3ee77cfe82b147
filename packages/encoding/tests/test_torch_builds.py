"""Which builds are refused before their import fails. Installed builds are faked by their files in a folder."""

import subprocess
import sys

import pytest
from affekt_encoding.torch_builds import BuildMismatch, installed_build, require_matching_builds

UNREPAIRED = """
import sys
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != "affekt_torch_cpu"]
"""


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder of packages, and no finder that would repair them."""
    kept = [finder for finder in sys.meta_path if type(finder).__module__ != "affekt_torch_cpu"]
    monkeypatch.setattr(sys, "meta_path", kept)
    return tmp_path


def install(site, name, version, *more, requires=()):
    (site / name).mkdir()
    (site / name / "__init__.py").write_text("raise SystemExit('it was imported')")
    (site / name / "version.py").write_text("\n".join([f"__version__ = '{version}'", *more]))
    about = site / f"{name}-{version.partition('+')[0]}.dist-info"
    about.mkdir()
    lines = [f"Name: {name}", f"Version: {version.partition('+')[0]}", *(f"Requires-Dist: {line}" for line in requires)]
    (about / "METADATA").write_text("Metadata-Version: 2.1\n" + "\n".join(lines) + "\n")


def install_torch(site, version, cuda="None", hip="None"):
    install(site, "torch", version, f"cuda: Optional[str] = {cuda}", f"hip: Optional[str] = {hip}")


def refused(site):
    with pytest.raises(BuildMismatch) as caught:
        require_matching_builds(path=[str(site)])
    return caught.value


def test_a_cuda_build_beside_a_cpu_torch_is_refused_with_the_command_that_mends_it(site):
    install_torch(site, "2.13.0+cpu")
    install(site, "torchvision", "0.28.0+cu130", requires=["torch (==2.13.0)"])
    install(site, "timm", "1.0", requires=["torchvision"])
    error = refused(site)
    assert error.message == (
        f"torchvision 0.28.0+cu130 in {site / 'torchvision'} is built for CUDA 13.0, torch 2.13.0+cpu for the "
        "processor alone: it cannot be imported"
    )
    assert error.hint == (
        "pip install --force-reinstall --no-deps torchvision==0.28.0 --index-url https://download.pytorch.org/whl/cpu"
    )


def test_what_nothing_requires_may_also_be_uninstalled(site):
    install_torch(site, "2.13.0+cpu")
    install(site, "torchaudio", "2.11.0+cu130")
    install(site, "transformers", "5.23.0", requires=['torchaudio; extra == "audio"'])
    assert refused(site).hint.endswith("(or pip uninstall torchaudio, which no installed package requires)")


def test_both_libraries_are_told_at_once(site):
    install_torch(site, "2.13.0+cpu")
    for name in ("torchvision", "torchaudio"):
        install(site, name, "1.0+cu130")
    assert refused(site).message.count("is built for CUDA 13.0") == 2


def test_a_version_that_belongs_to_another_torch_is_refused(site):
    install_torch(site, "2.13.0+cu126", cuda="'12.6'")
    install(site, "torchvision", "0.21.0+cu126", requires=["torch==2.6.0"])
    error = refused(site)
    assert "asks for torch==2.6.0, found torch 2.13.0+cu126" in error.message
    assert "pip install --upgrade torch==2.13.0 torchvision --index-url" in error.hint
    assert "https://download.pytorch.org/whl/cu126" in error.hint


@pytest.mark.parametrize(
    ("torch", "library"),
    [
        ({"version": "2.13.0+cu126", "cuda": "'12.6'"}, ("torchvision", "0.28.0+cu130")),
        ({"version": "2.13.0+cu128", "cuda": "'12.8'"}, ("torchaudio", "2.11.0+cu126")),
        ({"version": "2.13.0+rocm6.4", "hip": "'6.4.4'"}, ("torchvision", "0.28.0+cu130")),
        ({"version": "2.13.0"}, ("torchvision", "0.28.0+rocm6.4")),
    ],
)
def test_builds_for_different_platforms_are_refused(site, torch, library):
    install_torch(site, **torch)
    install(site, *library)
    assert refused(site).message.startswith(" ".join(library))


@pytest.mark.parametrize(
    ("torch", "library"),
    [
        ({"version": "2.13.0+cpu"}, ("torchvision", "0.28.0+cpu")),
        ({"version": "2.13.0"}, ("torchvision", "0.28.0")),
        ({"version": "2.13.0+cu130", "cuda": "'13.0'"}, ("torchaudio", "2.11.0+cu130")),
        ({"version": "2.13.0+cu128", "cuda": "'12.8'"}, ("torchvision", "0.28.0+cu126")),
        ({"version": "2.13.0+cu130", "cuda": "'13.0'"}, ("torchvision", "0.28.0+cpu")),
        ({"version": "2.13.0a0+git1234"}, ("torchvision", "0.28.0a0+5678")),
    ],
)
def test_builds_that_load_together_pass(site, torch, library):
    install_torch(site, **torch)
    install(site, *library, requires=["torch==2.13.0"])
    require_matching_builds(path=[str(site)])


def test_without_torch_or_without_the_libraries_nothing_is_said(site):
    require_matching_builds(path=[str(site)])
    install(site, "torchvision", "0.28.0+cu130")
    require_matching_builds(path=[str(site)])
    assert installed_build("torch", [str(site)]) is None


def test_where_the_builds_are_repaired_on_import_the_check_steps_aside(site, monkeypatch):
    install_torch(site, "2.13.0+cpu")
    install(site, "torchvision", "0.28.0+cu130")
    finder = type("_Finder", (), {"__module__": "affekt_torch_cpu", "find_spec": lambda *_: None})()
    monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])
    require_matching_builds(path=[str(site)])


def test_the_check_imports_no_framework():
    code = f"{UNREPAIRED}\nfrom affekt_encoding import torch_builds\n"
    code += "try: torch_builds.require_matching_builds()\nexcept torch_builds.BuildMismatch: pass\n"
    code += "print([name for name in ('torch', 'torchvision', 'torchaudio') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
