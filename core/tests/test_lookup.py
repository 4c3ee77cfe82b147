import pickle
from types import ModuleType, SimpleNamespace

import pytest
from affekt import (
    ComponentInfo,
    ComponentNotFound,
    ComponentNotInstalled,
    MissingDependency,
    PipelineNotInstalled,
    PipelineSpec,
    SpecError,
    Use,
    hookimpl,
)
from affekt.discovery import discover
from affekt.lookup import pip_install, why_absent
from affekt.problems import Problem, spec_error

PAPER = ("affekt-eva", "affekt-hubert", "affekt-mae", "affekt-videomae")
RULE = Use(use="loud-is-excited")


def entry(name, *infos, load=None):
    @hookimpl
    def affekt_components():
        return infos

    module = ModuleType(name)
    module.affekt_components = affekt_components
    dist = SimpleNamespace(name=name, version="0.1.0", requires=["affekt-core>=0.1,<0.2"])
    return SimpleNamespace(name=name, dist=dist, load=load or (lambda: module))


BASICS = entry(
    "affekt-basics",
    ComponentInfo(role="encoder", name="loudness", target="affekt_basics.loudness:Loudness", summary="loudness"),
    ComponentInfo(
        role="reasoner", name="loud-is-excited", target="affekt_basics.loud_is_excited:LoudIsExcited", summary="a rule"
    ),
)


def test_a_component_that_is_not_installed_is_answered_with_its_distribution():
    with pytest.raises(ComponentNotInstalled) as caught:
        discover([BASICS], "0.1.0").create("encoder", "hubert")
    assert isinstance(caught.value, ComponentNotFound)
    assert isinstance(caught.value, MissingDependency)
    assert caught.value.message == 'the encoder "hubert" comes with affekt-hubert, which is not installed'
    assert caught.value.hint == "pip install affekt-hubert"


def test_a_misspelt_name_is_compared_with_names_that_are_not_installed_too():
    with pytest.raises(ComponentNotFound, match=r'there is no encoder "hubrt"\. Did you mean "hubert"') as caught:
        discover([BASICS], "0.1.0").find("encoder", "hubrt")
    assert not isinstance(caught.value, ComponentNotInstalled)


def test_what_is_installed_and_fails_is_not_called_missing():
    def broken():
        raise RuntimeError("shattered")

    with pytest.raises(ComponentNotFound, match=r"cannot be loaded: .*shattered") as caught:
        discover([entry("affekt-hubert", load=broken)], "0.1.0").find("encoder", "hubert")
    assert not isinstance(caught.value, ComponentNotInstalled)
    assert caught.value.hint == "affekt doctor"


def test_an_installed_version_without_the_name_is_to_be_upgraded():
    with pytest.raises(ComponentNotFound) as caught:
        discover([BASICS], "0.1.0").find("speaker", "beeps")
    assert caught.value.hint == "pip install --upgrade affekt-basics"


def test_everything_that_a_pipeline_lacks_is_installed_by_one_command():
    spec = PipelineSpec(
        name="mine",
        encoders={name: Use(use=name) for name in ("eva", "hubert", "mae", "videomae")},
        reasoner=RULE,
    )
    with pytest.raises(PipelineNotInstalled) as caught:
        spec.build(discover([BASICS], "0.1.0"))
    assert isinstance(caught.value, SpecError)
    assert caught.value.hint == 'pip install "affekt[emotion-llama]"'
    for name in PAPER:
        assert f"comes with {name}, which is not installed" in caught.value.message


def test_a_pipeline_with_a_mistake_too_is_a_spec_error_that_says_what_to_install_as_well():
    spec = PipelineSpec(encoders={"a": Use(use="hubert"), "b": Use(use="lowdness")}, reasoner=RULE)
    with pytest.raises(SpecError, match="2 problems") as caught:
        spec.build(discover([BASICS], "0.1.0"))
    assert not isinstance(caught.value, PipelineNotInstalled)
    assert caught.value.hint.startswith("pip install affekt-hubert; ")


def test_what_a_file_requires_counts_as_not_installed():
    spec = PipelineSpec(reasoner=RULE, requires=("affekt-nowhere>=0.1",))
    (problem,) = spec.problems(discover([BASICS], "0.1.0"))
    assert problem == Problem("requires: affekt-nowhere>=0.1 is not installed", not_installed="affekt-nowhere")


def test_a_distribution_that_a_slot_lacks_is_not_told_a_second_time(monkeypatch):
    monkeypatch.setattr("affekt.spec.not_installed", lambda line: line.partition(">")[0])
    spec = PipelineSpec(encoders={"a": Use(use="hubert")}, reasoner=RULE, requires=("affekt-hubert>=0.1",))
    (problem,) = spec.problems(discover([BASICS], "0.1.0"))
    assert problem.text == 'a: the encoder "hubert" comes with affekt-hubert, which is not installed'


def test_a_pipeline_that_is_not_installed_is_answered_with_all_that_it_needs():
    absence = why_absent("pipeline", "default", discover([BASICS], "0.1.0"))
    assert absence.message == 'the pipeline "default" comes with affekt-emotion-llama, which is not installed'
    assert absence.hint == "pip install affekt"


@pytest.mark.parametrize(
    ("distributions", "command"),
    [
        (["affekt-hubert"], "pip install affekt-hubert"),
        (["affekt-hubert", "affekt-eva"], "pip install affekt-eva affekt-hubert"),
        (["affekt-face", "affekt-text", "affekt-whisper"], "pip install affekt"),
        ([*PAPER, "affekt-face"], 'pip install "affekt[emotion-llama]"'),
        ([*PAPER, "affekt-wavlm"], 'pip install "affekt[encoders]"'),
        ([*PAPER, "other"], f"pip install {' '.join(PAPER)} other"),
    ],
)
def test_many_distributions_are_installed_by_the_smallest_part_of_affekt_that_has_them(distributions, command):
    assert pip_install(distributions) == command


def test_the_errors_cross_processes():
    error = spec_error("mine", [Problem("a: it is not installed", not_installed="affekt-hubert")])
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is PipelineNotInstalled
    assert str(again) == "mine has a problem:\n  a: it is not installed\nTry: pip install affekt-hubert"
