"""`python:` in a pipeline file: what it says, what can be wrong with it, and what stands in the slot."""

import subprocess
import sys

import pytest
from affekt import PipelineSpec, SpecError, plugins
from affekt_isolation import Isolated


def spec(python):
    return PipelineSpec.parse(f"encoders: {{speech: {{use: far, layer: 3, python: {python}}}}}\nreasoner: loudness")


def test_the_key_is_no_option_of_the_component_and_reads_back_from_a_file():
    assert spec("old/bin/python").encoders["speech"].options == {"layer": 3}
    for one in (spec("old/bin/python"), spec("{path: p, timeout: 5, memory: 2GB}")):
        one = one.swap(reasoner="loud-is-excited")
        again = PipelineSpec.parse(one.to_yaml())
        assert again.encoders == one.encoders
        assert again.requires == ("affekt-basics>=0.1.0,<0.2",)  # the other interpreter has requirements of its own
    assert "python: old/bin/python" in spec("old/bin/python").swap(reasoner="loud-is-excited").to_yaml()


@pytest.mark.parametrize(
    ("python", "timeout", "memory"),
    [(sys.executable, 600, None), (f"{{path: {sys.executable}, timeout: 5, memory: 2GB}}", 5, 2_000_000_000)],
)
def test_what_stands_in_the_slot_has_the_limits_of_the_file(python, timeout, memory):
    use = spec(python).encoders["speech"]
    component = use.create("encoder", plugins())
    assert isinstance(component, Isolated)
    assert (component.name, component.options, component.python) == ("far", {"layer": 3}, sys.executable)
    assert (component.timeout, component.memory) == (timeout, memory)


@pytest.mark.parametrize(
    ("python", "said"),
    [
        ("{path: p, timeout: 0}", r"speech\.python\.timeout: input should be greater than 0"),
        ("{path: p, memory: lots}", r"speech\.python\.memory: "),
        ("{timeout: 3}", r"speech\.python: the path of an interpreter is needed; found {'timeout': 3}"),
        ("{path: p, time: 3}", r'speech\.python: there is no limit "time"\. Did you mean "timeout"'),
        ("nowhere/python", r'speech\.python: there is no interpreter "nowhere/python"'),
    ],
)
def test_what_makes_no_sense_is_told_with_its_key_and_the_component_is_not_looked_for(python, said):
    with pytest.raises(SpecError, match=said) as caught:
        spec(python).build()
    assert '"far"' not in str(caught.value)


def test_core_does_not_import_the_package_unless_the_key_is_used():
    code = (
        "import sys, affekt; affekt.PipelineSpec.parse('reasoner: loud-is-excited').build();"
        "assert 'affekt_isolation.components' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
