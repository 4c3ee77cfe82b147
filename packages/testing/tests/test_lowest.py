import shutil
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest
from affekt_cli.main import app
from affekt_testing.lowest import LowestFailed, direct_versions, find_links, local_sources, pin_lowest, prove
from typer.testing import CliRunner

ROOT = Path(__file__).resolve().parents[3]
PROSODY = ROOT / "plugins" / "prosody"


def test_a_checkout_serves_what_the_plugin_needs_of_it_and_nothing_else():
    files = [folder / "pyproject.toml" for folder in local_sources(PROSODY)]
    names = {tomllib.loads(file.read_text())["project"]["name"] for file in files}
    assert names == {"affekt-prosody", "affekt-core", "affekt-testing", "affekt-weights"}


def test_every_bound_is_shown_with_the_version_it_got():
    said = direct_versions(PROSODY, "affekt-core==0.1.0\nnumpy==1.26.0\nscipy==1.11.1\n").splitlines()
    assert "numpy>=1.26 → 1.26.0" in said
    assert "soxr>=0.5 → ?" in said


def test_what_is_no_plugin_is_refused(tmp_path):
    with pytest.raises(LowestFailed, match="holds no pyproject"):
        prove(tmp_path, tmp_path, [], [])


@pytest.mark.skipif(shutil.which("uv") is None, reason="needs uv")
def test_folders_that_the_user_names_to_uv_are_searched_besides_the_checkouts(tmp_path, monkeypatch):
    for folder, name in (("checkout", "made_up_local"), ("user", "made_up_wheel")):
        _wheel(tmp_path / folder, name)
    dependencies = 'dependencies = ["made-up-local>=1", "made-up-wheel>=1"]'
    (tmp_path / "pyproject.toml").write_text(f'[project]\nname = "made-up"\nversion = "1"\n{dependencies}\n')
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path / "user"))
    for variable in ("UV_OFFLINE", "UV_NO_INDEX"):
        monkeypatch.setenv(variable, "1")
    pins = tmp_path / "pins.txt"
    pin_lowest(tmp_path, pins, ["--quiet", *find_links(tmp_path / "checkout")])
    assert set(pins.read_text().split()) == {"made-up-local==1.0", "made-up-wheel==1.0"}


def _wheel(folder, name):
    folder.mkdir()
    info = f"{name}-1.0.dist-info"
    with ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


@pytest.mark.network
@pytest.mark.skipif(shutil.which("uv") is None, reason="needs uv")
def test_the_kit_passes_at_the_lowest_versions(monkeypatch):
    monkeypatch.setenv("UV_CONSTRAINT", str(ROOT / "bounds.txt"))  # the lock of these tests holds newer versions
    done = CliRunner().invoke(app, ["kit", "lowest", str(ROOT / "plugins" / "basics")])
    assert done.exit_code == 0, done.output
    assert "numpy>=1.26 → 1.26" in done.output
    assert done.output.endswith("The kit passes.\n")
