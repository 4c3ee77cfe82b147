"""The folder of a Space, and the steps of its Dockerfile."""

import json
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from affekt import DataError
from affekt_studio.app import make_app, make_studio
from affekt_studio.config import StudioConfig
from affekt_studio.security import Access
from affekt_studio.space import pins, write_space
from starlette.testclient import TestClient


def front_of(folder):
    """The front matter that Spaces read."""
    return yaml.safe_load((folder / "README.md").read_text(encoding="utf-8").split("---")[1])


def test_a_docker_space_has_its_front_matter_and_pins_every_version(tmp_path):
    write_space(tmp_path / "space", "docker")
    front = front_of(tmp_path / "space")
    assert (front["sdk"], front["app_port"]) == ("docker", 7860)
    assert len(front["short_description"]) <= 60
    lines = (tmp_path / "space" / "requirements.txt").read_text().splitlines()
    assert lines[0].startswith("--extra-index-url ")
    assert all(re.fullmatch(r"[a-z0-9-]+(\[[a-z,0-9-]+\])?==[^+\s]+", line) for line in lines[1:])
    names = {re.split(r"[\[=]", line)[0] for line in lines[1:]}
    assert {"affekt", "affekt-studio", "fastapi", "torch", "uvicorn"} <= names
    assert f"fastapi=={metadata.version('fastapi')}" in lines


def test_the_dockerfile_does_what_a_space_asks_for(tmp_path):
    write_space(tmp_path / "space", "docker")
    text = (tmp_path / "space" / "Dockerfile").read_text().replace("\\\n", "")
    steps = [line for line in text.splitlines() if not line.startswith("#")]
    kinds = [step.split()[0] for step in steps]
    assert kinds[0] == "FROM"
    assert ":latest" not in steps[0]
    assert ":" in steps[0]
    assert kinds.index("USER") < kinds.index("CMD")  # Spaces run as user 1000
    assert any("--uid 1000" in step for step in steps)
    assert all("rm -rf /var/lib/apt/lists" in step for step in steps if "apt-get install" in step)
    command = json.loads(steps[-1].removeprefix("CMD "))
    assert command[:2] == ["affekt", "studio"]
    from affekt_studio.commands import app
    from typer.main import get_command

    options = {option for parameter in get_command(app).params for option in parameter.opts}
    assert {part for part in command if part.startswith("--")} <= options


def test_hadolint_finds_nothing_in_the_dockerfile(tmp_path):
    hadolint = shutil.which("hadolint") or shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if hadolint is None:
        pytest.skip("hadolint is not installed")
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    (wheels / f"affekt_studio-{metadata.version('affekt-studio')}-py3-none-any.whl").touch()
    for name, more in (("plain", {}), ("with-wheels", {"wheels": wheels})):
        write_space(tmp_path / name, "docker", **more)
        found = subprocess.run([hadolint, str(tmp_path / name / "Dockerfile")], capture_output=True, text=True)
        assert (found.returncode, found.stdout) == (0, "")


def test_wheels_that_are_shipped_are_those_that_the_space_installs(tmp_path):
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    version = metadata.version("affekt-studio")
    for name in (f"affekt_studio-{version}", "affekt_studio-99.0", "something_else-1.0"):
        (wheels / f"{name}-py3-none-any.whl").touch()
    files = write_space(tmp_path / "space", "docker", wheels=wheels)
    shipped = [path.name for path in files if path.suffix == ".whl"]
    assert shipped == [f"affekt_studio-{version}-py3-none-any.whl"]
    assert "--find-links wheels\n" in (tmp_path / "space/requirements.txt").read_text()
    steps = (tmp_path / "space/Dockerfile").read_text()
    assert steps.index("COPY --chown=1000 wheels wheels") < steps.index("pip install")
    (wheels / f"affekt_studio-{version}-py3-none-any.whl").unlink()
    with pytest.raises(DataError, match="no wheel"):
        write_space(tmp_path / "other", "docker", wheels=wheels)


def test_a_docker_space_shows_its_examples_with_their_results(tmp_path, cheap, sound):
    write_space(tmp_path / "space", "docker", [sound], str(cheap))
    assert '"--examples", "examples"]' in (tmp_path / "space/Dockerfile").read_text()
    config = StudioConfig(
        folder=tmp_path / "data", pipelines={"cheap": str(cheap)}, workers=0, examples=tmp_path / "space/examples"
    )
    with TestClient(make_app(make_studio(config, Access(token="", port=80, hosts=("testserver",))))) as client:
        (example,) = client.get("/v1/examples").json()
        assert example == {"name": "tone", "address": "/examples/tone.html"}
        report = client.get(example["address"])
        assert "tone.wav" in report.text
        assert "script-src" not in report.headers["Content-Security-Policy"]
        assert client.get("/examples/tone.wav").content == sound.read_bytes()
        assert client.get("/examples/../Dockerfile").status_code == 404
        assert client.get("/examples/%2e%2e/Dockerfile").status_code == 404


def test_a_static_space_holds_results_that_need_no_server(tmp_path, cheap, sound):
    write_space(tmp_path / "space", "static", [sound], str(cheap))
    assert front_of(tmp_path / "space")["app_file"] == "index.html"
    assert '<a href="tone.html">tone</a>: excited' in (tmp_path / "space" / "index.html").read_text()
    assert "tone.wav" in (tmp_path / "space" / "tone.html").read_text()
    assert "<script" not in (tmp_path / "space" / "tone.html").read_text()


def test_nothing_is_overwritten_and_nothing_empty_is_shown(tmp_path, sound):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(DataError, match="not empty"):
        write_space(tmp_path / "full", "docker")
    with pytest.raises(DataError, match="no recording"):
        write_space(tmp_path / "new", "static")


def test_versions_of_what_is_not_installed_are_not_made_up():
    with pytest.raises(DataError, match="not installed"):
        pins(["no-such-distribution"])
