"""What data refuses, wherever it is made: each with what was found and what to try."""

from pathlib import Path

import numpy as np
import pytest
from affekt import (
    Clip,
    Clue,
    Component,
    DataError,
    EmotionPrediction,
    Evidence,
    Features,
    Missing,
    Moment,
    Pipeline,
    SoundEvent,
    VideoFrames,
    Word,
)

ROWS = np.zeros((2, 1), np.float32)


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda: Features(values=ROWS, hop=0), "found 0"),
        (lambda: Features(values=ROWS, hop=-0.02), r"found -0\.02"),
        (lambda: Features(values=ROWS, hop=float("nan")), "found nan"),
        (lambda: Features(values=ROWS, hop=1.0, start=float("inf")), "found inf"),
        (lambda: Features(values=ROWS, spans=np.array([[0.0, 1.0], [2.0, 1.0]])), r"row 1 from 2\.0 to 1\.0"),
        (lambda: Features(values=ROWS, spans=np.array([[0.0, np.nan], [1.0, 2.0]])), r"row 0 from 0\.0 to nan"),
        (lambda: Features(values=np.zeros((0, 3), np.float32), hop=1.0), "hold no row"),
        (lambda: Missing(reason=""), "found ''"),
        (lambda: Missing(reason=" \n"), "should say something"),
        (lambda: Clip(id="a", missing={"audio": ""}), r"Clip.missing\['audio'\]"),
        (lambda: Evidence(clip=Clip(id="a"), missing={"speech": ""}), r"Evidence.missing\['speech'\]"),
        (lambda: Clip(id="a", start=-1), "found -1"),
        (lambda: Clip(id="a", length=-1), "found -1"),
        (lambda: EmotionPrediction(scores={"sad": 1.0}, valence=7), r"valence should be from -1 to 1; found 7"),
        (lambda: EmotionPrediction(scores={"sad": 1.0}, arousal=float("nan")), "found nan"),
        (lambda: EmotionPrediction(scores={"sad": 1.0}, claims_from=33), "found 33"),
        (lambda: Word(start=2.0, end=1.0, text="so"), r"Word 'so' should begin before it ends"),
        (lambda: Clue(modality="text", start=2.0, end=1.0, text="x", checked=False), r"from 2\.0 to 1\.0"),
        (lambda: Moment(start=2.0, end=float("nan"), scores={"sad": 1.0}), r"from 2\.0 to nan"),
        (lambda: SoundEvent(start=0, end=1, name=" ", vocal=True, probability=0.5), "SoundEvent.name"),
        (lambda: SoundEvent(start=0, end=1, name="sob", vocal=True, probability=2), "found 2"),
        (lambda: VideoFrames(frames=np.zeros((1, 4, 4, 3), np.uint8), fps=0), "VideoFrames.fps should be more than 0"),
    ],
)
def test_a_value_outside_of_its_contract_is_refused(make, found):
    with pytest.raises(DataError, match=found) as refused:
        make()
    assert "\nTry: " in str(refused.value)


def test_the_ends_of_a_range_belong_to_it():
    assert EmotionPrediction(scores={"sad": 1.0}, valence=-1, arousal=1).valence == -1
    assert Word(start=1.0, end=1.0, text="so").end == 1.0
    assert Features(values=ROWS, hop=0.02, start=-0.01).start == -0.01, "a first row may reach before the clip"


class Say(Component):
    def reason(self, evidence):
        return [EmotionPrediction(scores={"sad": 1.0}) for _ in evidence]


@pytest.mark.parametrize(
    ("source", "found", "hint"),
    [
        (np.zeros(16_000), r"an array with its sample rate; found one of shape \[16000\]", "sample_rate=16_000"),
        ({"waveform": np.zeros(16_000)}, 'a mapping with "waveform" and "sample_rate"', '"sample_rate": 16_000'),
        (b"RIFF", "found bytes", "io.BytesIO"),
        (None, "found NoneType", "clip.mp4"),
        (3, "found int", "clip.mp4"),
    ],
)
def test_analyze_says_what_it_takes(source, found, hint):
    with pytest.raises(DataError, match=found) as refused:
        Pipeline(reasoner=Say()).analyze(source)
    assert hint in str(refused.value)


@pytest.mark.parametrize("several", [["a.wav", "b.wav"], (Path("a.wav"), Path("b.wav"))])
def test_analyze_answers_each_of_several_recordings(several):
    failed = Pipeline(reasoner=Say()).analyze(several)
    assert [(each.source, type(each.error).__name__) for each in failed] == [
        ("a.wav", "MediaNotFound"), ("b.wav", "MediaNotFound"),
    ]  # fmt: skip


def test_a_silent_clip_lasts_as_long_as_its_file():
    felt = Pipeline(reasoner=Say()).analyze(Clip(id="a", length=5.0, missing={"audio": "silent"}))
    assert felt.to_dict()["duration"] == 5.0
