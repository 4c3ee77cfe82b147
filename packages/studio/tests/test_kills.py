"""kill -9 of the server and of workers at random moments under queued jobs: every job ends once, none is lost."""

import os
import random
import signal
import sqlite3
import time

import pytest

KILLS = int(os.environ.get("AFFEKT_STUDIO_KILLS", "3"))
"""20 with 50 jobs before a release; fewer in every run of the tests, because each server takes seconds to start."""
JOBS = int(os.environ.get("AFFEKT_STUDIO_JOBS", "8"))


def children(pid):
    """The worker processes of a server."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            first = [int(child) for child in file.read().split()]
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as file:
                first += [int(child) for child in file.read().split()]
    except FileNotFoundError:
        return []
    return sorted(set(first))


@pytest.mark.slow
def test_every_job_ends_once_whoever_is_killed(start_server, sound, tmp_path):
    chance = random.Random(0)
    options = ("--lease", "2", "--workers", "2")
    server = start_server(tmp_path / "data", *options)
    ids, attempts = [], 0
    data = sound.read_bytes()
    kills = ["server" if number % 3 == 2 else "worker" for number in range(KILLS)]
    moments = sorted(chance.sample(range(JOBS), min(JOBS, KILLS)))
    for number in range(JOBS):
        with server.client() as client:
            answer = client.post("/v1/analyses", files={"file": (f"{number}.wav", data)})
        assert answer.status_code == 202, answer.text
        ids.append(answer.json()["id"])
        if number in moments:
            time.sleep(chance.uniform(0, 1.0))
            if kills[moments.index(number)] == "server":
                server.kill()
                attempts += 1
                server = start_server(tmp_path / "data", *options, port=server.port, wait="/healthz")
            elif workers := children(server.process.pid):
                os.kill(chance.choice(workers), signal.SIGKILL)
                attempts += 1
    assert attempts >= KILLS - 1
    with server.client() as client:
        jobs = [server.finished(client, id) for id in ids]
        listed = client.get("/v1/analyses").json()
    assert sorted(job["id"] for job in listed) == sorted(ids)
    assert [job["state"] for job in jobs] == ["done"] * JOBS
    server.kill()
    query = "SELECT job, count(*) FROM events WHERE kind IN ('done', 'failed') GROUP BY job"
    with sqlite3.connect(tmp_path / "data" / "jobs.sqlite") as table:
        ends = table.execute(query).fetchall()
    assert sorted(ends) == sorted((id, 1) for id in ids)


def test_workers_end_with_their_server(start_server, tmp_path):
    server = start_server(tmp_path / "data")
    workers = children(server.process.pid)
    assert workers
    server.kill()
    for _ in range(200):
        if not any(os.path.exists(f"/proc/{pid}") for pid in workers):
            return
        time.sleep(0.05)
    raise AssertionError("a worker outlives its server")
