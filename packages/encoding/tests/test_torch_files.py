import argparse

import pytest
import torch
from affekt import WeightsError
from affekt_encoding.torch_files import fill, read_weights
from safetensors.torch import save_file
from torch import nn


@pytest.fixture
def linear():
    torch.manual_seed(0)
    return nn.Linear(2, 3)


@pytest.mark.parametrize("under", ["model", "module", "state_dict", None])
def test_weights_are_found_where_training_scripts_put_them(linear, tmp_path, under):
    weights = linear.state_dict()
    whole = {under: weights, "epoch": 3, "args": argparse.Namespace(lr=1e-3)} if under else weights
    torch.save(whole, tmp_path / "a.pth")
    again = nn.Linear(2, 3)
    fill(again, read_weights(tmp_path / "a.pth"), "a.pth")
    torch.testing.assert_close(again.weight, linear.weight)


def test_an_old_file_and_safetensors_are_read_too(linear, tmp_path):
    torch.save(linear.state_dict(), tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    save_file(linear.state_dict(), tmp_path / "new.safetensors")
    for name in ("old.pth", "new.safetensors"):
        assert set(read_weights(tmp_path / name)) == {"weight", "bias"}


def test_what_could_run_code_or_does_not_fit_is_refused(linear, tmp_path):
    torch.save({"model": linear.state_dict(), "hook": print}, tmp_path / "code.pth")
    torch.save([1, 2], tmp_path / "list.pth")
    (tmp_path / "text.pth").write_text("<html>")
    for name in ("code.pth", "list.pth", "text.pth", "absent.pth"):
        with pytest.raises(WeightsError, match=name):
            read_weights(tmp_path / name)
    with pytest.raises(WeightsError, match="bias"):
        fill(linear, {"weight": torch.zeros(3, 2)}, "a.pth")
    with pytest.raises(WeightsError, match=r"\[3, 1\]; wanted \[3, 2\]"):
        fill(linear, {"weight": torch.zeros(3, 1), "bias": torch.zeros(3)}, "a.pth")
