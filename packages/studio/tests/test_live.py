"""Streams: what is kept of them, over a WebSocket, and from the command line."""

import json
import subprocess
import sys

import numpy as np
import pytest
from affekt import DataError
from affekt_studio.live_window import RATE, LiveWindow


def tone(seconds, loud=0.3):
    """16-bit PCM."""
    times = np.arange(round(seconds * RATE)) / RATE
    return (np.sin(2 * np.pi * 200 * times) * loud * 32767).astype("<i2").tobytes()


def jpeg(size=(64, 48), level=100):
    """A grey picture."""
    import io

    from PIL import Image

    data = io.BytesIO()
    Image.new("RGB", size, (level, level, level)).save(data, "JPEG")
    return data.getvalue()


def test_the_window_holds_the_last_seconds_of_sound_and_pictures_on_one_clock():
    window = LiveWindow(seconds=2.0)
    assert window.clip() is None
    for number in range(50):
        window.add_sound(tone(0.1))
        window.add_picture(jpeg(level=number), (number + 1) / 10)
    clip = window.clip()
    assert clip.start == pytest.approx(3.0)
    assert clip.audio.duration == pytest.approx(2.0)
    assert len(clip.video.frames) == pytest.approx(20, abs=1)
    assert clip.video.at()[0] >= 0
    assert clip.video.at()[-1] <= 2.0 + 1e-6


@pytest.mark.parametrize("data", [b"", b"a", bytes(2 * RATE * 10)])
def test_sound_that_is_no_sound_is_refused(data):
    with pytest.raises(DataError, match="piece of sound"):
        LiveWindow().add_sound(data)


def test_a_picture_that_is_no_jpeg_or_too_large_is_refused():
    for data in (b"", b"GIF89a", jpeg()[:40], jpeg((4000, 3000))):
        with pytest.raises(DataError):
            LiveWindow().add_picture(data, 0.0)


def test_a_socket_answers_every_second_and_says_how_it_kept_up(server):
    client = pytest.importorskip("websockets.sync.client")
    address = f"ws://127.0.0.1:{server.port}/v1/live"
    headers = {"Authorization": f"Bearer {server.token}"}
    with client.connect(address, additional_headers=headers, open_timeout=60) as socket:
        socket.send(json.dumps({"type": "start"}))
        assert json.loads(socket.recv(300)) == {"type": "ready"}
        with client.connect(address, additional_headers=headers, open_timeout=60) as second:
            assert json.loads(second.recv(300))["error"]["kind"] == "QueueFull"
        socket.send(b"Jno picture")
        assert json.loads(socket.recv(300))["error"]["kind"] == "DataError"
        for _ in range(12):
            socket.send(b"P" + tone(0.1))
        answer = json.loads(socket.recv(300))
        assert (answer["type"], answer["label"]) == ("answer", "excited")
        assert answer["at"] >= 1.0
        socket.send(json.dumps({"type": "stop"}))
        rest = [json.loads(message) for message in socket]
    assert rest[-1]["type"] == "end"
    assert rest[-1]["answers"] >= 1


def test_a_socket_without_a_token_or_from_another_site_is_refused(server):
    client = pytest.importorskip("websockets.sync.client")
    exceptions = pytest.importorskip("websockets.exceptions")
    address = f"ws://127.0.0.1:{server.port}/v1/live"
    for headers in ({}, {"Authorization": f"Bearer {server.token}", "Origin": "http://evil.example"}):
        with pytest.raises(exceptions.InvalidStatus):
            client.connect(address, additional_headers=headers, open_timeout=60)


def test_the_command_plays_a_recording_in_real_time(cheap, sound):
    command = "from affekt_studio.commands import live_app; live_app()"
    ended = subprocess.run(
        [sys.executable, "-c", command, str(sound), "-p", str(cheap), "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    answers = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [answer["type"] for answer in answers] == ["ready", "answer", "end"]
    assert answers[-1]["seconds"] == 1.0
