"""The deployment of Ray Serve, in a local cluster of its own. `hatch run serve:test` installs what it needs."""

import os

import pytest
from affekt import OptionsError
from affekt_studio import Client

pytest.importorskip("grpc_reflection", reason="ray[serve] is not installed")
OPTIONS = {"folder": "/shared", "redis": "redis://queue", "token": "a-token", "name": "studio.example.org"}


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """Ray reports nothing to its makers; see decision 0004."""
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")


@pytest.fixture
def ray_serve():
    """The module of the deployment."""
    from affekt_studio import ray_serve

    return ray_serve


def test_a_deployment_is_refused_where_ray_would_report_usage(ray_serve, monkeypatch):
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "1")
    with pytest.raises(OptionsError, match="reports usage"):
        ray_serve.app(OPTIONS)


@pytest.mark.parametrize("options", [{}, OPTIONS | {"token": ""}, OPTIONS | {"gpus": "1"}])
def test_a_deployment_says_which_options_it_lacks_and_which_it_does_not_know(ray_serve, options):
    with pytest.raises(OptionsError, match=r"lacks .* and does not know"):
        ray_serve.app(options)


def start_ray(ray):
    """Starts a cluster of one processor: twice where the machine is too busy for Ray's patience of 30 s."""
    for last in (False, True):
        try:
            ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
            return
        except Exception:  # Ray has no error of its own for this
            ray.shutdown()
            if last:
                raise


@pytest.mark.slow
def test_a_replica_takes_a_recording_and_its_worker_does_the_job(
    ray_serve, redis_address, cheap, sound, unused_port, tmp_path
):
    import ray
    from ray import serve

    start_ray(ray)
    try:
        serve.start(http_options={"host": "127.0.0.1", "port": unused_port})
        options = {
            "folder": str(tmp_path), "redis": redis_address, "token": "a-token", "name": "127.0.0.1",
            "port": str(unused_port), "pipeline": str(cheap),
        }  # fmt: skip
        serve.run(ray_serve.app(options))
        with Client(f"http://127.0.0.1:{unused_port}", "a-token", timeout=300) as client:
            job = client.submit(sound)
            assert client.result(job["id"])["label"] == "excited"
            assert [kind for kind, _ in client.events(job["id"])][-1] == "done"
            assert client.pipelines()[0]["name"] == "cheap"
            assert client.export(job["id"], "csv")
        with Client(f"http://127.0.0.1:{unused_port}", "another") as stranger, pytest.raises(Exception, match="token"):
            stranger.analyses()
        assert os.listdir(tmp_path / "jobs") == [job["id"]]
    finally:
        serve.shutdown()
        ray.shutdown()
