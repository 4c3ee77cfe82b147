"""OpenAI's and Hume's own clients against a studio."""

import io
import json
import socket
import time
import zipfile

import pytest
import soundfile
from affekt_studio.speech_instructions import understood

TEXT = "I am glad that you came, and I would like to hear more."


@pytest.fixture
def openai(server):
    sdk = pytest.importorskip("openai")
    with sdk.OpenAI(base_url=f"{server.address}/v1", api_key=server.token, max_retries=0, timeout=300) as client:
        yield client


@pytest.fixture(scope="module")
def spoken(server):
    """One text in the formats that no other test asks for."""
    answers = {}
    with server.client() as client:
        for format in ("flac", "opus", "aac", "pcm"):
            asked = {
                "model": "cheap", "voice": "alloy", "input": TEXT, "response_format": format,
                "instructions": "Speak in a very cheerful tone.",
            }  # fmt: skip
            answers[format] = client.post("/v1/audio/speech", json=asked, timeout=300)
    return answers


@pytest.mark.slow
def test_openais_speech_example_writes_a_file_that_is_marked_as_synthetic(openai, tmp_path):
    from affekt_voices import verify

    path = tmp_path / "speech.mp3"
    with openai.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts", voice="coral", input=TEXT, instructions="Speak in a cheerful and positive tone."
    ) as response:
        response.stream_to_file(path)
    assert response.headers["x-affekt-emotion"] == "happy"
    assert response.headers["x-affekt-voice"] == "default"
    assert soundfile.info(path).format == "MP3"
    assert verify(path).synthetic


@pytest.mark.slow
def test_every_format_is_really_encoded_and_says_what_was_applied(spoken):
    import av

    seconds = soundfile.info(io.BytesIO(spoken["flac"].content)).duration
    codecs = {"opus": ("opus", "libopus"), "aac": ("aac",), "flac": ("flac",)}
    for format, names in codecs.items():
        answer = spoken[format]
        assert answer.status_code == 200, answer.text
        assert answer.headers["x-affekt-intensity"] == "0.9"
        with av.open(io.BytesIO(answer.content)) as container:
            assert container.streams.audio[0].codec_context.name in names
            frames = list(container.decode(audio=0))
            assert sum(frame.samples / frame.sample_rate for frame in frames) == pytest.approx(seconds, abs=0.2)
    pcm = spoken["pcm"]
    assert pcm.headers["x-sample-rate"] == "24000"
    assert len(pcm.content) / 2 / 24_000 == pytest.approx(seconds, abs=0.05)


@pytest.mark.slow
def test_the_watermark_is_heard_in_the_formats_without_a_manifest(spoken):
    import numpy as np
    from affekt import AudioSignal
    from affekt_voices import detect

    samples = np.frombuffer(spoken["pcm"].content, "<i2").astype(np.float32) / 32768
    assert detect(AudioSignal(samples=samples, sample_rate=24_000)).found


@pytest.mark.slow
def test_speech_as_events_is_one_file_with_one_header(server):
    import base64

    asked = {"model": "tts-1", "voice": "alloy", "input": TEXT, "response_format": "wav", "stream_format": "sse"}
    with server.client() as client:
        text = client.post("/v1/audio/speech", json=asked, timeout=300).text
    events = [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: ")]
    assert events[-1]["type"] == "speech.audio.done"
    data = b"".join(base64.b64decode(event["audio"]) for event in events[:-1])
    assert data.count(b"WAVEfmt") == 1
    assert soundfile.info(io.BytesIO(data)).duration > 1


def test_openais_transcription_example_gives_the_text_in_every_form(openai, sound):
    def transcribe(**more):
        with sound.open("rb") as file:
            return openai.audio.transcriptions.create(model="whisper-1", file=file, **more)

    assert transcribe().text == "I am so glad that you came."
    assert transcribe(response_format="text").strip() == "I am so glad that you came."
    assert "-->" in transcribe(response_format="srt")
    assert transcribe(response_format="vtt").startswith("WEBVTT")
    assert [word.word for word in transcribe(response_format="verbose_json").words][-1] == "came."


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"response_format": "ogg"}, "response_format"),
        ({"speed": 2.0}, "speed"),
        ({"model": "nothing"}, "model"),
    ],
)
def test_what_cannot_be_followed_is_refused_with_its_parameter(openai, more, param):
    import openai as sdk

    with pytest.raises(sdk.BadRequestError) as refused:
        openai.audio.speech.create(**{"model": "tts-1", "voice": "alloy", "input": TEXT} | more)
    assert refused.value.param == param


def test_a_wrong_key_is_refused(server):
    sdk = pytest.importorskip("openai")
    client = sdk.OpenAI(base_url=f"{server.address}/v1", api_key="other", max_retries=0)
    with client, pytest.raises(sdk.PermissionDeniedError):
        client.audio.speech.create(model="tts-1", voice="alloy", input=TEXT)


@pytest.mark.parametrize(
    ("instructions", "expected"),
    [
        ("Speak in a cheerful and positive tone.", ("happy", 0.6)),
        ("very sad, please", ("sad", 0.9)),
        ("Slightly annoyed.", ("angry", 0.3)),
        ("Do not sound angry, but calm.", ("calm", 0.6)),
        ("Affect: a mysterious noir detective", None),
        ("", None),
    ],
)
def test_instructions_are_understood_by_rule(instructions, expected):
    assert understood(instructions) == expected


def test_humes_job_example_runs_with_the_official_client(server, sound, tmp_path):
    hume = pytest.importorskip("hume")
    from hume.expression_measurement.batch.types import InferenceBaseRequest, Models, Prosody

    batch = hume.HumeClient(api_key=server.token, base_url=server.address).expression_measurement.batch
    with sound.open("rb") as file:
        job = batch.start_inference_job_from_local_file(
            file=[("tone.wav", file, "audio/wav")],
            json=InferenceBaseRequest(models=Models(prosody=Prosody(granularity="utterance"))),
        )
    for _ in range(600):
        details = batch.get_job_details(id=job)
        if details.state.status in ("COMPLETED", "FAILED"):
            break
        time.sleep(0.2)
    assert details.state.status == "COMPLETED"
    assert details.state.num_predictions == 1
    (source,) = batch.get_job_predictions(id=job)
    (prediction,) = source.results.predictions
    (group,) = prediction.models.prosody.grouped_predictions
    assert group.id == "unknown"
    scores = {emotion.name: emotion.score for emotion in group.predictions[0].emotions}
    assert set(scores) == {"Excitement", "Neutral"}  # what the pipeline measures, and no more
    assert group.predictions[0].text == "I am so glad that you came."
    data = b"".join(batch.get_job_artifacts(id=job))
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert "predictions.json" in names
    assert any(name.endswith("prosody.csv") for name in names)
    assert [one.job_id for one in batch.list_jobs()] == [job]


def test_humes_stream_example_runs_with_the_official_client(server, sound):
    hume = pytest.importorskip("hume")
    from hume.environment import HumeClientEnvironment
    from hume.expression_measurement.stream.stream.types import Config, StreamModelsEndpointPayload

    addresses = {"base": server.address, "stream": f"ws://127.0.0.1:{server.port}/v0/stream", "evi": "", "tts": ""}
    client = hume.HumeClient(api_key=server.token, environment=HumeClientEnvironment(**addresses))
    before = client.expression_measurement.batch.list_jobs()
    with client.expression_measurement.stream.connect() as stream:
        heard = stream.send_file(sound, config=Config(prosody={}), payload_id="first")
        assert heard.payload_id == "first"
        assert {one.name for one in heard.prosody.predictions[0].emotions} == {"Excitement", "Neutral"}
        named = stream.get_job_details()
        assert len(named.job_details.job_id) == 32
        refused = stream.send_text("Hello.", config=Config(prosody={}))
        assert refused.code == "BadRequest"
        stream.send_publish(StreamModelsEndpointPayload(data="no base64!", models=Config(prosody={})))
        assert stream.recv().code == "BadRequest"
        said = stream.send_text("I am so glad.", config=Config(language={}))
        assert said.language is not None  # the connection goes on after what was refused
    assert client.expression_measurement.batch.list_jobs() == before


def test_no_address_is_ever_connected_to(server):
    """A listener stands at every address that resolves here; nothing comes."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.setblocking(False)
        port = listener.getsockname()[1]
        hosts = [
            "127.0.0.1", "localhost", "[::1]", "0.0.0.0", "127.1", "2130706433", "0x7f000001", "017700000001",
            "[::ffff:127.0.0.1]", "127.0.0.1.nip.io", "localtest.me", "user@127.0.0.1", "evil.example@127.0.0.1",
            "169.254.169.254", "metadata.google.internal", "10.0.0.1", "192.168.0.1", "[fd00::1]", "0", "127.0.0.1%2f",
        ]  # fmt: skip
        schemes = ("http", "https", "ftp", "file", "gopher", "HTTP", "http:", "rtsp", "dict", "ldap")
        addresses = [f"{scheme}://{host}:{port}/clip.mp4" for scheme in schemes for host in hosts]
        assert len(addresses) == 200
        with server.client() as client:
            for number, address in enumerate(addresses):
                hume = {"json": (None, json.dumps({"urls": [address]})), "file": ("a.wav", b"RIFF")}
                answer = client.post("/v0/batch/jobs", files=hume)
                assert (answer.status_code, answer.json()["error"]["kind"]) == (400, "BadRequest"), address
                if number % 10 == 0:
                    answer = client.post("/v1/analyses", data={"path": address})
                    assert (answer.status_code, answer.json()["error"]["kind"]) == (403, "Forbidden"), address
            assert client.post("/v0/batch/jobs", json={"urls": addresses[:100]}).status_code == 400
        sockets = pytest.importorskip("websockets.sync.client")
        key = {"X-Hume-Api-Key": server.token}
        with sockets.connect(f"ws://127.0.0.1:{server.port}/v0/stream/models", additional_headers=key) as stream:
            for address in addresses[::10]:
                stream.send(json.dumps({"data": address, "models": {"face": {}}}))
                assert json.loads(stream.recv(300))["code"] == "BadRequest", address
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_an_assistant_analyses_by_the_model_context_protocol(server, sound):
    """The official client starts `affekt studio mcp` and calls its tools."""
    import asyncio
    import sys

    mcp = pytest.importorskip("mcp")
    from mcp.client.stdio import StdioServerParameters, stdio_client

    command = ["-m", "affekt_studio", "mcp", "--address", server.address, "--token", server.token]

    async def talk():
        parameters = StdioServerParameters(command=sys.executable, args=command)
        async with stdio_client(parameters) as (read, write), mcp.ClientSession(read, write) as session:
            await session.initialize()
            tools = {tool.name for tool in (await session.list_tools()).tools}
            answer = await session.call_tool("analyze", {"path": str(sound)})
            refused = await session.call_tool("export", {"id": "nothing", "format": "csv"})
            return tools, answer, refused

    tools, answer, refused = asyncio.run(talk())
    assert {"analyze", "export", "respond", "list_pipelines"} <= tools
    assert json.loads(answer.content[0].text)["label"] == "excited"
    assert refused.is_error
