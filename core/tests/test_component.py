import pickle
import warnings
from collections.abc import Mapping
from functools import cached_property
from inspect import signature
from typing import ClassVar

import pytest
from affekt import Component, OptionsError
from pydantic import Field


class Ear(Component):
    layer: int = Field(default=-1, description="Which layer")

    @cached_property
    def _network(self) -> object:
        return object()


@pytest.mark.parametrize("make", [Ear, Ear.create])
def test_all_wrong_options_are_told_at_once_with_a_suggestion(make):
    with pytest.raises(OptionsError) as caught:
        make(layr=3, layer="deep")
    assert 'layr: no such option. Did you mean "layer"?' in str(caught.value)
    assert "layer: input should be a valid integer" in str(caught.value)
    assert "found 'deep'" in str(caught.value)
    assert str(caught.value).endswith("Try: one of layer")


def test_loaded_weights_change_neither_equality_nor_the_pickle():
    loaded, fresh = Ear(layer=2), Ear(layer=2)
    assert loaded._network is loaded._network
    assert loaded == fresh
    assert "_network" not in pickle.loads(pickle.dumps(loaded)).__dict__


def test_options_are_frozen():
    with pytest.raises(ValueError, match="frozen"):
        Ear().layer = 3


def test_a_component_among_the_options_of_another_says_what_is_wrong_with_it():
    class Two(Component):
        ear: Ear = Ear()

    assert Two(ear={"layer": 2}).ear == Ear(layer=2)
    with pytest.raises(OptionsError, match="no such option"):
        Two(ear={"layr": 2})
    assert list(signature(Ear).parameters) == ["layer"]


def test_the_old_name_of_an_option_works_and_warns():
    class Renamed(Component):
        renamed_options: ClassVar[Mapping[str, str]] = {"batch": "batch_size"}
        batch_size: int = Field(default=8, ge=1)

    with pytest.warns(DeprecationWarning, match='"batch" of Renamed is called "batch_size"') as caught:
        assert Renamed(batch=3) == Renamed(batch_size=3)
    assert caught[0].filename == __file__, "it points to who wrote the old name"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(Renamed(batch_size=3).model_dump()) == ["batch_size"]
    with pytest.raises(OptionsError, match="and both are given"):
        Renamed(batch=3, batch_size=3)
    with (
        pytest.warns(DeprecationWarning, match="batch"),
        pytest.raises(OptionsError, match="batch_size: input should be greater"),
    ):
        Renamed(batch=0)
