"""The API over HTTP, against a server process."""

import csv
import http.client
import io
import json
import socket
import zipfile

import pytest
from affekt_studio import Client
from affekt_studio.client import RequestRefused

FORMATS = (
    "audiofolder",
    "croissant",
    "csv",
    "elan",
    "emotionml",
    "parquet",
    "rttm",
    "srt",
    "textgrid",
    "timeline",
    "vtt",
)


@pytest.fixture
def client(server):
    with server.client() as client:
        yield client


@pytest.fixture(scope="module")
def analysis(server, sound):
    """One analysis that is done, of the session "tests"."""
    with server.client() as client, sound.open("rb") as file:
        answer = client.post("/v1/analyses", files={"file": ("tone.wav", file)})
        assert answer.status_code == 202, answer.text
        assert answer.headers["Location"] == f"/v1/analyses/{answer.json()['id']}"
        job = server.finished(client, answer.json()["id"])
        assert job["state"] == "done", job
        return job


def test_a_recording_becomes_an_analysis_with_events_result_and_view(client, analysis):
    assert analysis["name"] == "tone.wav"
    outcome = dict(analysis["outcome"])
    assert 0.5 < outcome.pop("score") <= 1
    assert outcome == {"label": "excited", "duration": 1.0, "abstained": None}
    result = client.get(f"/v1/analyses/{analysis['id']}/result").json()
    assert result["source"] == "tone.wav"
    assert result["text"] == "I am so glad that you came."
    view = client.get(f"/v1/analyses/{analysis['id']}/view").json()
    assert view["label"] == "excited"
    assert view["pitch"]["path"].startswith("M")
    assert [word["text"] for word in view["words"]] == result["text"].split()
    text = client.get(f"/v1/analyses/{analysis['id']}/events").text
    kinds = [line.removeprefix("event: ") for line in text.splitlines() if line.startswith("event: ")]
    assert kinds[:2] == ["queued", "started"]
    assert kinds[-1] == "done"
    rest = client.get(f"/v1/analyses/{analysis['id']}/events", headers={"Last-Event-ID": "2"}).text
    assert "event: started" not in rest
    assert "event: done" in rest


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_exported_and_none_names_a_path(client, server, analysis, format):
    answer = client.get(f"/v1/analyses/{analysis['id']}/exports/{format}")
    assert answer.status_code == 200, answer.text
    assert "attachment" in answer.headers["Content-Disposition"]
    texts = [answer.content]
    if answer.headers["Content-Type"] == "application/zip":
        archive = zipfile.ZipFile(io.BytesIO(answer.content))
        texts = [archive.read(name) for name in archive.namelist()]
    assert not any(b"/tmp/" in text or str(server.folder).encode() in text for text in texts)


def test_every_format_of_the_exchange_is_offered(client):
    from affekt_exchange.registry import formats

    assert set(formats()) == set(FORMATS)
    assert {one["name"] for one in client.get("/v1/formats").json()} == {*FORMATS, "json", "report"}


def test_the_studio_requires_what_every_format_needs():
    from importlib import metadata

    from packaging.requirements import Requirement

    extras = set(metadata.metadata("affekt-exchange").get_all("Provides-Extra")) - {"agreement"}  # no format's
    required = [Requirement(line) for line in metadata.requires("affekt-studio")]
    assert [one.extras for one in required if one.name == "affekt-exchange"] == [extras]


def test_all_recordings_of_a_session_are_exported_together(server, sound):
    with server.client("of-many") as client:
        assert client.get("/v1/exports/summary").json()["error"]["kind"] == "NotFinished"
        data = sound.read_bytes()
        for name in ("=1+1.wav", "b.wav"):
            job = client.post("/v1/analyses", files={"file": (name, data)}).json()
            assert server.finished(client, job["id"])["state"] == "done"
        rows = list(csv.DictReader(io.StringIO(client.get("/v1/exports/summary").text)))
        assert [row["recording"] for row in rows] == ["'=1+1.wav", "b.wav"]
        assert {row["label"] for row in rows} == {"excited"}
        assert float(rows[0]["excited"]) + float(rows[0]["neutral"]) == pytest.approx(1, abs=1e-3)
        archive = zipfile.ZipFile(io.BytesIO(client.get("/v1/exports/srt").content))
        assert sorted(name.split("/")[0] for name in archive.namelist()) == ["001-=1+1", "002-b"]
        assert client.get("/v1/exports/nothing").status_code == 400


def test_no_answer_names_a_path_of_the_machine(client, server, analysis):
    for path in ("", "/result", "/view", "/events", "/exports/report"):
        text = client.get(f"/v1/analyses/{analysis['id']}{path}").text
        assert str(server.folder) not in text
        assert "/home/" not in text


def test_the_recording_is_served_in_ranges(client, analysis, sound):
    path = f"/v1/analyses/{analysis['id']}/media"
    assert client.get(path).content == sound.read_bytes()
    part = client.get(path, headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"RIFF")


def test_the_same_recording_goes_through_another_pipeline(client, server, analysis):
    other = client.post(f"/v1/analyses/{analysis['id']}/again", json={"settings": {"transcript": None}}).json()
    assert server.finished(client, other["id"])["state"] == "done"
    assert client.get(f"/v1/analyses/{other['id']}/result").json()["text"] is None


def test_a_recording_is_answered_aloud_by_attempts_with_a_mark(client, server, analysis, tmp_path):
    from affekt_voices import verify

    asked = {"text": "I am glad to hear that you came.", "emotion": "calm", "attempts": 2}
    job = client.post(f"/v1/analyses/{analysis['id']}/replies", json=asked).json()
    ended = server.finished(client, job["id"], kind="replies")
    assert ended["state"] == "done", repr(ended)
    assert ended["outcome"]["emotion"] == "calm"
    assert ended["outcome"]["heard_as_meant"] in (True, False)  # it was listened to
    events = client.get(f"/v1/replies/{job['id']}/events").text
    assert 1 <= events.count("event: attempt") <= 2
    assert '"name": "media"' not in events  # its analysis was kept, and is not made again
    speech = client.get(f"/v1/replies/{job['id']}/audio").content
    (tmp_path / "reply.wav").write_bytes(speech)
    assert verify(tmp_path / "reply.wav").synthetic


def test_a_result_may_be_waited_for_and_a_failure_ends_the_waiting(client, server, sound, tmp_path):
    with sound.open("rb") as file:
        id = client.post("/v1/analyses", files={"file": ("tone.wav", file)}).json()["id"]
    assert client.get(f"/v1/analyses/{id}/result", params={"wait": 30}).json()["label"] == "excited"
    (tmp_path / "broken.wav").write_bytes(b"no sound at all")
    with Client(server.address, server.token) as studio, pytest.raises(RequestRefused) as refused:
        studio.analyze(tmp_path / "broken.wav")
    assert refused.value.kind == "UnreadableMedia"


def test_two_sessions_cannot_reach_each_others_files(server, client, analysis):
    with server.client("eve") as eve:
        assert eve.get("/v1/analyses").json() == []
        for path in ("", "/result", "/view", "/media", "/events", "/exports/csv", "/exports/report"):
            answer = eve.get(f"/v1/analyses/{analysis['id']}{path}")
            assert answer.status_code == 404
            assert answer.json()["error"]["kind"] == "NotFound"
        for path in ("/again", "/replies"):
            assert eve.post(f"/v1/analyses/{analysis['id']}{path}", json={"text": "a"}).status_code == 404
        assert eve.delete(f"/v1/analyses/{analysis['id']}").status_code == 404
        assert eve.delete("/v1/analyses").status_code == 204
    assert client.get(f"/v1/analyses/{analysis['id']}").status_code == 200


def test_the_token_the_host_and_the_site_are_asked_for(server):
    with server.client() as client:
        assert client.get("/v1/analyses").status_code == 200
        for refused, status in (
            ({"Authorization": "Bearer other"}, 403),
            ({"Authorization": ""}, 403),
            ({"Host": "evil.example"}, 421),
            ({"Origin": "http://evil.example"}, 403),
            ({"Origin": "null"}, 403),
            ({"Sec-Fetch-Site": "cross-site"}, 403),
        ):
            answer = client.get("/v1/analyses", headers=refused)
            assert (answer.status_code, answer.json()["error"]["kind"]) == (status, "Forbidden"), refused
        assert client.get("/healthz", headers={"Authorization": ""}).json() == {"status": "ok"}
        assert client.get("/metrics", headers={"Authorization": ""}).status_code == 403


def test_a_browser_gets_token_and_session_as_cookies_and_the_token_leaves_the_address(server):
    with server.client() as client:
        client.headers.clear()
        answer = client.get("/", params={"token": server.token})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/")
        assert len(client.cookies) == 2
        page = client.get("/")
        assert page.status_code == 200
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert client.get("/v1/analyses").json() == []


def test_the_client_uploads_waits_exports_answers_and_removes(server, sound):
    with Client(server.address, server.token) as client:
        job = client.submit(sound)
        assert client.result(job["id"])["label"] == "excited"
        assert [kind for kind, _ in client.events(job["id"])][-1] == "done"
        assert client.export(job["id"], "srt")
        assert {"name": "csv"}.items() <= next(one for one in client.formats() if one["name"] == "csv").items()
        assert client.pipelines()[0]["name"] == "cheap"
        assert ("encoder", "loudness") in {(one["role"], one["name"]) for one in client.components()}
        client.remove(job["id"])
        with pytest.raises(RequestRefused) as refused:
            client.result(job["id"])
        assert refused.value.kind == "NotFound"


def test_what_is_wrong_with_a_request_is_said(client, server, sound, tmp_path):
    def refusal(**more):
        answer = client.post("/v1/analyses", **more)
        return answer.status_code, answer.json()["error"]["kind"]

    data = sound.read_bytes()
    assert refusal() == (400, "BadRequest")
    assert refusal(files={"file": ("a.wav", b"")}) == (400, "BadRequest")
    assert refusal(files={"file": ("a.wav", data)}, data={"pipeline": "nothing"}) == (400, "BadRequest")
    assert refusal(files={"file": ("a.wav", data)}, data={"settings": "[1]"}) == (400, "BadRequest")
    assert refusal(files={"file": ("a.wav", data)}, data={"settings": '{"nothing": null}'}) == (400, "SpecError")
    assert refusal(data={"path": "/etc/passwd"}) == (403, "Forbidden")
    assert refusal(data={"path": str(sound)}) == (403, "Forbidden")
    for settings in (
        {"reasoner": {"use": "x", "python": "/bin/sh"}},
        {"loudness.hop": "/etc/passwd"},
        {"loudness.python": 1},
    ):
        fields = {"settings": json.dumps(settings)}
        assert refusal(files={"file": ("a.wav", data)}, data=fields) == (400, "BadRequest")
    job = client.post("/v1/analyses", files={"file": ("../../notes.txt", b"no media at all")}).json()
    ended = server.finished(client, job["id"])
    assert (ended["state"], ended["name"], ended["error"]["kind"]) == ("failed", "notes.txt", "UnreadableMedia")
    assert str(server.folder) not in json.dumps(ended)
    assert client.get(f"/v1/analyses/{job['id']}/result").json()["error"]["kind"] == "NotFinished"


def test_a_header_that_claims_ten_gigabytes_is_refused_before_they_are_sent(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.putrequest("POST", "/v1/analyses")
    connection.putheader("Authorization", f"Bearer {server.token}")
    connection.putheader("Content-Type", "multipart/form-data; boundary=x")
    connection.putheader("Content-Length", str(10 << 30))
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["error"]["kind"]) == (413, "UploadTooLarge")
    connection.close()


def test_a_header_without_end_is_refused(server):
    with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: ")
        try:
            for _ in range(400):
                connection.sendall(b"x" * (1 << 16))
            answer = connection.recv(1000)
        except OSError:
            answer = b""  # closed while we were writing
    assert answer == b"" or b" 4" in answer.split(b"\r\n")[0]
    assert server.client().get("/healthz").status_code == 200


def test_an_upload_that_is_cut_off_leaves_nothing_behind(server, client):
    before = sorted((server.folder / "jobs").iterdir())
    with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
        connection.sendall(
            f"POST /v1/analyses HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAuthorization: Bearer {server.token}\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n"
            '--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\nRIFF'.encode()
        )
    assert client.get("/healthz").status_code == 200
    assert sorted((server.folder / "jobs").iterdir()) == before
    assert "Traceback" not in server.log.read_text(), server.log.read_text()


def test_openapi_describes_every_route_with_examples_and_loads_nothing_from_elsewhere(client):
    document = client.get("/openapi.json").json()
    assert {"/v1/analyses", "/v1/analyses/{id}", "/v1/analyses/{id}/events", "/v1/pipelines", "/v1/components"} <= set(
        document["paths"]
    )
    assert document["components"]["schemas"]["JobAnswer"]["examples"]
    assert client.get("/docs").status_code == 404


def test_metrics_count_requests_by_route_and_hold_no_ids(client, analysis):
    text = client.get("/metrics").text
    assert 'affekt_jobs{state="done"}' in text
    assert "affekt_workers_ready 1.0" in text
    assert 'route="/v1/analyses/{id}"' in text
    assert analysis["id"] not in text
