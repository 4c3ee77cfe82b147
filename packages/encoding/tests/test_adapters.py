"""LoRA matrices of a file are added to the weights that they are for, and other files are refused."""

import pytest
import torch
from affekt import WeightsError
from affekt_encoding.adapters import add_adapter
from safetensors.torch import save_file
from torch import nn


@pytest.fixture
def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))


def written(path, tensors, scale="2.0"):
    save_file(tensors, path, metadata={"scale": scale} if scale else None)
    return path


def test_the_product_is_added_to_the_named_weight_alone(network, tmp_path):
    before = {name: value.detach().clone() for name, value in network.named_parameters()}
    down, up = torch.randn(1, 3), torch.randn(4, 1)
    add_adapter(network, written(tmp_path / "one", {"0.A": down, "0.B": up, "head.weight": torch.ones(7)}))
    after = dict(network.named_parameters())
    torch.testing.assert_close(after["0.weight"], before["0.weight"] + 2.0 * up @ down)
    for name in ("0.bias", "1.weight", "1.bias"):
        torch.testing.assert_close(after[name].detach(), before[name])


@pytest.mark.parametrize(
    ("tensors", "scale"),
    [
        ({"5.A": torch.ones(1, 3), "5.B": torch.ones(4, 1)}, "2.0"),
        ({"0.A": torch.ones(1, 9), "0.B": torch.ones(4, 1)}, "2.0"),
        ({"0.A": torch.ones(1, 3)}, "2.0"),
        ({"0.A": torch.ones(1, 3), "0.B": torch.ones(4, 1)}, None),
        ({"other": torch.ones(1)}, "2.0"),
    ],
    ids=["another layer", "another width", "half of it", "no scale", "nothing"],
)
def test_what_is_no_adapter_of_this_network_is_refused(network, tmp_path, tensors, scale):
    with pytest.raises(WeightsError, match="no adapter of this network"):
        add_adapter(network, written(tmp_path / "one", tensors, scale))


def test_a_missing_file_is_named(network, tmp_path):
    with pytest.raises(WeightsError, match="nowhere"):
        add_adapter(network, tmp_path / "nowhere")
