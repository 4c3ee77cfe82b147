"""The page in headless Chromium: by upload, by a faked camera and microphone, by keyboard, on a phone, in the dark."""

import json
import shutil
import subprocess
import time
import zipfile

import pytest

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
PATIENCE = 240_000


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, server):
    """A function that opens the page in a session of its own, and fails where anything comes from elsewhere."""
    contexts, elsewhere = [], []

    def foreign(url):
        return [] if url.startswith((server.address, "blob:", "data:")) else [url]

    def open_page(**options):
        context = browser.new_context(**({"viewport": DESKTOP} | options))
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: elsewhere.extend(foreign(request.url)))
        page.on("pageerror", lambda error: elsewhere.append(f"error: {error}"))
        page.goto(f"{server.address}/?token={server.token}")
        page.wait_for_selector("body[data-ready]")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert elsewhere == []


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


def wait(page, expression):
    """Waits until an expression holds; playwright's own way is forbidden by the page's policy."""
    deadline = time.monotonic() + PATIENCE / 1000
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        time.sleep(0.05)


def analyse(page, path):
    """Uploads a file and waits for its answer."""
    page.set_input_files("#files", path)
    page.click("#upload button[type=submit]")
    page.wait_for_selector("body[data-shown]")


def serious(page):
    """The serious and critical findings of axe."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(page).response["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")]


def test_an_upload_is_analysed_and_player_timeline_and_words_move_each_other(open_page, film):
    page = open_page()
    analyse(page, film)
    assert "excited" in page.inner_text("#verdict")
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


def test_a_reload_shows_the_same_job_and_another_session_none(open_page, film):
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


def test_everything_is_reached_by_keyboard(open_page, film):
    page = open_page()
    page.set_input_files("#files", film)  # the file dialogue is the system's
    page.focus("#upload button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_selector("body[data-shown]")
    page.focus("#result-title")
    reached = set()
    for _ in range(90):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("(e => e.id || e.className || e.parentElement.id)(document.activeElement)"))
        if page.evaluate("document.activeElement.className === 'slider'"):
            for key, time in (("End", 2.0), ("ArrowLeft", 1.0), ("Home", 0.0)):
                page.keyboard.press(key)
                wait(page, f"Math.abs(document.querySelector('#player').currentTime - {time}) < 0.25")
    assert {"player", "slider", "words", "other", "text", "emotion", "intensity", "felt"} <= reached
    page.focus("#list tbody button")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    wait(page, "document.querySelector('#message').textContent.includes('was removed')")
    assert page.is_hidden("#result")


def test_a_faked_camera_and_microphone_are_recorded_and_analysed_on_a_phone_in_the_dark(open_page):
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


def test_a_faked_camera_and_microphone_are_judged_live(open_page):
    page = open_page(permissions=["camera", "microphone"])
    page.click("#live-start")
    page.wait_for_selector("#live-log li")
    assert any(name in page.inner_text("#live-log") for name in ("excited", "neutral", "nothing claimed"))
    page.click("#live-stop")
    wait(page, "document.querySelector('#live-now').textContent.includes('median delay')")
    page.wait_for_selector("#live-start:not([hidden])")


def test_two_pipelines_are_compared_the_clip_is_answered_and_exports_are_offered(open_page, film, tmp_path):
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


def test_many_clips_are_one_table_that_is_sorted_counted_and_exported(open_page, film, tmp_path):
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
    from affekt.analysis import Analysis
    from affekt.windows import Part
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
        appearances=tuple(Appearance(person=who, start=start, end=end, modality="audio") for who, start, end in turns),
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
    server = uvicorn.Server(uvicorn.Config(make_app(studio), port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}", job.id, {f"affekt-studio-{port}": token, f"affekt-session-{port}": "ada"}
    server.should_exit = True
    thread.join()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_who_speaks_and_what_was_struck_are_shown_and_annotations_are_reviewed(browser, still_studio, scheme):
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


def test_the_script_of_the_page_is_well_formed():
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    from importlib import resources

    text = (resources.files("affekt_studio") / "page" / "studio.js").read_bytes()
    subprocess.run([node, "--input-type=module", "--check"], input=text, check=True)
