from importlib import metadata

import pytest
from affekt.registry import discover
from affekt_cli import checkup


@pytest.fixture
def registry(site, monkeypatch):
    monkeypatch.syspath_prepend(site)
    points = [point for point in metadata.entry_points(group="affekt") if point.name == "made-up"]
    return discover(points, metadata.version("affekt-core"))


def test_what_is_fine_and_what_is_broken_is_told_with_its_reason(registry):
    steps = []
    findings = {(f.section, f.name): f for f in checkup.examine(registry, steps.append)}
    assert findings["components", "glad (reasoner)"].state == "fine"
    assert findings["commands", "made-up"].state == "fine"
    assert findings["distributions", "affekt-core"].state == "fine"
    assert ("environment", "python") in findings
    shattered = findings["commands", "shattered"]
    assert shattered.state == "broken"
    assert "shattered at import" in shattered.text
    assert steps[0] == "environment"
    assert "reasoner glad" in steps


def test_a_component_that_cannot_be_imported_is_broken_and_the_others_are_fine(registry, site, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "made_up_components", None)
    states = {f.name: f.state for f in checkup.components(registry, print)}
    assert set(states.values()) == {"broken"}


def test_requirements_are_those_of_this_machine_without_extras():
    required = list(checkup._requirements("affekt-cli"))
    assert any(line.startswith("typer") for line in required)
    assert not any("affekt-voices" in line for line in required)
