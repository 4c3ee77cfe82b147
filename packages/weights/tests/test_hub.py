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
    asked: list[str] = []

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


def run(*expressions: str, **environment: str) -> list[str]:
    """Evaluates in a fresh process, where the client reads its settings from the environment."""
    code = "from affekt_weights import *\nfrom affekt_weights.fetching import *\n"
    for expression in expressions:
        code += f"try: print({expression})\n"
        code += "except Exception as e: print(type(e).__name__, str(e).replace(chr(10), ' | '))\n"
    environment = {**os.environ, **environment}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_files_come_from_the_hub_and_are_checked(hub: type[Hub], cache: Path) -> None:
    wrong = replace(INFO, files=(promise("model.bin", MODEL), promise("config.json", b'{"layers": 3}\n')))
    folder, refused = run(f"fetch({INFO!r})", f"fetch({wrong!r})")
    assert (Path(folder) / "model.bin").read_bytes() == MODEL
    assert (Path(folder) / "config.json").read_bytes() == CONFIG
    assert not any("pickle" in path for path in hub.asked)
    assert refused.startswith("WrongHash")
    assert sorted(path.name for path in cache.iterdir()) == [".locks", INFO.folder]


def test_a_repository_of_no_manifest_is_taken_without_its_pickles(hub: type[Hub], cache: Path) -> None:
    ask = f"fetch('someone/tiny', revision={COMMIT!r})"
    folder, unknown = run(ask, "fetch('someone/else')")
    assert [path.name for path in Path(folder).iterdir()] == ["config.json"]
    assert unknown.startswith('NotInManifest "someone/else" is neither weights of a plugin nor a Hugging Face')
    assert " | Try: " in unknown

    (asked_for,) = run(ask.replace(")", ", files=['weights/*.bin'])"))
    assert (Path(asked_for) / "weights" / "model.bin").read_bytes() == MODEL

    asked = len(hub.asked)
    assert run(ask, AFFEKT_OFFLINE="1") == [folder]
    assert len(hub.asked) == asked, "offline it comes from the hub's cache"


def test_offline_the_hub_is_not_asked(hub: type[Hub], cache: Path) -> None:
    (offline,) = run(f"fetch({INFO!r})", AFFEKT_OFFLINE="1")
    assert offline.startswith("Offline")
    entry, repository = run(f"fetch({INFO!r})", "fetch('someone/tiny')", HF_HUB_OFFLINE="1")
    assert entry.startswith("SourceFailed")
    assert "the hub is off" in entry
    assert repository.startswith("Offline")
    assert hub.asked == []
