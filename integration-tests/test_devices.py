"""A device that this machine lacks is said to be what is wrong, by every component that takes one."""

from types import SimpleNamespace

import pytest
from affekt import OptionsError, SpeechRequest, plugins
from affekt_testing import make_clip, make_evidence

DEVICE = "cuda:63"
"""No machine has so many."""
OPTIONS = {"attention": {"model": "x"}, "conv-attention": {"model": "x"}, "linear": {"model": "x"}}
NEED_A_FOLDER = {"coqui", "emer", "mmaction2"}
"""They look into the folder of their model first."""


def with_a_device():
    registry = plugins()
    for role, name in sorted(registry.components):
        if name not in NEED_A_FOLDER and "device" in registry.load(role, name).model_fields:
            yield pytest.param(role, name, id=f"{name}-{role}")


@pytest.mark.parametrize(("role", "name"), with_a_device())
def test_a_device_that_is_not_there_is_named(role, name):
    options = {"overwrite": True} if role == "preparer" and name == "whisper" else OPTIONS.get(name, {})
    component = plugins().create(role, name, device=DEVICE, **options)
    clip, (evidence, *_) = make_clip(), make_evidence()
    given = {
        "preparer": ("prepare", clip),
        "encoder": ("encode", clip),
        "fuser": ("fuse", evidence),
        "reasoner": ("reason", evidence),
        "speaker": ("speak", SpeechRequest(text="Hello.")),
    }
    method, batch = given[role]
    with pytest.raises(OptionsError, match=f'device: "{DEVICE}" cannot be used'):
        getattr(component, method)([batch])


def test_coqui_asks_for_the_device_before_it_reads_a_model():
    loading, folder = pytest.importorskip("affekt_coqui.loading"), SimpleNamespace(family="freevc")
    with pytest.raises(OptionsError, match=f'device: "{DEVICE}" cannot be used'):
        loading.engine(folder, None, DEVICE)
    with pytest.raises(OptionsError, match=f'device: "{DEVICE}" cannot be used'):
        loading.converter(folder, DEVICE)
