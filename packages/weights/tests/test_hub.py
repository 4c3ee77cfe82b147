"""The real hub client against a hub of our own on this machine, in processes that start with its address."""

import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from affekt_weights import HubSource, WeightsInfo

from .conftest import CONFIG, MODEL, digest, promise

COMMIT = "c" * 40
INFO = WeightsInfo(
    name="tiny",
    summary="s",
    licence="MIT",
    files=(promise("model.bin", MODEL), promise("config.json", CONFIG)),
    sources=(HubSource(repo="someone/tiny", revision=COMMIT, files={"model.bin": "weights/model.bin"}),),
)
FILES = {"weights/model.bin": MODEL, "config.json": CONFIG, "pickle.pkl": b"evil"}


class Hub(http.server.BaseHTTPRequestHandler):
    asked: list[str] = []  # noqa: RUF012

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.asked.append(self.path)
        name = self.path.partition(f"/resolve/{COMMIT}/")[2]
        if self.path.startswith("/api/models/someone/tiny"):
            tree = [{"type": "file", "path": name, "size": len(data), "oid": ""} for name, data in FILES.items()]
            about = {"id": "someone/tiny", "sha": COMMIT, "siblings": []}
            self._answer(json.dumps(tree if "/tree/" in self.path else about).encode())
        elif self.path.startswith("/someone/tiny/") and name in FILES:
            self._answer(FILES[name])
        else:
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("ETag", f'"{digest(body)}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hub]]:
    Hub.asked = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    yield Hub
    server.shutdown()
    server.server_close()


def run(expression: str, **environment: str) -> tuple[str, str]:
    """Evaluates in a fresh process, where the client reads its settings from the environment."""
    code = "from affekt_weights import *\nfrom affekt_weights.fetching import *\n"
    code += f"try: print({expression})\nexcept Exception as e: print(type(e).__name__, e)"
    environment = {**os.environ, **environment}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=100)
    return done.stdout.strip(), done.stderr


def test_files_come_from_the_hub_and_are_checked(hub: type[Hub], cache: Path) -> None:
    folder, errors = run(f"fetch({INFO!r})")
    assert (Path(folder) / "model.bin").read_bytes() == MODEL, errors
    assert (Path(folder) / "config.json").read_bytes() == CONFIG
    assert sorted(path.name for path in cache.iterdir()) == [".locks", INFO.folder]
    assert not any("pickle" in path for path in hub.asked)

    wrong = replace(INFO, files=(promise("model.bin", MODEL), promise("config.json", b'{"layers": 3}\n')))
    said, _ = run(f"fetch({wrong!r})")
    assert said.startswith("WrongHash")
    assert not list(cache.rglob(f"{wrong.folder}*/config.json"))


def test_a_repository_of_no_manifest_is_taken_without_its_pickles(hub: type[Hub], cache: Path) -> None:
    said, errors = run(f"fetch('someone/tiny', revision={COMMIT!r})")
    assert (Path(said) / "config.json").read_bytes() == CONFIG, errors
    assert [path.name for path in Path(said).iterdir()] == ["config.json"]

    asked = len(hub.asked)
    for off in ("AFFEKT_OFFLINE", "HF_HUB_OFFLINE"):
        assert run(f"fetch('someone/tiny', revision={COMMIT!r})", **{off: "1"})[0] == said
    assert len(hub.asked) == asked, "offline it comes from the hub's cache"


def test_offline_the_hub_is_not_asked(hub: type[Hub], cache: Path) -> None:
    assert run(f"fetch({INFO!r})", AFFEKT_OFFLINE="1")[0].startswith("Offline")
    said, _ = run(f"fetch({INFO!r})", HF_HUB_OFFLINE="1")
    assert said.startswith("SourceFailed")
    assert "the hub is off" in said
    assert run("fetch('someone/tiny')", HF_HUB_OFFLINE="1")[0].startswith("Offline")
    assert hub.asked == []


def test_an_unknown_repository_is_one_clear_error(hub: type[Hub]) -> None:
    said, _ = run("fetch('someone/else')")
    assert said.startswith('NotInManifest "someone/else" is neither weights of a plugin nor a Hugging Face repository')
    assert said.splitlines()[-1].startswith("Try: ")
