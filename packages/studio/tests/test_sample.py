"""The sample in a studio over the default pipeline: by upload, and by a camera and a microphone that play it.

    AFFEKT_STUDIO='http://127.0.0.1:7860/?token=T' pytest packages/studio/tests/test_sample.py

walks through a studio that runs, such as that of `hatch run studio`; without the variable one is started.
"""

import json
import os
import wave
from importlib.resources import as_file, files

import numpy as np
import pytest

pytestmark = pytest.mark.slow
SIZE = (640, 480)


@pytest.fixture(scope="module")
def sample():
    """The recording that comes with affekt: 8.8 s of a speaker at a desk."""
    with as_file(files("affekt_cli") / "sample/white_house_statement_2015.mp4") as path:
        yield path


@pytest.fixture(scope="module")
def browser(launch, sample, tmp_path_factory):
    """Chromium whose camera and microphone play the sample."""
    import affekt_media
    import av

    folder = tmp_path_factory.mktemp("devices")
    clip = affekt_media.load(sample, sample_rate=48_000)
    with wave.open(str(folder / "microphone.wav"), "wb") as file:
        file.setnchannels(1), file.setsampwidth(2), file.setframerate(48_000)
        file.writeframes((np.clip(clip.audio.samples, -1, 1) * 32767).astype("<i2").tobytes())
    with av.open(str(folder / "camera.mjpeg"), "w", format="mjpeg") as container:
        stream = container.add_stream("mjpeg", rate=10)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuvj420p"
        for frame in clip.video.frames:
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
            container.mux(stream.encode(picture.reformat(*SIZE, format="yuvj420p")))
        container.mux(stream.encode(None))
    return launch(
        f"--use-file-for-fake-video-capture={folder / 'camera.mjpeg'}",
        f"--use-file-for-fake-audio-capture={folder / 'microphone.wav'}",
    )


@pytest.fixture(scope="module")
def studio(request):
    """The address of the studio, with its token."""
    if given := os.environ.get("AFFEKT_STUDIO"):
        return given
    started = request.getfixturevalue("default_server")
    return f"{started.address}/?token={started.token}"


def tracks(page):
    """The names of the lines of the timeline."""
    return " ".join(page.locator(".track .name").all_inner_texts())


def test_the_sample_is_analysed_by_upload_and_every_clue_moves_the_player(enter, studio, sample, wait, serious):
    page = enter(studio)
    assert "Tell people first." in page.inner_text("#notice")
    page.set_input_files("#files", sample)
    page.click("#upload button[type=submit]")
    page.wait_for_selector("#result:not([hidden])")
    hash = page.evaluate("location.hash")
    page.reload()
    assert page.evaluate("location.hash") == hash
    page.wait_for_selector("#progress:not([hidden])")  # it is still at work, and shown
    wait(page, f"document.querySelector('#result-title').textContent === {json.dumps(sample.name)}")
    page.wait_for_selector("body[data-shown]")
    assert page.inner_text("#verdict strong") in page.inner_text("#ranking")
    shown = tracks(page)
    assert all(line in shown for line in ("emotions", "sound", "pitch", "AU", "clues: voice", "clues: face")), shown
    player = "document.querySelector('#player')"
    for clue in page.locator("#clues button").all():
        start = float(clue.get_attribute("data-start"))
        page.evaluate(f"{player}.currentTime = {8 if start < 4 else 0}")
        clue.click()
        wait(page, f"!{player}.seeking && Math.abs({player}.currentTime - {start}) < 0.05")
        assert clue.get_attribute("aria-current") == "true"
    assert page.locator("#words button").count() > 5
    for width, height in ((390, 844), (1280, 900)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert serious(page) == []
    links = page.evaluate("[...document.querySelectorAll('#exports a')].map((link) => link.getAttribute('href'))")
    other = enter(studio)
    for link in links:
        assert page.evaluate("(link) => fetch(link).then((answer) => answer.status)", link) == 200, link
        assert other.evaluate("(link) => fetch(link).then((answer) => answer.status)", link) == 404, link
    page.click("#purge")
    page.wait_for_selector("#empty:not([hidden])")


def test_a_camera_and_a_microphone_that_play_the_sample_are_recorded_and_analysed(enter, studio):
    page = enter(studio, permissions=["camera", "microphone"])
    page.click("#record-video")
    page.wait_for_selector("#record-stop:not([hidden])")
    page.wait_for_timeout(5000)
    page.click("#record-stop")
    page.wait_for_selector("body[data-shown]")
    assert page.inner_text("#result-title") == "recording.webm"
    shown = tracks(page)
    assert "pitch" in shown  # the microphone was heard
    assert "AU" in shown  # a face was seen
    page.click("#purge")
    page.wait_for_selector("#empty:not([hidden])")
