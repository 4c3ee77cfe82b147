"""A pipeline moves to a device at once, in Python and in a file."""

from functools import cached_property
from typing import ClassVar

import affekt
import pytest
from affekt import (
    Component,
    ComponentInfo,
    EmotionPrediction,
    OptionsError,
    Pipeline,
    PipelineSpec,
    Registry,
    SpecError,
)
from affekt.registry import Announced


class Ear(Component):
    """An encoder that takes a device."""

    modality: ClassVar[affekt.Modality] = "audio"
    layer: int = 1
    device: str = "cpu"

    @cached_property
    def weights(self) -> str:
        """Stands for what lies in the memory of one device."""
        return f"layer {self.layer} on {self.device}"

    def encode(self, clips):
        return []


class Eye(Component):
    """An encoder that takes none."""

    modality: ClassVar[affekt.Modality] = "video"

    def encode(self, clips):
        return []


class Say(Component):
    """A reasoner that takes none."""

    def reason(self, evidence):
        return [EmotionPrediction(scores={"present": 1.0}) for _ in evidence]


@pytest.fixture
def registry():
    components = {}
    for role, name, kind in (("encoder", "ear", Ear), ("encoder", "eye", Eye), ("reasoner", "say", Say)):
        info = ComponentInfo(role=role, name=name, target=f"{__name__}:{kind.__name__}", summary="For tests")
        components[role, name] = Announced(info=info, distribution="tests", version="1")
    found = Registry(components=components)
    found.load = lambda role, name: {"ear": Ear, "eye": Eye, "say": Say}[name]  # this module has no importable name
    return found


def test_what_takes_a_device_moves_and_loads_anew_and_the_rest_stays():
    before = Pipeline(encoders={"speech": Ear(layer=3), "scene": Eye()}, reasoner=Say())
    assert before.encoders["speech"].weights == "layer 3 on cpu"
    after = before.to("cuda:1")
    assert after.encoders["speech"].weights == "layer 3 on cuda:1"
    assert after.encoders["scene"] is before.encoders["scene"]
    assert before.encoders["speech"].device == "cpu"
    assert after.to("cuda:1").encoders["speech"] is after.encoders["speech"], "what is there already keeps its weights"


def test_a_pipeline_without_such_an_option_says_so():
    with pytest.raises(OptionsError, match=r'"quiet" has an option "device".*to "cuda"'):
        Pipeline(name="quiet", encoders={"scene": Eye()}, reasoner=Say()).to("cuda")


def test_a_file_gives_its_device_to_all_that_take_one_and_are_given_none(registry):
    text = "device: cuda\nencoders: {a: {use: ear, layer: 2}, b: {use: ear, device: cpu}, c: eye}\nreasoner: say"
    spec = PipelineSpec.parse(text, registry=registry)
    encoders = spec.build(registry).encoders
    assert encoders == {"a": Ear(layer=2, device="cuda"), "b": Ear(device="cpu"), "c": Eye()}
    assert spec.encoders["a"].options == {"layer": 2}, "a saved file says it once"


def test_a_file_whose_device_nothing_takes_is_refused(registry):
    with pytest.raises(SpecError, match='device: no component has such an option, so none can move to "cuda"'):
        PipelineSpec.parse("device: cuda\nencoders: {c: eye}\nreasoner: say", registry=registry).build(registry)


def test_a_device_in_a_file_survives_saving_and_a_component_elsewhere_keeps_its_own():
    spec = PipelineSpec.parse("device: cuda\nencoders: {a: {use: far, python: p}}\nreasoner: loud-is-excited")
    assert PipelineSpec.parse(spec.to_yaml()).device == "cuda"
    assert spec.placed().encoders == spec.encoders
