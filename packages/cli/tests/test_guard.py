import pytest
from affekt_cli import guard

CPU = "__version__ = '2.13.0+cpu'\ndebug = False\ncuda: Optional[str] = None\n"
CUDA = "__version__ = '2.13.0+cu130'\ndebug = False\ncuda: Optional[str] = '13.0'\n"
PLAIN_CUDA = "__version__ = '2.13.0'\ncuda = '13.0'\n"


@pytest.mark.parametrize(
    ("text", "gpu", "wrong"),
    [(CPU, False, False), (CPU, True, False), (CUDA, False, True), (PLAIN_CUDA, False, True), (CUDA, True, False)],
)
def test_a_cuda_torch_without_a_gpu_is_refused_and_nothing_else(tmp_path, monkeypatch, text, gpu, wrong):
    monkeypatch.delenv(guard.ALLOW, raising=False)
    (tmp_path / "version.py").write_text(text)
    found = guard.problem(tmp_path, gpu=gpu)
    assert bool(found) == wrong
    if wrong:
        assert "\nTry: " in found
        monkeypatch.setenv(guard.ALLOW, "1")
        assert guard.problem(tmp_path, gpu=gpu) is None


def test_no_torch_is_no_problem(tmp_path):
    assert guard.problem(None, gpu=False) is None
    assert guard.problem(tmp_path, gpu=False) is None


def test_a_gpu_is_seen_by_its_device(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not guard.has_gpu(tmp_path)
    (tmp_path / "nvidia0").touch()
    assert guard.has_gpu(tmp_path)
