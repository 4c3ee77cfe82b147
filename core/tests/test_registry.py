import subprocess
import sys
from types import ModuleType, SimpleNamespace

import pytest
from affekt import ComponentInfo, ComponentNotFound, IncompatiblePlugin, NameTaken, PluginFailed, hookimpl
from affekt.registry import discover, requirement_of, unmet


def plugin_module(*infos):
    @hookimpl
    def affekt_components():
        return infos

    module = ModuleType("fake")
    module.affekt_components = affekt_components
    return module


def entry(name, load, requires=("affekt-core>=0.1,<0.2",)):
    dist = SimpleNamespace(name=f"affekt-{name}", version="0.1.0", requires=list(requires))
    return SimpleNamespace(name=name, dist=dist, load=load if callable(load) else lambda: load)


def ear(name="hubert", target="affekt_basics.loudness:Loudness"):
    return ComponentInfo(role="encoder", name=name, target=target, summary="an ear")


def raising(error):
    def load():
        raise error

    return load


@pytest.mark.parametrize("error", [RuntimeError("broken"), SystemExit(3), ImportError("no torch")])
def test_a_broken_plugin_does_not_stop_the_others(error):
    registry = discover([entry("bad", raising(error)), entry("good", plugin_module(ear()))], "0.1.0")
    assert registry.find("encoder", "hubert").distribution == "affekt-good"
    (failure,) = registry.failures
    assert failure.distribution == "affekt-bad"
    assert type(error).__name__ in str(failure.error)


def test_a_plugin_for_another_core_is_refused_before_it_is_imported():
    never = raising(AssertionError("it was imported"))
    registry = discover([entry("new", never, ["affekt-core>=0.9"])], "0.1.0")
    assert isinstance(registry.failures[0].error, IncompatiblePlugin)


def test_a_development_version_of_core_counts_as_its_release():
    assert not discover([entry("x", plugin_module(ear()))], "0.1.0.dev3").failures


def test_a_taken_name_names_both_distributions_and_is_used_by_neither():
    registry = discover([entry("a", plugin_module(ear())), entry("b", plugin_module(ear(), ear("wavlm")))], "0.1.0")
    with pytest.raises(NameTaken, match="affekt-a and affekt-b"):
        registry.create("encoder", "hubert")
    assert registry.find("encoder", "wavlm").distribution == "affekt-b"


def test_an_unknown_name_is_answered_with_the_nearest():
    registry = discover([entry("a", plugin_module(ear()))], "0.1.0")
    with pytest.raises(ComponentNotFound, match='Did you mean "hubert"'):
        registry.find("encoder", "hubrt")
    with pytest.raises(ComponentNotFound, match="is the name of an encoder"):
        registry.find("speaker", "hubert")


@pytest.mark.parametrize("target", ["no.such:Thing", "affekt_basics.loudness:Nothing", "json:JSONDecoder"])
def test_a_target_that_is_no_component_is_a_plugin_failure(target):
    registry = discover([entry("a", plugin_module(ear(target=target)))], "0.1.0")
    with pytest.raises(PluginFailed, match=target):
        registry.create("encoder", "hubert")


def test_a_module_that_says_itself_what_to_do_is_told_in_its_own_words(tmp_path, monkeypatch):
    (tmp_path / "affekt_picky.py").write_text(
        "from affekt import MissingDependency\nraise MissingDependency('no good build', hint='another build')"
    )
    monkeypatch.syspath_prepend(tmp_path)
    registry = discover([entry("a", plugin_module(ear(target="affekt_picky:Ear")))], "0.1.0")
    with pytest.raises(PluginFailed) as caught:
        registry.load("encoder", "hubert")
    assert str(caught.value).endswith("(affekt_picky:Ear) cannot be imported: no good build\nTry: another build")


def test_announcing_something_else_is_a_failure():
    registry = discover([entry("a", plugin_module("hubert"))], "0.1.0")
    assert "not ComponentInfo" in str(registry.failures[0].error)


def test_requirements_are_written_and_checked():
    found = discover([entry("a", plugin_module(ear()))], "0.1.0").find("encoder", "hubert")
    assert requirement_of(found) == "affekt-a>=0.1.0,<0.2"
    said = list(unmet(["affekt-core>=7", "affekt-nothing", "no requirement!"]))
    assert "found 0.1.0" in said[0]
    assert "not installed" in said[1]
    assert "is not a requirement" in said[2]


def test_importing_affekt_and_listing_plugins_imports_no_framework():
    code = (
        "import sys, affekt; affekt.plugins();"
        "heavy = {'torch', 'transformers', 'tensorflow', 'onnxruntime', 'librosa', 'scipy', 'sklearn', 'cv2', 'av'};"
        "bad = heavy & set(sys.modules);"
        "sys.exit(repr(bad) if bad else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
