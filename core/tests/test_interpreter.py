import subprocess
import sys

import pytest
from affekt import MissingDependency, PipelineSpec, Registry, SpecError, Use, plugins
from affekt.interpreter import Interpreter


def spec(python):
    return PipelineSpec.parse(f"encoders: {{speech: {{use: far, layer: 3, python: {python}}}}}\nreasoner: loudness")


def test_the_key_is_no_option_of_the_component_and_reads_back_from_a_file():
    use = spec("old/bin/python").encoders["speech"]
    assert use.options == {"layer": 3}
    assert (use.python.path, use.python.timeout, use.python.memory) == ("old/bin/python", 600, None)
    limited = spec("{path: p, timeout: 5, memory: 2GB}")
    assert limited.encoders["speech"].python.memory == 2_000_000_000
    for one in (spec("old/bin/python"), limited):
        one = one.swap(reasoner="loud-is-excited")
        again = PipelineSpec.parse(one.to_yaml())
        assert again.encoders == one.encoders
        assert again.requires == ("affekt-basics>=0.1.0,<0.2",)  # the other interpreter has requirements of its own
    assert "python: old/bin/python" in spec("old/bin/python").swap(reasoner="loud-is-excited").to_yaml()


@pytest.mark.parametrize(
    ("python", "said"),
    [("{path: p, timeout: 0}", "timeout"), ("{path: p, memory: lots}", "memory"), ("{timeout: 3}", "path")],
)
def test_a_limit_that_makes_no_sense_is_told_with_its_key(python, said):
    with pytest.raises(SpecError, match=rf"encoders\.speech\.python\.{said}"):
        spec(python)


def test_an_interpreter_that_is_not_there_is_a_problem_and_its_component_is_not_looked_for():
    with pytest.raises(SpecError) as caught:
        spec("nowhere/python").build()
    said = str(caught.value)
    assert 'speech.python: there is no interpreter "nowhere/python"' in said
    assert "far" not in said


def test_without_the_package_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr("affekt.interpreter.plugins", Registry)
    with pytest.raises(MissingDependency, match="pip install affekt-isolation"):
        Use.model_validate({"use": "far", "python": sys.executable}).create("encoder", plugins())
    assert list(Interpreter(path=sys.executable).problems()) == [
        "running a component in another interpreter needs affekt-isolation, which is not installed "
        "(pip install affekt-isolation)"
    ]


def test_core_does_not_import_the_package_unless_the_key_is_used():
    code = (
        "import sys, affekt; affekt.PipelineSpec.parse('reasoner: loud-is-excited').build();"
        "assert 'affekt_isolation.components' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
