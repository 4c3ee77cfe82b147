"""What core calls and does not hold: functions that distributions above it announce."""

import subprocess
import sys
from importlib import import_module
from types import ModuleType

import affekt
import pytest
from affekt import MissingDependency, NameTaken, Pipeline, PluginFailed, Registry, Use, elsewhere, hookimpl
from affekt.hooks import FunctionInfo


def module_with(target: str) -> ModuleType:
    module = ModuleType("announcing")

    @hookimpl
    def affekt_respond():
        yield FunctionInfo(target=target)

    module.affekt_respond = affekt_respond
    return module


def test_an_announced_function_is_imported_when_it_is_called_for():
    registry = Registry()
    registry.add("one", "affekt-one", "1.0", module_with("textwrap:dedent"))
    assert registry.function("respond", "an answer aloud")("  a") == "a"


def test_a_function_that_is_not_installed_is_answered_with_what_to_install():
    wanted = r"an answer aloud needs affekt-reply, which is not installed\nTry: pip install affekt-reply"
    with pytest.raises(MissingDependency, match=wanted):
        Registry().function("respond", "an answer aloud")


def test_a_function_that_cannot_be_imported_names_its_distribution():
    registry = Registry()
    registry.add("one", "affekt-one", "1.0", module_with("textwrap:nothing"))
    with pytest.raises(
        PluginFailed, match=r"affekt_respond of affekt-one 1\.0 \(textwrap:nothing\) cannot be imported"
    ):
        registry.function("respond", "an answer aloud")


def test_two_distributions_with_one_function_are_both_named():
    registry = Registry()
    for name in ("one", "two"):
        registry.add(name, f"affekt-{name}", "1.0", module_with("textwrap:dedent"))
    with pytest.raises(NameTaken, match="affekt-one and affekt-two"):
        registry.function("respond", "an answer aloud")


def test_respond_names_the_distribution_that_is_missing(monkeypatch):
    monkeypatch.setattr(affekt, "plugins", Registry)
    with pytest.raises(MissingDependency, match="Try: pip install affekt-reply"):
        affekt.respond("clip.mp4")


class Say:
    """A reasoner that is never asked."""

    def reason(self, evidence):
        raise AssertionError("there is nothing to judge")


def test_an_analysis_names_the_distribution_that_is_missing(monkeypatch):
    monkeypatch.setattr("affekt.pipeline.plugins", Registry)
    for ask in (Pipeline(reasoner=Say()).analyze, Pipeline(reasoner=Say()).stream):
        with pytest.raises(MissingDependency, match="Try: pip install affekt-recordings"):
            ask(["clip.mp4"])


def test_another_interpreter_names_the_distribution_that_is_missing():
    with pytest.raises(MissingDependency, match="Try: pip install affekt-isolation"):
        Use.model_validate({"use": "far", "python": sys.executable}).create("encoder", Registry())


@pytest.mark.parametrize("name", elsewhere.NAMES)
def test_everyday_names_above_core_come_without_a_warning_and_say_what_is_missing(name, monkeypatch, recwarn):
    monkeypatch.setitem(sys.modules, "affekt_recordings", None)
    wanted = f"affekt.{name} is in affekt-recordings, which is not installed\nTry: pip install affekt-recordings"
    with pytest.raises(MissingDependency, match=wanted):
        getattr(affekt, name)
    assert not recwarn.list


@pytest.mark.parametrize("module", elsewhere.MOVED_MODULES)
def test_a_module_that_moved_says_what_to_install(module, monkeypatch):
    home, names = elsewhere.MOVED_MODULES[module]
    package = home.partition(".")[0]
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setitem(sys.modules, home, None)
    old = import_module(f"affekt.{module}")
    assert getattr(affekt, module) is old
    for name in names.split():
        with (
            pytest.warns(DeprecationWarning, match=rf"affekt\.{module}\.{name} is {home}\."),
            pytest.raises(MissingDependency, match=f"Try: pip install {package.replace('_', '-')}"),
        ):
            getattr(old, name)


@pytest.mark.parametrize("module", elsewhere.MOVED_MODULES)
def test_a_module_that_moved_lacks_what_it_never_held_without_a_word(module, monkeypatch, recwarn):
    for name in (elsewhere.MOVED_MODULES[module][0], elsewhere.MOVED_MODULES[module][0].partition(".")[0]):
        monkeypatch.setitem(sys.modules, name, None)
    assert not hasattr(import_module(f"affekt.{module}"), "exp")  # as pickle asks every module for a function
    assert not recwarn.list


def test_a_name_that_moved_out_of_affekt_warns(monkeypatch):
    home = ModuleType("affekt_reply")
    home.Reply = object()
    monkeypatch.setitem(sys.modules, "affekt_reply", home)
    with pytest.warns(DeprecationWarning, match=r"affekt\.Reply is affekt_reply\.Reply now"):
        assert affekt.Reply is home.Reply


def test_a_name_that_never_was_is_no_attribute():
    with pytest.raises(AttributeError, match="module 'affekt' has no attribute 'nothing'"):
        affekt.nothing  # noqa: B018


def test_importing_affekt_imports_nothing_above_core():
    code = "import sys; before = {*sys.modules}; import affekt; print(*({*sys.modules} - before))"
    imported = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert "affekt.pipeline" in imported
    assert not [name for name in imported if name.startswith("affekt_")]
