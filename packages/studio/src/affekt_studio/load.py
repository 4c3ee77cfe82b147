"""`affekt studio load`: requests a second and p95 of a studio, against the same work without a server.

A server of its own is started over the pipeline. First the recording is analysed in this process, then through the API,
one request after the other and several at a time. Memory is that of the server and its workers, ten times on the way.
"""

import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import psutil  # type: ignore[import-untyped]
from affekt import PipelineSpec

from affekt_studio.client import Client
from affekt_studio.results import write_analysis


def measure(clip: Path, pipeline: str, requests: int, at_once: int, more: int = 0) -> dict[str, Any]:
    """All figures, as plain data.

    Args:
        requests: of each kind that is timed.
        more: requests after those, during which only the memory is looked at.
    """
    running = PipelineSpec.read(pipeline).build()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def directly(number: int) -> None:
            write_analysis(running.analyze(clip), clip.name, folder / "direct" / str(number))

        directly(-1)  # loads the models
        alone = _timed(directly, requests, 1, psutil.Process())
        running.close()
        with Served(folder / "studio", pipeline) as (address, token, process), Client(address, token) as client:

            def through_the_api(number: int) -> None:
                client.remove(_analysed(client, clip))

            through_the_api(-1)
            memory = [(0, _memory(process))]
            served = _timed(through_the_api, requests, 1, process)
            together = _timed(through_the_api, requests, at_once, process)
            done = 2 * requests
            for tenth in range(10):
                memory.append((done, _memory(process)))
                step = more * (tenth + 1) // 10 - more * tenth // 10
                if step:
                    _timed(through_the_api, step, at_once, process)
                    done += step
            memory.append((done, _memory(process)))
    return {
        "requests": requests, "without_server": alone, "one_at_a_time": served, f"{at_once}_at_once": together,
        "overhead": round(served["median"] / alone["median"] - 1, 4),
        "overhead_of_the_processor": round(served["processor"] / alone["processor"] - 1, 4),
        "memory_mb": {number: round(held / 1e6) for number, held in memory},
    }  # fmt: skip


def _analysed(client: Client, clip: Path) -> str:
    id = str(client.submit(clip)["id"])
    client.result(id)
    return id


def _timed(act: Callable[[int], None], times: int, at_once: int, worker: psutil.Process) -> dict[str, float]:
    """Requests a second, median and p95 in seconds, and the processor's seconds a request in the tree of a process.

    Those of the processor do not depend on what else the machine does meanwhile.
    """

    def timed(number: int) -> float:
        began = time.perf_counter()
        act(number)
        return time.perf_counter() - began

    began, busy = time.perf_counter(), _processor(worker)
    with ThreadPoolExecutor(at_once) as threads:
        seconds = sorted(threads.map(timed, range(times)))
    elapsed = time.perf_counter() - began
    return {
        "per_second": round(times / elapsed, 3), "median": round(statistics.median(seconds), 4),
        "p95": round(seconds[min(len(seconds) - 1, round(0.95 * len(seconds)))], 4),
        "processor": round((_processor(worker) - busy) / times, 4),
    }  # fmt: skip


def _memory(process: psutil.Process) -> int:
    """Bytes that the server and its workers hold."""
    return sum(int(member.memory_info().rss) for member in (process, *process.children(recursive=True)))


def _processor(process: psutil.Process) -> float:
    """Seconds of the processor that a process, its children and those of them that have ended took."""
    return sum(sum(member.cpu_times()[:4]) for member in (process, *process.children(recursive=True)))


class Served:
    """A studio in a process of its own, without limits on rate."""

    def __init__(self, folder: Path, pipeline: str) -> None:
        self.folder, self.pipeline = folder, pipeline

    def __enter__(self) -> tuple[str, str, psutil.Process]:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        token = secrets.token_urlsafe(16)
        command = [
            sys.executable, "-m", "affekt_studio", "--port", str(port), "--folder", str(self.folder), "--token", token,
            "--no-browser", "--pipeline", f"measured={self.pipeline}", "--rate", "1000000",
        ]  # fmt: skip
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        address = f"http://127.0.0.1:{port}"
        self._wait(address)
        return address, token, psutil.Process(self.process.pid)

    def _wait(self, address: str) -> None:
        while self.process.poll() is None:
            try:
                if httpx2.get(f"{address}/readyz").status_code == 200:
                    return
            except httpx2.HTTPError:
                pass
            time.sleep(0.2)
        raise RuntimeError("the server has ended")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()
