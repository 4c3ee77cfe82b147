import pytest
from affekt_cli import checkup, guard

CPU = "__version__ = '2.13.0+cpu'\ndebug = False\ncuda: Optional[str] = None\n"
CUDA = "__version__ = '2.13.0+cu130'\ndebug = False\ncuda: Optional[str] = '13.0'\n"
PLAIN_CUDA = "__version__ = '2.13.0'\ncuda = '13.0'\n"


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """Makes torch appear as a build of this kind, on a machine with or without a GPU."""

    def pretend(text, gpu=False):
        folder = tmp_path / "torch"
        folder.mkdir()
        (folder / "version.py").write_text(text)
        monkeypatch.setattr(guard, "torch_folder", lambda: folder)
        monkeypatch.setattr(guard, "has_gpu", lambda: gpu)

    return pretend


@pytest.mark.parametrize(
    ("text", "gpu", "advised"),
    [(CPU, False, False), (CPU, True, False), (CUDA, False, True), (PLAIN_CUDA, False, True), (CUDA, True, False)],
)
def test_a_cuda_torch_without_a_gpu_is_advised_against_in_one_line(fake, capsys, text, gpu, advised):
    fake(text, gpu)
    guard.advise()
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == advised
    assert ("UV_TORCH_BACKEND=cpu" in err and "FIND_LINKS" in err) == advised


def test_without_torch_there_is_no_advice(monkeypatch, tmp_path):
    for folder in (None, tmp_path):
        monkeypatch.setattr(guard, "torch_folder", lambda folder=folder: folder)
        assert guard.needless_cuda() is None


def test_doctor_notes_any_torch_and_calls_none_broken(fake, monkeypatch):
    fake(CUDA)
    (finding,) = [finding for finding in checkup.environment() if finding.name == "torch"]
    assert finding.state == "note"
    assert "2.13.0+cu130" in finding.text
    assert "UV_TORCH_BACKEND=cpu" in finding.hint
    monkeypatch.setattr(guard, "torch_folder", lambda: None)
    (finding,) = [finding for finding in checkup.environment() if finding.name == "torch"]
    assert finding.state == "note"


@pytest.mark.usefixtures("watermark")
def test_the_demo_runs_on_a_cuda_torch_without_a_gpu(fake, affekt, voice, tmp_path):
    fake(CUDA)
    done = affekt("demo", "-p", voice)
    assert done.returncode == 0, done.stderr
    assert "Note: torch 2.13.0+cu130 is a CUDA build" in done.stderr
    assert "happy 75%" in done.stdout
    assert (tmp_path / "out/report.html").is_file()
    assert (tmp_path / "out/reply.wav").is_file()


def test_a_gpu_is_seen_by_its_device(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not guard.has_gpu(tmp_path)
    (tmp_path / "nvidia0").touch()
    assert guard.has_gpu(tmp_path)
