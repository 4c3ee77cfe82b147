import shutil
import tomllib
from pathlib import Path

import pytest
from affekt_cli.main import app
from affekt_testing.lowest import LowestFailed, direct_versions, local_sources, prove
from typer.testing import CliRunner

ROOT = Path(__file__).resolve().parents[3]
PROSODY = ROOT / "plugins" / "prosody"


def test_a_checkout_serves_what_the_plugin_needs_of_it_and_nothing_else():
    files = [folder / "pyproject.toml" for folder in local_sources(PROSODY)]
    names = {tomllib.loads(file.read_text())["project"]["name"] for file in files}
    assert names == {"affekt-prosody", "affekt-core", "affekt-testing"}


def test_every_bound_is_shown_with_the_version_it_got():
    said = direct_versions(PROSODY, "affekt-core==0.1.0\nnumpy==1.26.0\nscipy==1.11.1\n").splitlines()
    assert "numpy>=1.26 → 1.26.0" in said
    assert "soxr>=0.5 → ?" in said


def test_what_is_no_plugin_is_refused(tmp_path):
    with pytest.raises(LowestFailed, match="holds no pyproject"):
        prove(tmp_path, tmp_path, [], [])


@pytest.mark.network
@pytest.mark.skipif(shutil.which("uv") is None, reason="needs uv")
def test_the_kit_passes_at_the_lowest_versions(monkeypatch):
    monkeypatch.setenv("UV_CONSTRAINT", str(ROOT / "bounds.txt"))  # the lock of these tests holds newer versions
    done = CliRunner().invoke(app, ["kit", "lowest", str(ROOT / "plugins" / "basics")])
    assert done.exit_code == 0, done.output
    assert "numpy>=1.26 → 1.26" in done.output
    assert done.output.endswith("The kit passes.\n")
