"""Several machines: a server without workers, and workers elsewhere, over one Redis and one folder."""

import os
import signal
import subprocess
import sys
import time

import pytest

JOBS = 4


@pytest.fixture
def start_machine(redis_address, cheap, tmp_path):
    """A function that starts `affekt studio worker`, as on another machine."""
    started = []

    def start_machine():
        command = [
            sys.executable, "-m", "affekt_studio", "worker", "--folder", str(tmp_path / "data"),
            "--pipeline", f"cheap={cheap}", "--lease", "1",
        ]  # fmt: skip
        environment = os.environ | {"AFFEKT_STUDIO_REDIS": redis_address}
        started.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, start_new_session=True))
        assert b"wait for jobs" in started[-1].stdout.readline()
        return started[-1]

    yield start_machine
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


@pytest.mark.slow
def test_a_machine_that_is_killed_loses_no_job_to_the_next_one(
    start_server, start_machine, redis_address, sound, tmp_path
):
    options = ("--redis", redis_address, "--workers", "0", "--lease", "1")
    server = start_server(tmp_path / "data", *options, wait="/healthz")
    first = start_machine()
    with server.client() as client:
        ids = []
        for _ in range(JOBS):
            with sound.open("rb") as file:
                ids.append(client.post("/v1/analyses", files={"file": ("tone.wav", file)}).json()["id"])
        while client.get(f"/v1/analyses/{ids[0]}").json()["state"] == "queued":
            time.sleep(0.02)
        os.killpg(first.pid, signal.SIGKILL)  # the machine goes with everything on it
        second = start_machine()
        jobs = [server.finished(client, id) for id in ids]
        assert [job["state"] for job in jobs] == ["done"] * JOBS
        assert client.get(f"/v1/analyses/{ids[0]}/result").json()["label"] == "excited"
        for id in ids:
            events = client.get(f"/v1/analyses/{id}/events").text
            assert events.count("event: done") == 1
    second.send_signal(signal.SIGTERM)
    assert second.wait(30) == 0
    assert not (tmp_path / "data" / "jobs.sqlite").exists()
