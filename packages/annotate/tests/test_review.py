"""The review: decisions on disk, the page in a real browser, and everything that is refused."""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from affekt import DataError
from affekt_annotate.review.decisions import Decisions
from affekt_annotate.running import annotate
from affekt_metrics.intervals import Intervals

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--remote-debugging-pipe",
)  # fmt: skip


@pytest.fixture
def folder(world, tmp_path):
    """An annotated folder of three clips, four sentences each."""
    for number, name in enumerate(("a", "b", "c")):
        world.add(name, seed=number, raised=("AU06", "AU12") if number else ("AU01", "AU04"))
    annotate(world.config(), world.samples(a="sad", b="happy", c="happy"), tmp_path / "out")
    return tmp_path / "out"


class Served:
    """`affekt annotate review` in a process of its own."""

    def __init__(self, folder, port=0):
        code = "from affekt_annotate.commands import app; app()"
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, "review", str(folder), "--port", str(port)],
            stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        line = self.process.stdout.readline()
        self.address, self.port, self.token = re.search(r"(http://127\.0\.0\.1:(\d+)/\?token=(\S+))", line).groups()
        for _ in range(200):
            try:
                self.get("/items")
                return
            except urllib.error.URLError:
                time.sleep(0.05)
        raise AssertionError("the server does not answer")

    def get(self, path, body=None, *, token=True, **headers):
        """Status and body of a request."""
        cookie = {"Cookie": f"affekt-review-{self.port}={self.token if token is True else token}"} if token else {}
        data = None if body is None else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"} if body is not None else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", data, headers={**kind, **cookie, **named}
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def served(folder):
    running = Served(folder)
    yield running
    running.kill()


def test_the_last_decision_of_each_reviewer_counts_and_edits_are_diffs(folder):
    decisions = Decisions(folder)
    sentence = decisions.annotations["a"].blind.sentences[0].text
    decisions.add(item="a", sentence=0, action="accept", by="Ada")
    edited = decisions.add(item="a", sentence=0, action="edit", by="Ada", text=sentence.replace("brows", "eyebrows"))
    assert "- brows" in edited.diff
    assert "+ eyebrows" in edited.diff
    assert edited.text == sentence.replace("brows", "eyebrows")
    (own,) = Decisions(folder).valid().values()
    assert own["by Ada"].action == "edit"
    assert len(Decisions(folder).all()) == 2
    assert own["by Ada"].at.endswith("+00:00")


def test_a_decision_cut_off_by_a_kill_loses_nothing_else(folder):
    decisions = Decisions(folder)
    decisions.add(item="a", sentence=0, action="accept", by="Ada")
    with decisions.path.open("ab") as file:
        file.write(b'{"item": "a", "sent')
    decisions.add(item="b", sentence=1, action="reject", by="Ada")
    assert [(one.item, one.action) for one in Decisions(folder).all()] == [("a", "accept"), ("b", "reject")]


def test_a_decision_on_a_sentence_that_has_changed_does_not_count(folder, world):
    decisions = Decisions(folder)
    decisions.add(item="a", sentence=0, action="reject", by="Ada")
    world.add("a", raised=("AU06", "AU12"), seed=50)
    annotate(world.config(), world.samples(a="happy", b="happy", c="happy"), folder)
    assert Decisions(folder).valid() == {}


def test_alpha_is_what_krippendorffs_package_computes_from_the_file(folder):
    import krippendorff
    import numpy as np

    decisions = Decisions(folder)
    answers = {"Ada": "aaarraar", "Bob": "aararaaa", "Cleo": "aaar r a"}
    places = [(item, number) for item in ("a", "b", "c") for number in range(3)][:8]
    codes = {"a": "accept", "r": "reject"}
    for by, own in answers.items():
        for (item, number), answer in zip(places, own, strict=True):
            if answer != " ":
                decisions.add(item=item, sentence=number, action=codes[answer], by=by)
    told = Decisions(folder).agreement(Intervals(draws=100))
    table = np.array([[{"a": 0, "r": 1}.get(letter, np.nan) for letter in own] for own in answers.values()])
    assert told["status"] == "measured"
    assert told["alpha_raters"] == pytest.approx(krippendorff.alpha(table, level_of_measurement="nominal"))
    assert told["alpha_raters.low"] <= told["alpha_raters"] <= told["alpha_raters.high"]
    assert told["reviewers"] == ["Ada", "Bob", "Cleo"]


def test_one_reviewer_has_no_alpha_rather_than_a_zero(folder):
    decisions = Decisions(folder)
    decisions.add(item="a", sentence=0, action="accept", by="Ada")
    told = decisions.agreement()
    assert told["status"] == "needs two reviewers"
    assert "alpha_raters" not in told


def test_disputes_are_settled_by_adjudication_and_written_into_the_file(folder):
    decisions = Decisions(folder)
    decisions.add(item="b", sentence=0, action="accept", by="Ada")
    decisions.add(item="b", sentence=0, action="reject", by="Bob")
    decisions.add(item="b", sentence=1, action="reject", by="Ada")
    decisions.add(item="b", sentence=1, action="reject", by="Bob")
    assert decisions.agreement()["disputed"] == 1
    first, second = (sentence.text for sentence in decisions.annotations["b"].blind.sentences[:2])
    assert first in decisions.settled(decisions.annotations["b"])  # a tie changes nothing
    decisions.add(item="b", sentence=0, action="edit", by="Cleo", text="She beams.", adjudicates=True)
    assert decisions.agreement()["disputed"] == 0
    assert decisions.apply() == 1
    text = json.loads((folder / "MERR_fine_grained.json").read_text(encoding="utf-8"))["b"]["smp_reason_caption"]
    assert text.startswith("She beams.")
    assert second not in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"item": "nobody"}, {"sentence": 99}, {"sentence": -1}, {"action": "shell"}, {"by": " "}, {"action": "edit"},
        {"action": "edit", "text": "x" * 3000}, {"text": "no edit"},
    ],
)  # fmt: skip
def test_decisions_that_are_none_are_refused(folder, wrong):
    with pytest.raises(DataError, match="Try: "):
        Decisions(folder).add(**{"item": "a", "sentence": 0, "action": "accept", "by": "Ada"} | wrong)


def test_foreign_tokens_hosts_and_sites_are_refused(served):
    decision = {"item": "a", "sentence": 0, "action": "accept", "by": "Eve"}
    assert served.get("/items")[0] == 200
    for token in (None, "x" * len(served.token), served.token[:-1], ""):
        assert served.get("/items", token=token)[0] == 403
        assert served.get("/decisions", decision, token=token)[0] == 403
        assert served.get("/media/a", token=token)[0] == 403
        assert served.get("/", token=token)[0] == 403
    assert served.get("/items", Host="evil.example")[0] == 421
    assert served.get("/decisions", decision, Origin="http://evil.example")[0] == 403
    assert served.get("/decisions", decision, Sec_Fetch_Site="cross-site")[0] == 403
    assert served.get("/decisions", decision, Origin="null")[0] == 403
    assert served.get("/decisions", decision, Origin=f"http://127.0.0.1:{served.port}")[0] == 200


def test_only_this_machine_is_listened_to(served):
    told = subprocess.run(
        [sys.executable, "-c", f"import socket; socket.create_connection(('{_own_address()}', {served.port}), 2)"],
        capture_output=True,
    )
    assert told.returncode != 0


def _own_address():
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            found = probe.getsockname()[0]
        except OSError:
            pytest.skip("this machine has no address beyond loopback")
    if found.startswith("127."):
        pytest.skip("this machine has no address beyond loopback")
    return found


@pytest.mark.parametrize(
    "path",
    [
        "/media/../annotations.jsonl", "/media/..%2f..%2fannotations.jsonl", "/media/%2e%2e%2fannotations.jsonl",
        "/media//etc/passwd", "/etc/passwd", "/../../../../etc/passwd", "/media/a%00.mp4", "/review/decisions.jsonl",
        "/items/..%2f..", "/page/review.html", "/media/a.mp4",
    ],
)  # fmt: skip
def test_path_tricks_find_nothing(served, path):
    connection = http.client.HTTPConnection("127.0.0.1", int(served.port), timeout=10)
    connection.putrequest("GET", path, skip_host=False)  # sent as it stands
    connection.putheader("Cookie", f"affekt-review-{served.port}={served.token}")
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status in (400, 404)
    assert b"root:" not in body
    assert b"sha256" not in body


def test_what_is_served_names_no_path_of_the_machine(served, folder):
    for path in ("/", "/items", "/items/a", "/agreement"):
        status, body = served.get(path)
        assert status == 200
        assert str(folder).encode() not in body
        assert str(Path.home()).encode() not in body or Path.home() == Path("/")


class Browser:
    """Chromium over its debugging pipe."""

    def __init__(self, profile):
        to_read, self.write = os.pipe()
        self.read, to_write = os.pipe()

        def pipes():
            os.dup2(to_read, 100), os.dup2(to_write, 101)
            os.dup2(100, 3), os.dup2(101, 4)

        self.process = subprocess.Popen(
            [CHROMIUM, *FLAGS, f"--user-data-dir={profile}"], preexec_fn=pipes, close_fds=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        os.close(to_read), os.close(to_write)
        self.buffer, self.number, self.session = b"", 0, None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")

    def call(self, method, **params):
        """The result of a command."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self.buffer:
                read = os.read(self.read, 1 << 16)
                assert read, "the browser has ended"
                self.buffer += read
            line, _, self.buffer = self.buffer.partition(b"\0")
            told = json.loads(line)
            if told.get("id") == self.number:
                assert "error" not in told, told
                return told["result"]

    def ask(self, expression):
        """The value of an expression in the page."""
        told = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def wait(self, expression):
        """Waits until an expression holds."""
        for _ in range(600):
            # Between two pages there is no document to ask.
            if self.ask(f"(() => {{ try {{ return Boolean({expression}) }} catch {{ return false }} }})()"):
                return
            time.sleep(0.05)
        raise AssertionError(f"{expression} never holds; the page says {self.ask('document.body.innerText')}")

    def go(self, address):
        self.call("Page.navigate", url=address)
        self.wait("document.querySelectorAll('#sentences li').length > 0")

    def press(self, key):
        text = {"Enter": "\r"}.get(key, key)
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, text=text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    def save(self, act):
        """Does something that saves, and waits until it has."""
        before = self.ask("Number(document.body.dataset.saved ?? 0)")
        act()
        self.wait(f"Number(document.body.dataset.saved ?? 0) > {before}")

    def close(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.read), os.close(self.write)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_two_reviewers_work_by_keyboard_and_their_edits_survive_a_reload_and_a_kill(folder, tmp_path):
    served = Served(folder)
    browser = Browser(tmp_path / "profile")
    try:
        browser.go(served.address)
        assert browser.ask("location.search") == ""  # the token has left the address
        _reviews(browser, "Ada", "arar")
        browser.ask("document.querySelector('#adjudicates').blur()")
        _reviews(browser, "Bob", "aaar")
        browser.press("j")
        browser.press("e")
        browser.wait("document.querySelector('textarea')")
        browser.ask("document.querySelector('textarea').value = 'She is at ease.'")
        browser.save(lambda: browser.press("Enter"))
        browser.call("Page.reload")
        browser.wait("document.body.innerText.includes('She is at ease.')")
        shown = browser.ask("document.querySelector('#agreement').textContent")
        served.kill()
        served = Served(folder)
        browser.go(served.address)
        browser.wait("document.body.innerText.includes('She is at ease.')")
        alpha = Decisions(folder).agreement()["alpha_raters"]
        browser.wait("document.querySelector('#agreement').textContent.includes('2 reviewers')")
        assert f"α {alpha:.3f}" in shown
        assert browser.ask("document.querySelector('#agreement').textContent") == shown
        assert browser.ask("document.querySelector('video').error === null")
    finally:
        browser.close()
        served.kill()


def _reviews(browser, name, keys):
    """Decides the first sentences as a reviewer of this name."""
    browser.ask(
        f"(() => {{ const by = document.querySelector('#by'); by.value = '{name}'; by.onchange(); by.blur(); }})()"
    )
    for _ in range(10):
        browser.press("k")
    for place, key in enumerate(keys):
        browser.wait(f"document.querySelector('li[aria-current=true]').dataset.sentence === '{place}'")
        browser.save(lambda key=key: browser.press(key))
        if place + 1 < len(keys):
            browser.press("j")
    for _ in range(10):
        browser.press("k")
