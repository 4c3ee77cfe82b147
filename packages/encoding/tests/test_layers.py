import pytest
import torch
from affekt import OptionsError
from affekt_encoding.devices import device_of
from affekt_encoding.layers import chosen_layers, cut_after, side_by_side, states_of
from torch import nn


def test_layers_count_from_either_end():
    assert chosen_layers(-1, 12) == [12]
    assert chosen_layers((0, 3, -13), 12) == [0, 3, 0]
    with pytest.raises(OptionsError, match=r"no layer \[13\]"):
        chosen_layers((1, 13), 12)


def test_chosen_states_are_kept_and_later_blocks_dropped():
    blocks = nn.ModuleList(nn.Linear(4, 4) for _ in range(3))
    sound = torch.randn(1, 5, 4)
    first = blocks[0](sound)
    second = blocks[1](first)
    layers = [2, 0]
    cut_after(blocks, layers)
    assert len(blocks) == 2
    with states_of(blocks, layers) as states:
        blocks[1](blocks[0](sound))
    torch.testing.assert_close(side_by_side(states, layers), torch.cat([second, sound], dim=-1))
    assert not blocks[0]._forward_hooks
    assert not blocks[0]._forward_pre_hooks


def test_a_device_that_is_not_there_is_refused():
    assert device_of("cpu") == torch.device("cpu")
    with pytest.raises(OptionsError, match='device: "toaster"'):
        device_of("toaster")
    if not torch.cuda.is_available():
        with pytest.raises(OptionsError, match='device: "cuda:0"'):
            device_of("cuda:0")
