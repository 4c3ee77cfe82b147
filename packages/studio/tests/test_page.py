"""The page in headless Chromium: by upload, by a faked camera and microphone, by keyboard, on a phone, in the dark."""

import json
import shutil
import subprocess
import threading
import time
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from affekt_studio.commands import app
from typer.testing import CliRunner

pytestmark = pytest.mark.slow
PHONE = {"width": 390, "height": 844}
PATIENCE = 240_000


@pytest.fixture(scope="module")
def browser(launch):
    return launch()


@pytest.fixture
def open_page(enter, server):
    """A function that opens the page of the tests' server in a session of its own."""
    return lambda **options: enter(f"{server.address}/?token={server.token}", **options)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Two seconds of moving colours with a tone, as browsers play it."""
    import av
    import numpy as np

    path = tmp_path_factory.mktemp("film") / "film.webm"
    with av.open(str(path), "w") as container:
        video = container.add_stream("libvpx", rate=10)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = container.add_stream("libopus", rate=48_000)
        audio.layout = "mono"
        for number in range(20):
            picture = np.full((48, 64, 3), 10 * number, np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        samples = (np.sin(2 * np.pi * 200 * np.arange(96_000) / 48_000) * 0.3).astype(np.float32)
        for number in range(100):
            frame = av.AudioFrame.from_ndarray(
                samples[None, 960 * number : 960 * (number + 1)], format="fltp", layout="mono"
            )
            frame.sample_rate, frame.pts = 48_000, 960 * number
            container.mux(audio.encode(frame))
        container.mux(audio.encode(None))
        container.mux(video.encode(None))
    return path


def lend(name):
    """Puts a voice that somebody lent into the tests' own store."""
    from datetime import UTC, datetime, timedelta

    import numpy as np
    from affekt_voices import ConsentRecord, VoiceStore
    from affekt_voices.store import embedding_hash

    own = np.full(256, 1 / 16, np.float32)
    now = datetime.now(UTC)
    record = ConsentRecord(
        id="0" * 32, voice=name, person="Anna Example", purposes=("replies",), language="en", given=now,
        expires=now + timedelta(days=1), phrase="I, Anna, allow it.", heard="i anna allow it", word_errors=0.0,
        similarity=0.9, encoder="GE2E", embedding_sha256=embedding_hash(own),
    )  # fmt: skip
    VoiceStore().add(record, own, [])


def analyse(page, path):
    """Uploads a file and waits for its answer."""
    page.set_input_files("#files", path)
    page.click("#upload button[type=submit]")
    page.wait_for_selector("body[data-shown]")


def test_an_upload_is_analysed_and_player_timeline_and_words_move_each_other(open_page, film, wait, serious):
    page = open_page()
    analyse(page, film)
    assert "excited" in page.inner_text("#verdict")
    assert page.inner_text("#message") == "", "that it was queued is no longer true"
    assert page.locator(".view .track path").count() >= 2
    slider = page.locator(".slider")
    box = slider.bounding_box()
    slider.click(position={"x": box["width"] / 2, "y": 5})
    wait(page, "Math.abs(document.querySelector('#player').currentTime - 1) < 0.1")
    assert page.evaluate("Math.abs(parseFloat(document.querySelector('.now').style.left) - 50) < 6")
    words = page.locator("#words button")
    assert words.count() == 7
    words.last.click()
    wait(page, "document.querySelector('#player').currentTime > 1.5")
    wait(page, "document.querySelector('#words button:last-of-type').getAttribute('aria-current') === 'true'")
    assert serious(page) == []


def test_a_reload_shows_the_same_job_and_another_session_none(open_page, film, wait):
    page = open_page()
    page.set_input_files("#files", film)
    page.click("#upload button[type=submit]")
    wait(page, "location.hash.length > 30")
    page.reload()  # while it is queued or runs
    page.wait_for_selector("body[data-shown]")
    assert page.inner_text("#result-title") == "film.webm"
    shown = page.evaluate("document.body.dataset.shown")
    other = open_page()
    assert other.inner_text("#empty") == "Nothing yet."
    other.evaluate(f"location.hash = '{shown}'")
    other.reload()
    wait(other, "document.querySelector('#message').textContent.includes('no analysis')")
    assert other.evaluate(f"fetch('/v1/analyses/{shown}/media').then((answer) => answer.status)") == 404


def to(page, selector, key="Tab"):
    """Goes to an element as a keyboard does, and to nothing else."""
    for _ in range(150):
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} does not reach {selector}")


def choose(page, selector, text):
    """Chooses an option of a list by its first letters."""
    to(page, selector)
    page.keyboard.type(text)
    assert page.evaluate("document.activeElement.selectedOptions[0].textContent").startswith(text)


def test_the_keyboard_alone_does_everything(open_page, film, wait, tmp_path):
    page = open_page(permissions=["camera", "microphone"])
    press = page.keyboard.press
    # The dialogue is the system's; it is awaited from the start, for a key may come before the browser has been told.
    page.on("filechooser", lambda chooser: chooser.set_files(film))
    to(page, "#files")
    press("Enter")
    wait(page, "document.querySelector('#files').files.length === 1")
    choose(page, "#pipeline", "cheap")
    to(page, "#upload button[type=submit]")
    press("Enter")
    page.wait_for_selector("body[data-shown]")
    to(page, "#player")
    to(page, ".slider")
    for key, at in (("End", 2.0), ("ArrowLeft", 1.0), ("Home", 0.0)):
        press(key)
        wait(page, f"Math.abs(document.querySelector('#player').currentTime - {at}) < 0.25")
    press("Space")
    wait(page, "document.querySelector('#player').currentTime > 0.2")
    press("Space")
    wait(page, "document.querySelector('#player').paused")
    press("End")
    to(page, "#clues button")
    press("Enter")
    wait(page, "document.querySelector('#player').currentTime === 0")
    to(page, "#words button:last-of-type")
    press("Enter")
    wait(page, "document.querySelector('#player').currentTime > 1.5")
    choose(page, "#other", "cheap")
    to(page, "#compare summary")
    press("Enter")
    choose(page, "#other-slots select[data-slot=prosody]", "none")
    to(page, "#compare button")
    press("Enter")
    page.wait_for_selector("#side-by-side:not([hidden])")
    to(page, "#text")
    page.keyboard.type("I am glad that you came here today.")
    choose(page, "#emotion", "neutral")
    to(page, "#intensity")
    press("ArrowRight")
    assert page.input_value("#intensity") == "0.7"
    to(page, "#voice")
    to(page, "#felt")
    press("Space")
    assert page.is_checked("#felt")
    press("Space")
    to(page, "#reply button[type=submit]")
    press("Enter")
    page.wait_for_selector("#speech:not([hidden])")
    to(page, "#exports a[href$='/csv']")
    with page.expect_download() as download:
        press("Enter")
    assert download.value.path().stat().st_size > 0
    to(page, "#record-audio", "Shift+Tab")
    press("Enter")
    page.wait_for_selector("#record-stop:not([hidden])")
    page.wait_for_timeout(1500)
    press("Enter")  # the focus is on it already
    wait(page, "document.querySelector('#result-title').textContent === 'recording.webm'")
    to(page, "#live-start", "Shift+Tab")
    press("Enter")
    page.wait_for_selector("#live-log li")
    to(page, "#live-stop")
    press("Enter")
    page.wait_for_selector("#live-start:not([hidden])")
    to(page, "#columns button[data-column=Recording]")
    press("Enter")
    assert page.get_attribute("#columns th", "aria-sort") == "ascending"
    to(page, "#list tbody button.plain")
    press("Enter")
    wait(page, "document.querySelector('#message').textContent.includes('was removed')")
    choose(page, "#all-format", "srt")
    to(page, "#all")
    with page.expect_download() as download:
        press("Enter")
    assert zipfile.is_zipfile(download.value.path())
    to(page, "#purge")
    press("Enter")
    page.wait_for_selector("#empty:not([hidden])")


def test_a_faked_camera_and_microphone_are_recorded_and_analysed_on_a_phone_in_the_dark(open_page, serious):
    page = open_page(viewport=PHONE, color_scheme="dark", permissions=["camera", "microphone"])
    page.click("#record-video")
    page.wait_for_selector("#record-stop:not([hidden])")
    page.wait_for_timeout(1500)
    page.click("#record-stop")
    page.wait_for_selector("body[data-shown]")
    assert page.inner_text("#result-title") == "recording.webm"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 19, 24)"
    assert serious(page) == []


def test_a_faked_camera_and_microphone_are_judged_live(open_page, wait):
    page = open_page(permissions=["camera", "microphone"])
    page.click("#live-start")
    page.wait_for_selector("#live-log li")
    assert any(name in page.inner_text("#live-log") for name in ("excited", "neutral", "nothing claimed"))
    page.click("#live-stop")
    wait(page, "document.querySelector('#live-now').textContent.includes('median delay')")
    page.wait_for_selector("#live-start:not([hidden])")


def test_two_pipelines_are_compared_the_clip_is_answered_and_exports_are_offered(open_page, film, tmp_path, wait):
    page = open_page()
    analyse(page, film)
    page.click("#compare summary")
    page.select_option("#other-slots select[data-slot=transcript]", label="none")
    page.click("#compare button")
    page.wait_for_selector("#side-by-side:not([hidden])")
    assert page.locator("#views.two .view").count() == 2
    rows = {row.split("\t")[0]: row.split("\t")[1:] for row in page.inner_text("#comparison").splitlines()}
    assert rows["Felt"] == ["excited", "excited"]
    assert page.locator("#comparison thead th").all_inner_texts() == ["cheap", "cheap, transcript: none"]
    page.reload()  # both are shown again
    page.wait_for_selector("#side-by-side:not([hidden])")
    page.fill("#text", "I am glad that you came here today.")
    page.select_option("#emotion", "neutral")
    page.click("#reply button[type=submit]")
    page.wait_for_selector("#speech:not([hidden])")
    assert "Synthetic speech, watermarked" in page.inner_text("#reply-message")
    wait(page, "document.querySelector('#speech').duration > 0.3")
    names = [link.inner_text() for link in page.locator("#exports a").all()]
    from affekt_exchange.registry import formats

    assert set(names) == {"json", "report", *formats()}
    with page.expect_download() as download:
        page.click("#exports a[href$='/json']")
    download.value.save_as(tmp_path / "result.json")
    assert json.loads((tmp_path / "result.json").read_text())["source"] == "film.webm"


def test_many_clips_are_one_table_that_is_sorted_counted_and_exported(open_page, film, tmp_path, wait, serious):
    page = open_page(viewport=PHONE)
    copies = [shutil.copy(film, tmp_path / name) for name in ("b.webm", "a.webm")]
    page.set_input_files("#files", copies)
    page.click("#upload button[type=submit]")
    wait(page, "document.querySelectorAll('#list tbody tr').length === 2")
    page.focus("#list tbody tr:nth-child(2) button.plain")
    wait(page, "[...document.querySelectorAll('#list td:nth-child(3)')].every((cell) => cell.textContent === 'done')")
    # The table was drawn again meanwhile, and the keyboard is where it was.
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Remove b.webm"
    assert page.inner_text("#batch-count").startswith("2 of 2 recordings are analysed")
    assert page.locator("#batch-legend li").all_inner_texts() == ["excited 2"]
    for direction, names in (("ascending", ["a.webm", "b.webm"]), ("descending", ["b.webm", "a.webm"])):
        page.focus("#columns button[data-column=Recording]")
        page.keyboard.press("Enter")
        assert page.locator("#list tbody td:first-child").all_inner_texts() == names
        assert page.get_attribute("#columns th", "aria-sort") == direction
    with page.expect_download() as download:
        page.click("#summary")
    assert download.value.path().read_text().splitlines()[0].startswith("recording,pipeline,duration,label")
    page.select_option("#all-format", "vtt")
    with page.expect_download() as download:
        page.click("#all")
    assert zipfile.is_zipfile(download.value.path())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert serious(page) == []


@pytest.fixture
def still_studio(tmp_path, cheap, film, unused_port):
    """A studio without workers in a thread with an analysis of two people and of words that were struck."""
    import threading

    import uvicorn
    from affekt import Appearance, Clip, Clue, EmotionPrediction, Evidence, Moment, Word
    from affekt_recordings.analysis import Analysis
    from affekt_recordings.windows import Part
    from affekt_studio.app import make_app, make_studio
    from affekt_studio.config import StudioConfig
    from affekt_studio.results import write_analysis
    from affekt_studio.security import Access, session_name
    from affekt_studio.studio import Media

    reviewed = tmp_path / "annotated"
    reviewed.mkdir()
    (reviewed / "annotations.jsonl").write_text("", encoding="utf-8")
    port, token = unused_port, "a-token"
    config = StudioConfig(
        folder=tmp_path / "data", pipelines={"cheap": str(cheap)}, workers=0, reviews={"annotated": reviewed}
    )
    studio = make_studio(config, Access(token=token, port=port))
    turns = (("speaker 1", 0.0, 1.2), ("speaker 2", 1.1, 2.0))
    words = (Word(text="Really?", start=0.2, end=0.8), Word(text="Yes.", start=1.4, end=1.9))
    clip = Clip(
        id="film", text="Really? Yes.", words=words, language="en", length=2.0,
        appearances=(
            *(Appearance(person=who, start=start, end=end, modality="audio") for who, start, end in turns),
            *(Appearance(person=f"face {at}", start=0, end=2, modality="face") for at in range(20)),
        ),
    )  # fmt: skip
    scores = ({"happy": 0.7, "neutral": 0.3}, {"happy": 0.2, "neutral": 0.8})
    felt = EmotionPrediction(
        scores={"happy": 0.6, "neutral": 0.4}, labels=("happy",), rationale="The voice is bright.",
        generated="The voice is bright. They frown.", struck=("They frown.",),
        clues=(Clue(modality="audio", start=0.1, end=0.9, text="a bright voice", checked=True),),
        timeline=tuple(Moment(start=at, end=at + 1.0, scores=each) for at, each in enumerate(scores)),
    )  # fmt: skip
    analysis = Analysis(source="film", parts=(Part(evidence=Evidence(clip=clip), prediction=felt),))
    job = studio.store.submit(session_name("ada"), "analysis", {"name": "film.webm", "pipeline": None, "settings": {}})
    folder = studio.store.folder_of(job.id)
    folder.mkdir(parents=True)
    Media(film, "film.webm").put(folder, 0)
    outcome = write_analysis(analysis, "film.webm", folder / "attempt-1")
    studio.store.finish(studio.store.claim("test", 600), "done", outcome | {"folder": "attempt-1"})
    # A page that a test leaves open keeps its stream of events, for which the server would wait.
    config = uvicorn.Config(make_app(studio), port=port, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}", job.id, {f"affekt-studio-{port}": token, f"affekt-session-{port}": "ada"}
    server.should_exit = True
    thread.join(timeout=30)
    assert not thread.is_alive()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_who_speaks_and_what_was_struck_are_shown_and_annotations_are_reviewed(
    browser, still_studio, scheme, wait, serious
):
    address, id, cookies = still_studio
    context = browser.new_context(viewport=PHONE, color_scheme=scheme)
    context.set_default_timeout(PATIENCE)
    context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
    page = context.new_page()
    page.goto(f"{address}/#{id}")
    page.wait_for_selector("body[data-shown]")
    assert not page.is_visible("#struck-parts")
    page.focus("#struck summary")
    page.keyboard.press("Enter")
    assert page.inner_text("#struck-parts del") == "They frown."
    assert "They frown." not in page.inner_text("#rationale")
    people = page.locator("#who li").all_inner_texts()
    assert people[0].startswith("speaker 1 speaks 0:01.2")
    assert "Yes." in people[1]
    assert people[2].startswith("face 0 is in view.")
    assert len(people) == 10, "a few faces without a voice"
    assert page.locator(".track .name").all_inner_texts()[:3] == ["emotions", "speaker 1", "speaker 2"]
    page.click("#who li:nth-child(2) button")
    wait(page, "Math.abs(document.querySelector('#player').currentTime - 1.1) < 0.2")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert serious(page) == []
    with page.expect_response("**/review/annotated/items") as answered:
        page.click("#review-list a")
    assert answered.value.json() == []
    assert page.title() == "Review of annotations"
    context.clear_cookies()
    assert page.goto(f"{address}/review/annotated/items").status == 403
    context.close()


def test_a_lent_voice_is_asked_for_in_a_dialogue_and_speaks_only_with_consent(enter, still_studio, wait):
    address, id, cookies = still_studio
    token, session = cookies.values()
    page = enter(f"{address}/?token={token}")
    page.context.add_cookies([{"name": list(cookies)[1], "value": session, "url": address}])
    page.goto(f"{address}/#{id}")
    page.reload()
    page.wait_for_selector("body[data-shown]")
    lend("anna")
    page.fill("#text", "Yes.")
    page.fill("#voice", "anna")
    page.click("#reply button[type=submit]")
    page.wait_for_selector("#consent[open]")
    assert "belongs to somebody" in page.inner_text("#consent")
    page.keyboard.press("Escape")
    page.wait_for_selector("#consent:not([open])", state="attached")
    page.click("#reply button[type=submit]")
    page.click("#consent-no")
    assert page.inner_text("#reply-message") == "Nothing was said."
    page.click("#reply button[type=submit]")
    with page.expect_request("**/replies") as asked:
        page.click("#consent-yes")
    assert asked.value.post_data_json["consent"] is True
    wait(page, "document.querySelector('#reply-message').textContent === 'queued'")


def test_the_script_of_the_page_is_well_formed():
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    from importlib import resources

    text = (resources.files("affekt_studio") / "page" / "studio.js").read_bytes()
    subprocess.run([node, "--input-type=module", "--check"], input=text, check=True)


@pytest.fixture
def outer_page(unused_port, tmp_path):
    """A function that serves a page of another site with a frame of an address in it, and gives its own address."""
    (tmp_path / "outer").mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", unused_port), partial(QuietHandler, directory=str(tmp_path / "outer")))
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def write(address):
        (tmp_path / "outer/index.html").write_text(
            f'<a href="{address}">open</a><iframe src="{address}" width="1000" height="800"></iframe>'
        )
        return f"http://localhost:{unused_port}/"

    yield write
    server.shutdown()


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files and says nothing of it."""

    def log_message(self, *message):
        """Nothing."""


def test_a_page_of_a_named_site_may_show_the_studio_and_no_other(
    browser, start_server, outer_page, sound, unused_port, tmp_path
):
    own = f"http://localhost:{unused_port}"
    studio = start_server(tmp_path / "framed", "--public", "--framed-by", own)
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(outer_page(f"{studio.address}/"))
    frame = page.frame_locator("iframe")
    frame.locator("#files").set_input_files(sound)
    frame.locator("#upload button[type=submit]").click()
    frame.locator("body[data-shown]").wait_for()
    assert frame.locator("#list tbody tr").count() == 1, "the session is kept within the frame"
    of_another = start_server(tmp_path / "another", "--public", "--framed-by", "http://localhost:1")
    page.goto(outer_page(f"{of_another.address}/"))  # which waits for its frames
    assert page.frames[1].url.startswith("chrome-error:"), "cookies are kept there, so the policy alone forbids it"
    closed = start_server(tmp_path / "closed", "--public")
    page.goto(outer_page(f"{closed.address}/"))
    assert page.frames[1].url.startswith("chrome-error:")
    page.click("a")  # a link of another site opens the page itself
    page.wait_for_selector("body[data-ready]")
    page.goto(f"{studio.address}/?entered")
    context.clear_cookies()
    page.reload()
    assert "keeps no cookies" in page.inner_text("body")
    context.close()


@pytest.mark.parametrize("origin", ["huggingface.co", "https://a.b; script-src *", "https://a.b/path"])
def test_a_site_that_is_none_is_refused(origin, capsys):
    result = CliRunner().invoke(app, ["--framed-by", origin])
    assert result.exit_code == 2
    assert "--framed-by names a site as https://HOST" in " ".join(result.output.split())
