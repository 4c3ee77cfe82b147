import json
from importlib import metadata

import pytest
from affekt.discovery import discover
from affekt_cli import checkup


@pytest.fixture
def registry(site, monkeypatch):
    monkeypatch.syspath_prepend(site)
    points = [point for point in metadata.entry_points(group="affekt") if point.name == "made-up"]
    return discover(points, metadata.version("affekt-core"))


def test_what_is_fine_and_what_is_broken_is_told_with_its_reason(registry):
    steps = []
    findings = {(f.section, f.name): f for f in checkup.examine(registry, {"doctor"}, steps.append)}
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


def test_a_pipeline_whose_components_are_not_installed_is_not_broken(registry):
    findings = {finding.name: finding for finding in checkup.pipelines(registry)}
    assert findings["made-up"].state == "fine"
    assert findings["paper"].state == "not installed"
    assert findings["paper"].hint == 'pip install "affekt[emotion-llama]"'
    assert "affekt-eva, affekt-hubert, affekt-mae, affekt-videomae" in findings["paper"].text
    assert findings["faulty"].state == "broken", "an option is wrong, whatever is installed"
    assert 'Did you mean "happy"' in findings["faulty"].text


def test_doctor_exits_with_0_where_things_are_only_not_installed(bare, site, monkeypatch):
    faulty = site / "made_up_package/faulty.yaml"
    broken = faulty.read_text()
    assert bare("doctor").returncode == 1
    try:
        faulty.write_text("encoders: {speech: hubert}\nreasoner: glad\n")
        done = bare("doctor")
        told = json.loads(bare("doctor", "--json").stdout)
    finally:
        faulty.write_text(broken)
    assert done.returncode == 0, done.stdout
    assert "nothing is broken, 2 not installed" in done.stdout
    assert "pip install affekt-hubert" in done.stdout
    assert (told["broken"], told["not_installed"]) == (0, 2)
    states = {finding["name"]: finding["state"] for finding in told["findings"] if finding["section"] == "pipelines"}
    assert states == {"made-up": "fine", "paper": "not installed", "faulty": "not installed"}
