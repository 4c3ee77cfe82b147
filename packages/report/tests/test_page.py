import os
import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import affekt_report
import numpy as np
import pytest
from affekt import Appearance, Clip, Clue, EmotionPrediction, Evidence, Moment, SoundEvent, Translation, VideoFrames
from affekt_recordings import DISCLAIMER, Analysis
from affekt_recordings.windows import Part
from affekt_report import people
from affekt_report.page import windows

from .conftest import HOSTILE


class Reader(HTMLParser):
    """Collects tags and attributes as a browser would see them."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]


@pytest.fixture(scope="module")
def page(felt):
    return affekt_report.render(felt)


def test_the_page_is_well_formed(page):
    ElementTree.fromstring(page)


def test_the_page_asks_for_nothing_and_runs_nothing(page):
    read = Reader(page)
    assert not {"script", "link", "iframe", "object", "embed", "base", "form", "audio", "video"} & set(read.tags)
    for tag, name, value in read.attributes:
        assert not name.startswith("on"), (tag, name)
        if name in ("src", "href", "srcset", "poster", "data", "action"):
            assert value.startswith(("data:image/jpeg;base64,", "#")), (tag, name, value[:40])
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src 'none'" in page


def test_what_comes_from_the_recording_is_escaped(page):
    assert "<script>" not in page
    assert "alert(1)>" not in page
    assert "&lt;script&gt;" in page
    assert page.count("</style>") == 1
    assert "{{ 7*7 }}" in page, "texts are not templates"


def test_everything_known_is_shown(page, felt):
    shown = " ".join(ElementTree.fromstring(page).itertext())
    for expected in (
        DISCLAIMER,
        felt.label,
        "AU12 rises",
        "AU45",
        "not checked",
        "valence +0.30",
        "whisper-base (MIT)",
    ):
        assert expected in shown, expected
    for title in ("Over time", "Why", "Said", "Missing", "Notes", "How it was made", "Action units", "Voice", "Face"):
        assert title in shown, title


def test_a_moment_without_the_face_shows_no_face(page):
    assert 'title="no face around' in page


def test_a_report_is_small(page):
    assert len(page) < 1_500_000


def test_every_clue_marks_its_span(page):
    for number in (1, 2):
        assert f'class="b{number}"' in page
        assert f'id="clue-{number}"' in page
        assert f"body:has(.c{number}:hover) .b{number}" in page


def test_a_long_recording_says_what_it_lacks(part):
    windows = [
        replace(part, evidence=replace(part.evidence, clip=replace(part.evidence.clip, start=4.0 * i)))
        for i in range(1000)
    ]
    felt = Analysis(source="long.mp4", parts=tuple(window.lighten() for window in windows))
    page = affekt_report.render(felt)
    ElementTree.fromstring(page)
    assert "pictures of its 1000 windows were not kept" in page
    assert "Windows" in page
    assert "<em>pitch</em>" in page, "what was measured is drawn"
    assert "AU12" in page
    assert len(page) < 3_000_000


def test_windows_have_their_language_and_the_recordings_clock(part):
    def window(start, language, rationale):
        clip = Clip(id="a", start=start, length=30.0, text="So.", language=language)
        scores = {"calm": 0.6, "odd": 0.4}
        prediction = EmotionPrediction(scores=scores, rationale=rationale, claims_from=0.33)
        return Part(evidence=Evidence(clip=clip), prediction=prediction)

    parts = (window(0.0, "en", "Softer from 1.0 to 2.0 s."), window(30.0, "de", "Louder from 31.0 to 32.0 s."))
    page = affekt_report.render(Analysis(source="long.mp3", parts=parts))
    shown = " ".join("".join(ElementTree.fromstring(page).itertext()).split())
    assert "languages en, de" in shown
    assert "Louder from 1:01 to 1:02." in shown
    assert "An emotion is claimed from 33 % on." in shown


def test_a_translation_stands_under_the_transcript_and_says_whose_it_is(part):
    translation = Translation(language="en", original="de", source="Whisper", text=f"Go {part.evidence.clip.text}")
    laugh = SoundEvent(start=1.0, end=2.0, name="laughter", vocal=True, probability=0.9)
    clip = replace(part.evidence.clip, language="de", translation=translation, events=(laugh,))
    told = replace(part, evidence=replace(part.evidence, clip=clip))
    page = affekt_report.render(Analysis(source="a.mp4", parts=(told,)))
    shown = " ".join("".join(ElementTree.fromstring(page).itertext()).split())
    assert "Whisper's translation from de: Go" in shown
    assert "laughter until 2 s" in shown
    assert "<script>" not in page


@pytest.mark.parametrize("abstained", [None, "everything is missing"])
def test_a_clip_with_nothing_is_a_page_too(abstained):
    prediction = EmotionPrediction(scores={"calm": 0.6, "odd": 0.4}, abstained=abstained)
    clip = Clip(id="a", missing={"audio": "no audio track", "video": "no picture"})
    felt = Analysis(source="a.txt", parts=(Part(evidence=Evidence(clip=clip), prediction=prediction),))
    page = affekt_report.render(felt)
    ElementTree.fromstring(page)
    assert "no audio track" in page
    assert ("No emotion claimed" in page) == bool(abstained)
    ElementTree.fromstring(affekt_report.notebook(felt))


def test_silence_and_an_unvoiced_voice_draw_no_pitch(part):
    silent = replace(part.evidence.clip.audio, samples=np.zeros(16_000, np.float32))
    prosody = part.evidence.features["prosody"]
    flat = replace(prosody, values=np.zeros_like(prosody.values))
    evidence = replace(part.evidence, clip=replace(part.evidence.clip, audio=silent), features={"prosody": flat})
    page = affekt_report.render(Analysis(source="a.wav", parts=(replace(part, evidence=evidence),)))
    assert "pitch</em>" not in page
    assert not re.search(r'[" :ML]nan\b', page, re.IGNORECASE)


def test_write_makes_the_folder_and_leaves_nothing_else(felt, tmp_path):
    affekt_report.write(felt, tmp_path / "deep/report.html")
    assert os.listdir(tmp_path / "deep") == ["report.html"]
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        affekt_report.write(felt, tmp_path / "folder")
    assert os.listdir(tmp_path) in (["deep", "folder"], ["folder", "deep"])


def test_a_notebook_shows_the_verdict_the_timeline_and_the_disclaimer(felt):
    drawn = felt._repr_html_()
    assert drawn == affekt_report.notebook(felt)
    ElementTree.fromstring(drawn)
    assert "<svg" in drawn
    assert DISCLAIMER in drawn
    assert "<script>" not in drawn
    assert len(drawn) < 40_000


def test_people_have_a_line_each_with_states_and_hostile_names_stay_text():
    moments = (
        Moment(start=0, end=4, scores={"happy": 0.9, "sad": 0.1}),
        Moment(start=4, end=10, scores={"happy": 0.2, "sad": 0.8}),
    )
    heard = (
        Appearance(modality="audio", person="speaker 1", start=0, end=6),
        Appearance(modality="audio", person=HOSTILE, start=6, end=9, face="unknown"),
        Appearance(modality="face", person=f"face 1 {HOSTILE}", start=6, end=9),
    )
    clip = Clip(id="a", length=10.0, appearances=heard)
    prediction = EmotionPrediction(scores={"happy": 0.5, "sad": 0.5}, timeline=moments)
    felt = Analysis(source="a.wav", parts=(Part(evidence=Evidence(clip=clip), prediction=prediction),))
    page = affekt_report.render(felt)
    assert "speaks 6 s, 60 % of the time" in page
    assert "which face is the person&#39;s is not known" in page
    assert "happy 4 s, 67 %" in page
    assert "sad 2 s, 33 %" in page
    assert "speaker 1 6 s, 60 %" in page
    assert "nobody 1 s, 10 %" in page
    assert re.search(r"<details open>\s*<summary>1 face in view that no voice was given", page)
    assert page.count('class="person"') == 2
    assert "<script>" not in page
    assert 'style="left: 0.000%; width: 40.000%; background' in page
    unsure = replace(prediction, claims_from=0.85)
    (first, _, _) = people.rows(replace(felt, parts=(replace(felt.parts[0], prediction=unsure),)), {"happy": "gold"})
    assert [(bar.title, bar.colour) for bar in first.bars] == [("happy", "gold"), ("nothing claimed", "")]
    nobody = Part(evidence=Evidence(clip=replace(clip, appearances=())), prediction=prediction)
    assert 'class="person"' not in affekt_report.render(replace(felt, parts=(nobody,)))


def test_windows_with_nothing_to_judge_are_one_line_and_those_without_a_claim_are_lines_of_their_own():
    silence = {"scores": {"sad": 0.5, "happy": 0.5}, "abstained": "no speech", "rationale": "Nobody speaks."}

    def part(start, **felt):
        clip = Clip(id="a", start=start, length=30.0)
        return Part(evidence=Evidence(clip=clip), prediction=EmotionPrediction(**felt))

    parts = [part(30.0 * at, nothing_to_judge=True, **silence) for at in range(4)]
    parts += [part(120.0, scores={"sad": 0.9, "happy": 0.1}), part(150.0, **silence)]
    rows = windows(parts)
    assert [(row.start, row.end, row.what) for row in rows] == [
        (0.0, 120.0, "nothing to judge"), (120.0, 150.0, "sad 90 %"), (150.0, 180.0, "no claim"),
    ]  # fmt: skip


def test_a_text_has_no_times():
    clue = Clue(modality="text", start=0.0, end=0.0, text="“sad”", checked=True)
    felt = EmotionPrediction(scores={"happy": 0.1, "sad": 0.9}, clues=(clue,))
    evidence = Evidence(clip=Clip(id="a", text="I am sad."))
    analysis = Analysis(source="a.txt", parts=(Part(evidence=evidence, prediction=felt),))
    for page in (affekt_report.render(analysis), affekt_report.notebook(analysis)):
        assert "a text" in page
        assert "0.0" not in page.partition("<body")[2].partition("How this was made")[0].replace("0.0%", "")
        assert "“sad”" in page


def test_a_still_picture_has_no_times():
    clue = Clue(modality="face", start=0.0, end=0.1, text="the lip corners stay raised (AU12)", checked=True)
    felt = EmotionPrediction(scores={"happy": 0.9, "sad": 0.1}, clues=(clue,))
    picture = VideoFrames(frames=np.zeros((1, 9, 9, 3), np.uint8), fps=10.0)
    moving = VideoFrames(frames=np.zeros((2, 9, 9, 3), np.uint8), fps=20.0)

    def pages(video):
        part = Part(evidence=Evidence(clip=Clip(id="a", video=video)), prediction=felt)
        analysis = Analysis(source="a.png", parts=(part,))
        return affekt_report.render(analysis), affekt_report.notebook(analysis)

    for page in pages(picture):
        assert "a still picture" in page
        assert "0.1 s" not in page
        assert "Over time" not in page
        assert clue.text in page
    assert '<td class="what">the lip corners' in pages(picture)[0], (
        "the column that takes the room is known by its name"
    )
    assert ".why td.what" in pages(picture)[0]
    assert all("0.1 s" in page for page in pages(moving))


def test_the_number_of_a_clue_at_the_very_end_stays_within_the_timeline():
    clue = Clue(modality="face", start=9.9, end=10.0, text="the lip corners rise (AU12)", checked=True)
    felt = EmotionPrediction(scores={"happy": 0.9, "sad": 0.1}, clues=(clue,))
    part = Part(evidence=Evidence(clip=Clip(id="a", length=10.0)), prediction=felt)
    page = affekt_report.render(Analysis(source="a.mp4", parts=(part,)))
    (style,) = re.findall(r'class="c1 face" style="([^"]*)"', page)
    width = re.search(r"\.clues a {[^}]*min-width: (\d+)px", page)[1]
    assert f"left: min(99.00%, 100% - {width}px)" in style
