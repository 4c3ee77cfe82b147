"""What a studio refuses: by number, rate, size, time and room; in this process, where no worker takes the jobs."""

import asyncio
import errno
import shutil
import time
from collections import namedtuple

import pytest
from affekt_studio import studio as studio_module
from affekt_studio.app import make_app, make_studio
from affekt_studio.config import Limits, StudioConfig
from affekt_studio.pool import remove_orphans
from affekt_studio.security import Access
from starlette.testclient import TestClient

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def open_studio(tmp_path, cheap):
    """A function that gives a client of a studio without workers."""
    opened = []

    def open_studio(token="t", **limits):
        config = StudioConfig(
            folder=tmp_path / "data", pipelines={"cheap": str(cheap)}, workers=0, readable=(tmp_path / "open",),
            limits=Limits(**limits),
        )  # fmt: skip
        studio = make_studio(config, Access(token=token, port=80, hosts=("testserver",)))
        client = TestClient(make_app(studio), raise_server_exceptions=False)
        client.headers.update({"Authorization": f"Bearer {token}", "X-Affekt-Session": "ada"} if token else {})
        client.__enter__()
        client.studio = studio
        opened.append(client)
        return client

    yield open_studio
    for client in opened:
        client.__exit__(None, None, None)


def upload(client, data=b"RIFF", **more):
    """(status, kind of the error, Retry-After)."""
    answer = client.post("/v1/analyses", files={"file": ("a.wav", data)}, **more)
    body = answer.json()
    return answer.status_code, body.get("error") and body["error"]["kind"], answer.headers.get("Retry-After")


def test_a_session_has_so_many_jobs_and_everybody_together_so_many(open_studio):
    client = open_studio(session_jobs=2, queued_jobs=3)
    assert upload(client) == upload(client) == (202, None, None)
    assert upload(client) == (429, "TooManyRequests", "10")
    assert upload(client, headers={"X-Affekt-Session": "bob"}) == (202, None, None)
    assert upload(client, headers={"X-Affekt-Session": "bob"}) == (503, "QueueFull", "60")
    client.delete("/v1/analyses")
    assert upload(client)[0] == 202


def test_a_session_asks_so_often(open_studio):
    client = open_studio(requests_a_minute=2)
    upload(client), upload(client)
    assert upload(client) == (429, "TooManyRequests", "60")


def test_an_upload_is_so_large_whether_or_not_its_size_is_told(open_studio):
    client = open_studio(upload_bytes=2000)
    assert upload(client, b"x" * 3000)[:2] == (413, "UploadTooLarge")
    pieces = iter([b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n', *[b"y" * 500] * 10])
    answer = client.post("/v1/analyses", content=pieces, headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert (answer.status_code, answer.json()["error"]["kind"]) == (413, "UploadTooLarge")


def test_a_full_disk_is_said_and_leaves_nothing_behind(open_studio, monkeypatch):
    client = open_studio()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10, 10, 0))
    assert upload(client)[:2] == (507, "DiskFull")
    monkeypatch.undo()

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(studio_module.shutil, "copyfileobj", full)
    assert upload(client)[:2] == (507, "DiskFull")
    assert list((client.studio.config.folder / "jobs").iterdir()) == []
    assert client.get("/v1/analyses").json() == []


def test_a_slow_client_is_given_up(tmp_path):
    from affekt_studio.body_limits import BodyLimits
    from affekt_studio.errors import UploadTimedOut

    async def read_all(scope, receive, send):
        await receive()

    async def nothing():
        await asyncio.sleep(60)

    scope = {"type": "http", "headers": [(b"content-length", b"100")]}
    with pytest.raises(UploadTimedOut, match=r"0\.05 s"):
        asyncio.run(BodyLimits(read_all, Limits(upload_stall_seconds=0.05))(scope, nothing, None))


def test_a_file_by_path_is_read_in_its_folder_alone(open_studio, tmp_path, sound):
    client = open_studio()
    (tmp_path / "open").mkdir()
    (tmp_path / "secret.wav").write_bytes(b"RIFF")
    shutil.copy(sound, tmp_path / "open" / "a.wav")
    (tmp_path / "open" / "link.wav").symlink_to(tmp_path / "secret.wav")
    assert client.post("/v1/analyses", data={"path": str(tmp_path / "open/a.wav")}).status_code == 202
    for path in ("secret.wav", "open/link.wav", "open/../secret.wav", "open", "open/b.wav", "open/\0"):
        answer = client.post("/v1/analyses", data={"path": f"{tmp_path}/{path}"})
        assert (answer.status_code, answer.json()["error"]["kind"]) == (403, "Forbidden"), path


def test_what_has_expired_is_removed_with_its_files(open_studio):
    client = open_studio(kept_seconds=0.05)
    assert upload(client)[0] == 202
    store = client.studio.store
    job = store.claim("worker", 10)
    store.finish(job, "failed", {"error": {"kind": "x", "message": "y", "try": None}})
    deadline = time.monotonic() + 20
    while store.folder_of(job.id).exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert client.get(f"/v1/analyses/{job.id}").status_code == 404


def test_a_folder_that_no_job_has_is_removed_once_it_is_old(open_studio):
    store = open_studio().studio.store
    store.folder_of("orphan").mkdir(parents=True)
    remove_orphans(store)
    assert store.folder_of("orphan").exists()  # an upload may be on its way
    remove_orphans(store, older=-1)
    assert not store.folder_of("orphan").exists()


def test_a_public_studio_tells_a_program_its_session(open_studio):
    client = open_studio(token="")
    answer = client.post("/v1/analyses", files={"file": ("a.wav", b"RIFF")})
    session = answer.headers["X-Affekt-Session"]
    assert client.get("/v1/analyses", headers={"X-Affekt-Session": session}).json()[0]["id"] == answer.json()["id"]
    assert client.get("/v1/analyses").json() == []


def test_a_lent_voice_needs_a_statement_of_consent(open_studio, monkeypatch):
    from affekt_studio import analyses

    client = open_studio()
    monkeypatch.setattr(analyses, "lent_voices", lambda: {"anna"})
    upload(client)
    job = client.get("/v1/analyses").json()[0]["id"]
    asked = {"text": "Hello.", "voice": "anna"}
    refused = client.post(f"/v1/analyses/{job}/replies", json=asked)
    assert (refused.status_code, refused.json()["error"]["kind"]) == (403, "Forbidden")
    assert client.post(f"/v1/analyses/{job}/replies", json=asked | {"consent": True}).status_code == 202
    speech = {"model": "cheap", "voice": "anna", "input": "Hello."}
    assert client.post("/v1/audio/speech", json=speech).status_code == 403


def test_the_log_names_routes_and_neither_recordings_nor_jobs_nor_texts(open_studio, caplog):
    import logging

    caplog.set_level(logging.INFO, "affekt_studio")
    client = open_studio()
    answer = client.post("/v1/analyses", files={"file": ("Anna's session.wav", b"RIFF")}, params={"x": "Anna"})
    path = answer.headers["Location"]
    client.post(f"{path}/replies", json={"text": "Anna, I am glad."})
    client.get(path)
    client.get("/v1/Anna")
    written = [record.getMessage() for record in caplog.records if record.name.startswith("affekt_studio")]
    assert [line.split(" ")[:3] for line in written] == [
        ["POST", "/v1/analyses", "202"],
        ["POST", "/v1/analyses/{id}/replies", "202"],
        ["GET", "/v1/analyses/{id}", "200"],
        ["GET", "none", "404"],
    ]


def test_requests_leave_no_trace_where_the_environment_asks_for_telemetry(open_studio, monkeypatch, caplog):
    """FastAPI has spans of requests, and sends them where two variables say so; see decision 0281."""
    trace = pytest.importorskip("opentelemetry.trace")
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    spans = []

    class Provider(trace.NoOpTracerProvider):
        def get_tracer(self, *names, **more):
            spans.append(names)
            return super().get_tracer(*names, **more)

    monkeypatch.setattr(trace, "get_tracer_provider", Provider)
    client = open_studio()
    assert client.get("/v1/analyses").status_code == 200
    assert spans == []
    assert "telemetry" not in caplog.text


def test_a_public_studio_reviews_no_annotations(tmp_path):
    from affekt_studio.commands import app
    from typer.testing import CliRunner

    for options in (["--public", "--review", str(tmp_path)], ["--workers", "0"]):
        refused = CliRunner().invoke(app, options)
        assert refused.exit_code == 2, refused.output


@pytest.mark.slow
def test_schemathesis_finds_nothing(open_studio):
    """Random requests after the OpenAPI document: no answer is a server's fault or breaks the document."""
    schemathesis = pytest.importorskip("schemathesis")
    from hypothesis import HealthCheck, given, settings

    client = open_studio(session_jobs=100_000, queued_jobs=100_000, requests_a_minute=1_000_000)
    schema = schemathesis.openapi.from_dict(client.get("/openapi.json").json())
    called = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path.startswith("/v1/audio") or operation.path.endswith("/events"):
            continue  # they wait for a worker

        def probe(case):
            nonlocal called
            called += 1
            answer = client.request(
                case.method, case.formatted_path, params=case.query or None,
                content=case.body if isinstance(case.body, bytes) else None,
                json=case.body if isinstance(case.body, dict) else None,
            )  # fmt: skip
            assert answer.status_code < 500 or answer.status_code == 503, answer.text  # 503: no worker

        run = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
        run(given(case=operation.as_strategy())(probe))()
    assert called > 50


def test_what_is_offered_is_told_without_importing_a_framework():
    """The server lists pipelines and components; only workers load them."""
    import subprocess
    import sys

    code = (
        "import sys, pathlib, affekt_studio.app as app; from affekt_studio.config import StudioConfig; "
        "from affekt_studio import pipelines; config = StudioConfig(folder=pathlib.Path('unused')); "
        "assert pipelines.describe(config)[0]['not_installed'] == []; assert pipelines.components(); "
        "pipelines.read(config, None, {'transcript': None}); print('torch' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
