"""Weights inside an installed package: used and verified where they lie, and never removed."""

import json
from pathlib import Path

import pytest
from affekt import Registry, hookimpl
from affekt_weights import (
    Bundled,
    BundledSource,
    SourceFailed,
    TrainingData,
    WeightsInfo,
    WrongHash,
    derive,
    fetch,
    find,
    remove,
    status,
    verify,
)
from affekt_weights.commands import app
from typer.testing import CliRunner, Result

from .conftest import CONFIG, MODEL, Shelf, promise


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of weights in a package on the path, whose import would fail."""
    package = tmp_path / "site" / "affekt_carrying"
    (package / "data" / "deep").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported to look at its files')")
    (package / "data" / "model.bin").write_bytes(MODEL)
    (package / "data" / "deep" / "config.json").write_bytes(CONFIG)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    return package / "data"


@pytest.fixture
def carried(folder: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> WeightsInfo:
    """What an installed plugin announces beside weights that are pulled."""
    info = WeightsInfo(
        name="carried",
        summary="A model of 16 kB",
        files=(promise("model.bin", MODEL), promise("deep/config.json", CONFIG)),
        sources=(BundledSource(package="affekt_carrying", distribution="affekt-carrying", folder="data"),),
        licence="CC-BY-NC-SA-4.0",
        restrictions="not for commercial use",
        trained_on=(TrainingData(name="RAVDESS", licence="CC-BY-NC-SA-4.0"), TrainingData(name="A[b]", licence="MIT")),
    )

    class Plugin:
        @hookimpl
        def affekt_weights(self) -> list[WeightsInfo]:
            return [info, shelf.tiny()]

    registry = Registry()
    registry.add("carrying", "affekt-carrying", "0.1.0", Plugin())
    for name in ("affekt_weights.entries.plugins", "affekt.plugins", "affekt.spec.plugins"):
        monkeypatch.setattr(name, lambda: registry)
    return info


def test_they_are_used_where_they_lie_and_never_copied(carried: WeightsInfo, folder: Path, cache: Path) -> None:
    assert fetch("carried") == find("carried") == verify("carried") == folder
    assert (status(carried).state, status(carried).source) == ("bundled", "distribution:affekt-carrying")
    assert not cache.exists()


def test_what_is_made_from_them_lies_in_the_cache(carried: WeightsInfo, cache: Path) -> None:
    made = derive(
        carried, "copy-1", lambda pulled, empty: (empty / "m").write_bytes((pulled / "model.bin").read_bytes())
    )
    assert (made / "m").read_bytes() == MODEL
    assert made.parent == cache


def test_list_says_that_they_are_bundled_and_what_they_were_trained_on(carried: WeightsInfo) -> None:
    said = run("list").stdout
    assert "carried  bundled" in said
    assert "trained on: RAVDESS (CC-BY-NC-SA-4.0), A[b] (MIT)" in said
    row, _ = json.loads(run("list", "--json").stdout)["weights"]
    assert (row["state"], row["sources"]) == ("bundled", ["distribution:affekt-carrying"])
    assert row["trained_on"][0] == {"name": "RAVDESS", "licence": "CC-BY-NC-SA-4.0"}


def test_pull_says_that_they_are_there(carried: WeightsInfo, folder: Path) -> None:
    said = run("pull", "carried")
    assert said.stdout == f"carried comes with affekt-carrying, in {folder}\n"
    assert said.stderr == "", "no terms of a download that does not take place"


@pytest.mark.parametrize("old", [b"\x00", b"\xff"])
def test_verify_reports_one_changed_byte_and_leaves_the_file(carried: WeightsInfo, folder: Path, old: bytes) -> None:
    assert run("verify").stdout == "carried is as promised\n"
    file = folder / "model.bin"
    file.write_bytes(MODEL.replace(old, b"\x01", 1))
    said = run("verify")
    assert said.exit_code == 1
    assert "not those that affekt-carrying came with: model.bin" in said.stderr
    assert "Try: pip install --force-reinstall --no-deps affekt-carrying" in said.stderr
    assert file.is_file()


def test_a_missing_file_is_damage_and_no_download(carried: WeightsInfo, folder: Path) -> None:
    (folder / "deep" / "config.json").unlink()
    assert status(carried).state == "damaged"
    assert find(carried) is None
    with pytest.raises(WrongHash, match=r"(?s)a file is missing.*Try: pip install --force-reinstall"):
        fetch(carried)


def test_they_go_with_their_distribution_only(carried: WeightsInfo, folder: Path) -> None:
    fetch("tiny")
    with pytest.raises(
        Bundled, match=r"(?s)come with affekt-carrying, and go with it.*Try: pip uninstall affekt-carrying"
    ):
        remove(carried)
    said = run("remove", "tiny", "carried")
    assert said.exit_code == 2
    assert find("tiny") is not None, "a refused command removes nothing"
    assert run("remove", "--all").stdout == "tiny removed\n"
    assert (folder / "model.bin").is_file()


def test_a_package_that_is_not_installed_is_named() -> None:
    lost = BundledSource(package="affekt_nowhere", distribution="affekt-nowhere")
    info = WeightsInfo(name="lost", summary="s", files=(promise("model.bin", MODEL),), sources=(lost,), licence="MIT")
    with pytest.raises(
        SourceFailed, match=r"(?s)no installed package \"affekt_nowhere\".*Try: pip install affekt-nowhere"
    ):
        fetch(info)
