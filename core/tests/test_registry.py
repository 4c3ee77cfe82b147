import subprocess
import sys
from dataclasses import replace
from types import ModuleType, SimpleNamespace

import pytest
from affekt import (
    ComponentInfo,
    ComponentNotFound,
    IncompatiblePlugin,
    NameTaken,
    PipelineInfo,
    PipelineSpec,
    PluginFailed,
    hookimpl,
)
from affekt.discovery import discover
from affekt.requirements import requirement_of, unmet


def plugin_module(*components, **others):
    announced = {"components": components, **others}
    module = ModuleType("fake")
    for what, infos in announced.items():
        setattr(module, f"affekt_{what}", hookimpl(lambda infos=infos: infos))
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


def test_a_taken_name_names_all_distributions_and_is_used_by_none():
    modules = {"a": plugin_module(ear()), "b": plugin_module(ear(), ear("wavlm")), "c": plugin_module(ear())}
    registry = discover([entry(name, module) for name, module in modules.items()], "0.1.0")
    with pytest.raises(NameTaken, match="affekt-a and affekt-b and affekt-c; neither is used"):
        registry.create("encoder", "hubert")
    with pytest.raises(NameTaken, match="affekt-a and affekt-b"):
        registry.named("hubert")
    assert list(registry.components) == [("encoder", "wavlm")], "listings leave it out"
    assert registry.distributions() == {"affekt-a", "affekt-b", "affekt-c"}


def test_a_pipeline_of_a_taken_name_is_not_the_alphabetically_first(tmp_path, monkeypatch):
    (tmp_path / "made_up_pipelines").mkdir()
    (tmp_path / "made_up_pipelines/p.yaml").write_text("reasoner: mean")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    info = PipelineInfo(name="default", package="made_up_pipelines", path="p.yaml", summary="A rival")
    alone = discover([entry("aa", plugin_module(pipelines=[info]))], "0.1.0")
    assert PipelineSpec.read("default", alone).reasoner.use == "mean"
    registry = discover([entry(name, plugin_module(pipelines=[info])) for name in ("aa", "heads")], "0.1.0")
    with pytest.raises(NameTaken, match='pipeline "default" is announced by affekt-aa and affekt-heads'):
        PipelineSpec.read("default", registry)
    assert not registry.pipelines
    assert "affekt-aa and affekt-heads" in str(registry.failures[0].error)


def test_weights_of_a_taken_name_are_nobodys():
    weights = SimpleNamespace(name="whisper-base")
    registry = discover([entry(name, plugin_module(weights=[weights])) for name in ("a", "b")], "0.1.0")
    assert not registry.weights
    with pytest.raises(NameTaken, match='weights "whisper-base" is announced by affekt-a and affekt-b'):
        registry.refuse_taken("weights", "whisper-base")


def test_a_name_that_one_distribution_announces_twice_is_not_said_to_be_of_two():
    registry = discover([entry("a", plugin_module(ear(), ear()))], "0.1.0")
    with pytest.raises(NameTaken, match="is announced 2 times by affekt-a"):
        registry.find("encoder", "hubert")


def test_a_misspelt_hook_is_told_with_the_nearest():
    module = plugin_module(ear())
    module.affekt_component = module.affekt_components
    del module.affekt_components
    (failure,) = discover([entry("a", module)], "0.1.0").failures
    assert 'there is no hook "affekt_component". Did you mean "affekt_components"?' in failure.error.message


@pytest.mark.parametrize("name", ["affekt_components", "affekt_pipeline"])
def test_a_function_named_like_a_hook_and_not_marked_is_told(name):
    module = ModuleType("fake")
    setattr(module, name, lambda: [ear()])
    (failure,) = discover([entry("a", module)], "0.1.0").failures
    assert f"the function {name} has the name of a hook and lacks the mark `@hookimpl`" in failure.error.message


def test_a_hook_that_a_later_core_may_have_is_allowed_where_it_is_said_to_be_optional():
    module = plugin_module(ear())
    module.affekt_later = hookimpl(optionalhook=True)(lambda: [])
    assert not discover([entry("a", module)], "0.1.0").failures


def test_a_module_without_any_hook_is_told():
    (failure,) = discover([entry("a", ModuleType("affekt_a"))], "0.1.0").failures
    assert "affekt_a has no hook, so it announces nothing" in failure.error.message


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


def test_from_the_first_release_on_a_requirement_holds_until_the_next_major_version():
    found = discover([entry("a", plugin_module(ear()))], "0.1.0").find("encoder", "hubert")
    assert requirement_of(replace(found, version="0.9.2")) == "affekt-a>=0.9.2,<0.10"
    assert requirement_of(replace(found, version="1.4.2")) == "affekt-a>=1.4.2,<2"
    assert requirement_of(replace(found, version="2.0.0.dev1")) == "affekt-a>=2.0.0,<3"


def test_importing_affekt_and_listing_plugins_imports_no_framework():
    code = (
        "import sys, affekt; affekt.plugins();"
        "heavy = {'torch', 'transformers', 'tensorflow', 'onnxruntime', 'librosa', 'scipy', 'sklearn', 'cv2', 'av'};"
        "bad = heavy & set(sys.modules);"
        "sys.exit(repr(bad) if bad else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
