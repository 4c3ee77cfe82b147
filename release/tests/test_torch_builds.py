"""Where torch comes from is decided before anything is installed, and a CUDA build never comes by accident."""

import pytest

from release import torch_builds
from release.torch_builds import TorchSource, choose, mismatch


@pytest.fixture
def index(monkeypatch):
    """Whether PyTorch's index of CPU builds answers."""

    def answers(reply: bool) -> None:
        monkeypatch.setattr(torch_builds, "cpu_index_answers", lambda uv, python: reply)

    return answers


@pytest.fixture
def folder(tmp_path):
    names = (
        "torch-2.12.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl",
        "torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl",
        "torch-2.14.0-cp312-cp312-manylinux_2_28_x86_64.whl",
        "torch-broken.whl",
    )
    for name in names:
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize("variable", ["UV_FIND_LINKS", "PIP_FIND_LINKS"])
def test_a_folder_of_wheels_comes_first(folder, index, monkeypatch, variable):
    index(True)
    choice = choose(TorchSource.AUTO, "3.11", uv="uv", environment={variable: f"/nowhere {folder}"})
    assert choice.source is TorchSource.FOLDER
    assert choice.arguments == ("--find-links", str(folder))
    assert choice.constraints == ("torch==2.13.0+cpu",)


def test_another_pythons_wheels_and_cuda_builds_do_not_count(folder, index):
    index(True)
    choice = choose(TorchSource.AUTO, "3.12", uv="uv", environment={"UV_FIND_LINKS": str(folder)})
    assert choice.source is TorchSource.CPU_INDEX
    assert choice.arguments == ("--torch-backend", "cpu")


def test_without_a_cpu_build_torch_is_left_out_and_the_reason_told(folder, index):
    index(False)
    choice = choose(TorchSource.AUTO, "3.13", uv="uv", environment={"PIP_FIND_LINKS": str(folder)})
    assert choice.source is TorchSource.NONE
    assert 'torch ; sys_platform == "never"' in choice.overrides
    assert "no CPU build of torch for Python 3.13" in choice.reason
    assert "does not answer" in choice.reason


def test_a_source_that_was_asked_for_and_has_nothing_is_an_error(tmp_path, index):
    index(False)
    for wanted in (TorchSource.FOLDER, TorchSource.CPU_INDEX):
        with pytest.raises(ValueError, match="Try: --torch auto"):
            choose(wanted, "3.12", uv="uv", environment={})


def test_nothing_but_any_lets_the_package_index_decide(index):
    index(False)
    choices = {wanted: choose(wanted, "3.12", uv="uv", environment={}) for wanted in ("auto", "none")}
    assert all(choice.overrides for choice in choices.values())
    choice = choose(TorchSource.ANY, "3.12", uv="uv", environment={})
    assert choice.arguments == choice.overrides == choice.constraints == ()


def written(site, name, version, cuda):
    (site / name).mkdir()
    (site / name / "version.py").write_text(f"__version__ = '{version}'\ncuda: Optional[str] = {cuda!r}\n")


@pytest.mark.parametrize("name", ["torchvision", "torchaudio"])
def test_a_cuda_companion_beside_a_cpu_torch_is_told(tmp_path, name):
    written(tmp_path, "torch", "2.13.0+cpu", None)
    assert mismatch(tmp_path) is None
    written(tmp_path, name, "0.28.0", "13.0")
    assert f"{name} 0.28.0 is a CUDA build beside torch 2.13.0+cpu" in mismatch(tmp_path)


def test_builds_that_belong_together_are_fine(tmp_path):
    written(tmp_path, "torch", "2.13.0+cu130", "13.0")
    written(tmp_path, "torchvision", "0.28.0+cu130", "13.0")
    assert mismatch(tmp_path) is None
