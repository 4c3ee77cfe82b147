import io

import numpy as np
import pytest
from affekt import Appearance, Clip, Clue, EmotionPrediction, Evidence, Moment, Translation, VideoFrames, Word
from affekt_cli.drawing import draw
from affekt_cli.sparkline import bar, sample
from affekt_cli.spoken import spoken_lines
from affekt_recordings import Analysis
from affekt_recordings.windows import Part
from rich.console import Console


def analysis(clip, **prediction):
    prediction = EmotionPrediction(**{"scores": {"calm": 0.6, "sad": 0.4}, **prediction})
    return Analysis(source="clips/a.mp4", parts=(Part(evidence=Evidence(clip=clip), prediction=prediction),))


def drawn(felt, width=80):
    console = Console(width=width, file=io.StringIO(), highlight=False)
    console.print(draw(felt, width))
    return console.file.getvalue()


@pytest.mark.parametrize("width", [40, 80, 120, 300])
def test_no_line_is_wider_than_the_terminal(width):
    moments = tuple(Moment(start=t, end=t + 1, scores={"calm": 0.6, "sad": 0.4}) for t in range(20))
    clue = Clue(modality="face", start=1, end=3, text="the inner brows rise " * 8, checked=True)
    text = drawn(
        analysis(Clip(id="a", missing={"audio": "the track is silent"}), timeline=moments, clues=(clue,)), width
    )
    assert max(map(len, text.splitlines())) <= width
    assert "the track is silent" in " ".join(text.split())


def test_an_abstention_claims_nothing_and_gives_its_reason():
    text = drawn(analysis(Clip(id="a"), abstained="voice, face and words are all missing"))
    assert "no emotion claimed: voice, face and words are all missing" in text
    assert "calm 60%" not in text


def test_a_still_picture_has_no_times():
    clue = Clue(modality="face", start=0.0, end=0.1, text="the lip corners stay raised (AU12)", checked=True)
    clip = Clip(id="a", video=VideoFrames(frames=np.zeros((1, 9, 9, 3), np.uint8), fps=10.0))
    text = drawn(analysis(clip, clues=(clue,)))
    assert "a.mp4  a still picture" in text
    assert "0.1 s" not in text


def test_a_text_has_no_times():
    clue = Clue(modality="text", start=0.0, end=0.0, text="“sad”", checked=True)
    text = drawn(analysis(Clip(id="a", text="I am sad."), clues=(clue,)))
    assert "a.mp4  a text" in text
    assert "I am sad." in text
    assert " s " not in text.replace("a text", "")


def test_text_of_the_recording_is_never_taken_for_markup():
    text = drawn(analysis(Clip(id="a", text="[red]stop[/] [/]", notes=("[bold]",)), rationale="[link=x]y"))
    assert "[red]stop[/] [/]" in text
    assert "[bold]" in text
    assert "[link=x]y" in text


def test_several_languages_and_a_translation_are_shown_as_such():
    translation = Translation(language="en", original="de", source="Whisper", text="Leave me alone.")
    scores = {"calm": 0.6, "sad": 0.4}
    english = Clip(id="a", text="Go.", language="en", length=30.0)
    german = Clip(id="a", text="Lass mich.", language="de", start=30.0, length=40.0, translation=translation)
    parts = [Part(evidence=Evidence(clip=clip), prediction=EmotionPrediction(scores=scores))
             for clip in (english, german)]  # fmt: skip
    text = drawn(Analysis(source="long.mp3", parts=tuple(parts)))
    assert "long.mp3  1:10, languages en, de" in text
    assert "In Whisper's translation from de" in text
    assert "Go. Leave me alone." in text


@pytest.mark.parametrize("width", [40, 80, 120])
def test_people_have_a_row_each_with_when_they_speak_and_what_is_felt(width):
    scores = ({"calm": 0.9, "sad": 0.1}, {"calm": 0.2, "sad": 0.8})
    moments = tuple(Moment(start=5 * at, end=5 * at + 5, scores=each) for at, each in enumerate(scores))
    heard = (
        Appearance(modality="audio", person="speaker 1", start=0, end=5),
        Appearance(modality="audio", person="[bold]Vera", start=5, end=8, face="off screen"),
        *(Appearance(modality="face", person=f"face {at}", start=5, end=8) for at in range(10)),
    )
    text = drawn(analysis(Clip(id="a", length=10.0, appearances=heard), timeline=moments), width)
    assert max(map(len, text.splitlines())) <= width
    text = " ".join(text.split())
    for expected in ("People", "speaker 1", "calm 90%", "Vera", "sad 80%", "off screen",
                     "speaker 1: calm is claimed throughout",
                     "[bold]Vera speaks alone for 3 s (30%), nobody speaks for 2 s (20%)",
                     "face 7", "and 2 more faces that no voice was given"):  # fmt: skip
        assert expected in text
    if width >= 80:
        assert "5 s, 50%" in text
        assert "[bold]Vera 3 s, 30%" in text


def test_gaps_of_the_timeline_stay_empty():
    moments = (Moment(start=0, end=1, scores={"calm": 1.0}), Moment(start=3, end=4, scores={"calm": 1.0}))
    assert [bool(scores) for scores in sample(moments, 4, 4)] == [True, False, False, True]
    assert sample((), 4, 4) == []


def test_a_bar_fills_in_eighths():
    assert bar(1, 4) == "████"
    assert bar(0, 4) == "    "
    assert bar(0.5 + 1 / 32, 4) == "██▏ "


def test_lines_of_the_transcript_end_at_pauses_and_count_from_the_start_of_the_recording():
    words = [Word(start=t, end=t + 0.3, text=text) for t, text in ((0, "one"), (0.4, "two"), (3, "three"))]
    felt = analysis(Clip(id="a", text="one two three", words=tuple(words), start=60.0))
    assert list(spoken_lines(felt)) == [(60.0, "one two"), (63.0, "three")]
