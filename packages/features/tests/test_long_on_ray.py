"""What takes minutes: a cluster that loses a machine, and a store that is out of reach for a minute.

    AFFEKT_LONG_RAY=1 pytest packages/features/tests/test_long_on_ray.py

Each starts servers of its own in other processes. The store needs moto and s3fs, which do not fit the versions that
this repository is locked to: an environment with `moto[server]`, `s3fs`, `ray[data]` and the workspace's distributions.
"""

import importlib.util
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from affekt_datasets import Sample
from affekt_features.extraction import extract
from affekt_features.job import Job

pytestmark = pytest.mark.skipif("AFFEKT_LONG_RAY" not in os.environ, reason="takes minutes; AFFEKT_LONG_RAY=1 runs it")

LOSING_A_NODE = """
    import os, time
    from affekt_features.on_ray import QUIET, over_actors

    os.environ.update(QUIET)
    import ray
    from ray.cluster_utils import Cluster

    class Slow:
        def __call__(self, batch):
            time.sleep(0.3)
            return {**batch, "node": [ray.get_runtime_context().get_node_id() for _ in batch["number"]]}

    memory = {"object_store_memory": 80_000_000}
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False, **memory})
    nodes = [cluster.add_node(num_cpus=2, **memory) for _ in range(3)]
    cluster.wait_for_nodes()
    seen, lost = [], None
    for row in over_actors(Slow, (), [{"number": n} for n in range(60)], workers=3, address=cluster.address):
        seen.append(int(row["number"]))
        if lost is None and len(seen) >= 6:
            lost = next((node for node in nodes if node.node_id == row["node"]), None)
            if lost is not None:
                cluster.remove_node(lost, allow_graceful=False)
    assert lost is not None
    assert sorted(seen) == list(range(60)), sorted(seen)
    print("every row once")
"""


def test_every_row_comes_once_where_one_of_three_machines_is_lost() -> None:
    pytest.importorskip("ray")
    program = [sys.executable, "-c", textwrap.dedent(LOSING_A_NODE)]
    done = subprocess.run(program, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "every row once" in done.stdout


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[bytes]]:
    """An S3 server with an empty bucket, which this process and its children take for Amazon's."""
    s3fs: Any = pytest.importorskip("s3fs")
    if importlib.util.find_spec("moto") is None:
        pytest.skip("moto is not installed")
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}
    for name, value in {**keys, "AWS_ENDPOINT_URL": "http://127.0.0.1:5599"}.items():
        monkeypatch.setenv(name, value)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([sys.executable, "-m", "moto.server", "-p", "5599"], **quiet) as process:  # type: ignore[call-overload]
        deadline = time.monotonic() + 60
        while True:
            try:
                s3fs.S3FileSystem(skip_instance_cache=True).mkdir("bucket")
                break
            except Exception:
                assert time.monotonic() < deadline, "the server does not start"
                time.sleep(0.5)
        yield process
        process.send_signal(signal.SIGCONT)
        process.kill()


@pytest.mark.parametrize("engine", ["local", "ray"])
def test_a_store_out_of_reach_for_a_minute_gets_every_entry_once(
    server: subprocess.Popen[bytes],
    voices: Callable[[int], list[Sample]],
    job: Callable[..., Job],
    files: Callable[[str], dict[str, bytes]],
    engine: Any,
) -> None:
    import fsspec  # type: ignore[import-untyped]

    samples, local = voices(40), job("prosody")
    extract(local, samples)
    remote = job("prosody")
    remote = Job.from_json(remote.to_json().replace(remote.store, "s3://bucket/features"))
    done: list[str] = []

    def stop_for_a_minute(outcome: Any, estimate: Any) -> None:
        done.append(outcome.id)
        if len(done) == 5:
            server.send_signal(signal.SIGSTOP)  # it keeps what it has, and answers nobody
            threading.Timer(60, server.send_signal, (signal.SIGCONT,)).start()

    summary = extract(remote, samples, engine=engine, workers=2, on_progress=stop_for_a_minute)
    assert (summary.computed, summary.failed) == (40, [])
    assert sorted(done) == sorted(sample.id for sample in samples)
    bucket = fsspec.filesystem("s3", skip_instance_cache=True)
    stored = {name.removeprefix("bucket/features/"): bucket.cat(name) for name in bucket.find("bucket/features")}
    hidden = {name for name in files(local.store) if name.startswith(".")}  # of the local folder's own work
    assert stored == {name: data for name, data in files(local.store).items() if name not in hidden}
