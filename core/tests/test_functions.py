"""What core calls and does not hold: functions that distributions above it announce."""

import sys
from importlib import import_module
from types import ModuleType

import affekt
import pytest
from affekt import MissingDependency, NameTaken, PluginFailed, Registry, hookimpl
from affekt.hooks import FunctionInfo
from affekt.moved import moved


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


def test_a_name_that_moved_within_core_is_found_under_its_old_path():
    with pytest.warns(DeprecationWarning, match=r"affekt\.pipeline\.Interrupted is affekt\.analyzing\.Interrupted now"):
        assert import_module("affekt.pipeline").Interrupted is affekt.Interrupted


def test_a_name_that_moved_to_what_is_not_installed_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "affekt_elsewhere", None)
    get = moved("affekt.old", {"thing": "affekt_elsewhere:thing"})
    with (
        pytest.warns(DeprecationWarning, match="affekt.old.thing is affekt_elsewhere.thing now"),
        pytest.raises(MissingDependency, match="Try: pip install affekt-elsewhere"),
    ):
        get("thing")
    with pytest.raises(AttributeError, match="no attribute 'other'"):
        get("other")
