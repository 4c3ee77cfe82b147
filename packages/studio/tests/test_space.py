"""The folder of a Space, and the steps of its Dockerfile."""

import html
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

import affekt
import numpy as np
import pytest
import soundfile
import yaml
from affekt import DataError, PipelineSpec
from affekt_studio.app import make_app, make_studio
from affekt_studio.config import StudioConfig
from affekt_studio.pinning import BOUNDS, pins, resolved
from affekt_studio.security import Access
from affekt_studio.space import write_space
from packaging.requirements import Requirement
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


@pytest.fixture(scope="module")
def gradio_space(tmp_path_factory, cheap, sound):
    """A Gradio Space over the cheap pipeline, with one example."""
    pytest.importorskip("uv")
    folder = tmp_path_factory.mktemp("gradio") / "space"
    write_space(folder, "gradio", [sound], str(cheap))
    return folder


def test_a_gradio_space_asks_for_what_zerogpu_runs(gradio_space):
    front = front_of(gradio_space)
    assert (front["sdk"], front["app_file"], front["suggested_hardware"]) == ("gradio", "app.py", "zero-a10g")
    assert front["python_version"] == "3.12.12"
    assert len(front["short_description"]) <= 60
    lines = (gradio_space / "requirements.txt").read_text().splitlines()
    pinned = {Requirement(line).name: Requirement(line).specifier for line in lines if "[" not in line}
    assert all(len(versions) == 1 and next(iter(versions)).operator == "==" for versions in pinned.values())
    assert str(pinned["torch"]) == "==2.10.0"
    assert str(pinned["gradio"]) == f"=={front['sdk_version']}"
    # What Spaces install beside it must fit: gradio[mcp] refuses newer ones.
    assert pinned["pydantic"].contains("2.12.5")
    # What the pipeline's components come with, and not the studio, which does not run there.
    assert {"affekt-basics", "affekt-prosody", "affekt-kokoro", "affekt-report", "spaces"} <= set(pinned)
    assert not {"affekt", "affekt-studio", "affekt-emotion-llama"} & set(pinned)
    assert PipelineSpec.read(gradio_space / "pipeline.yaml").name == "cheap"


def test_a_gradio_space_cannot_ship_wheels(tmp_path):
    with pytest.raises(DataError, match="cannot ship wheels"):
        write_space(tmp_path / "space", "gradio", wheels=tmp_path)


def test_versions_are_those_of_another_python(tmp_path):
    pytest.importorskip("uv")
    lines = resolved(["affekt-core"], "3.12", ["async-timeout; python_version < '3.12'", "packaging<26"])
    assert f"affekt-core=={metadata.version('affekt-core')}" in lines
    assert not any(line.startswith("async-timeout") for line in lines)
    version = next(line.partition("==")[2] for line in lines if line.startswith("packaging"))
    assert version.startswith("25.")  # the version that is installed here does not fit
    assert f"pluggy=={metadata.version('pluggy')}" in lines
    with pytest.raises(DataError, match=r"no versions for Python 3\.12"):
        resolved(["affekt-core"], "3.12", ["onnxruntime>=1.29"])  # which reports usage


def test_what_is_shunned_here_is_shunned_in_a_space():
    lines = (Path(__file__).parents[3] / "bounds.txt").read_text(encoding="utf-8").splitlines()
    assert set(BOUNDS) <= {line.partition("#")[0].strip() for line in lines}


@pytest.fixture(scope="module")
def gradio_page(gradio_space, tmp_path_factory):
    """A client of its page, which a process of its own serves as on a Space."""
    gradio_client = pytest.importorskip("gradio_client")
    pytest.importorskip("gradio")
    folder = tmp_path_factory.mktemp("page")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"GRADIO_SERVER_PORT": str(port), "GRADIO_TEMP_DIR": str(folder / "cache")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # to compile Gradio takes longer than all that is asked here
    process = subprocess.Popen(
        [sys.executable, "app.py"], cwd=gradio_space, env=environment, stdout=(folder / "log").open("wb"),
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    while "Running on local URL" not in (folder / "log").read_text():
        assert process.poll() is None, (folder / "log").read_text()
        time.sleep(0.1)
    yield gradio_client.Client(f"http://127.0.0.1:{port}", verbose=False)
    process.kill()
    process.wait()


def upload(path):
    """A recording as Gradio's client takes it."""
    import gradio_client

    return gradio_client.handle_file(path)


def reported(frame):
    """The report in a frame that may run nothing and reach nothing."""
    found = re.fullmatch(r'<iframe class="report" title="Report" sandbox srcdoc="([^"]*)"></iframe>', frame)
    return html.unescape(found[1])


def test_the_page_of_a_gradio_space_says_what_is_felt_and_why(gradio_page, cheap, sound):
    said, why, frame = gradio_page.predict(upload(sound), api_name="/analyze_sound")
    felt = affekt.load(str(cheap)).analyze(sound)
    assert (said, why) == (f"{felt.label} ({felt.scores[felt.label]:.0%})", felt.rationale)
    report = reported(frame)
    assert "tone.wav" in report
    assert felt.rationale in report
    assert "cache" not in report  # the folder of uploads


def test_it_shows_examples_as_they_were_shipped_and_no_other_files(gradio_page, gradio_space):
    from gradio_client.exceptions import AppError

    frame = gradio_page.predict("tone", api_name="/example")
    assert reported(frame) == (gradio_space / "examples/tone.html").read_text(encoding="utf-8")
    with pytest.raises(AppError, match="not in the list of choices"):
        gradio_page.predict("../README", api_name="/example")


def test_what_it_refuses_is_said_with_what_to_do_and_without_a_path(gradio_page, tmp_path):
    from gradio_client.exceptions import AppError

    (tmp_path / "notes.wav").write_text("no sound & no picture")
    with pytest.raises(AppError, match="Try: a media file") as refused:
        gradio_page.predict(upload(tmp_path / "notes.wav"), api_name="/analyze_sound")
    assert str(refused.value).startswith('"notes.wav": this holds text')
    assert "&amp;" in str(refused.value)  # the page shows it as HTML
    soundfile.write(tmp_path / "long.wav", np.zeros(121 * 8000, np.int16), 8000)
    with pytest.raises(AppError, match="Up to 120 s are taken; the recording lasts 121 s"):
        gradio_page.predict(upload(tmp_path / "long.wav"), api_name="/analyze_sound")
    with pytest.raises(AppError, match="no recording yet"):
        gradio_page.predict(None, api_name="/analyze")


def test_it_answers_aloud_in_an_emotion(gradio_page, sound):
    gradio_page.reset_session()
    from gradio_client.exceptions import AppError

    with pytest.raises(AppError, match="Nothing was heard yet"):
        gradio_page.predict("Yes.", api_name="/answer")
    spoken = gradio_page.predict("Yes.", "happy", 0.6, "af_heart", api_name="/answer")
    samples, rate = soundfile.read(spoken)
    assert rate == 24_000
    assert 0.2 < len(samples) / rate < 3
    assert np.abs(samples).max() > 0.05


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
