import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version

import pytest


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def needs(*names: str) -> None:
    for name in names:
        try:
            version(name)
        except PackageNotFoundError:
            pytest.skip(f"{name} is not installed; `hatch test` has it")


def test_torchvision_imports_and_transforms():
    needs("affekt-torch-cpu", "torchvision")
    done = run(
        "import torch, torchvision; from torchvision.transforms import v2;"
        "print(tuple(v2.Resize((4, 4))(torch.rand(3, 8, 8)).shape));"
        "print(tuple(torchvision.models.resnet18().eval()(torch.rand(1, 3, 32, 32)).shape))"
    )
    assert done.stdout.split("\n")[:2] == ["(3, 4, 4)", "(1, 1000)"], done.stderr


def test_torchaudio_imports_and_resamples():
    needs("affekt-torch-cpu", "torchaudio")
    done = run(
        "import torch, torchaudio; torchaudio.set_audio_backend('soundfile');"
        "print(tuple(torchaudio.functional.resample(torch.rand(1, 16000), 16000, 8000).shape))"
    )
    assert "(1, 8000)" in done.stdout, done.stderr


def test_an_interpreter_start_imports_no_torch():
    needs("affekt-torch-cpu")
    assert run("import sys; print('torch' in sys.modules)").stdout.strip() == "False"
