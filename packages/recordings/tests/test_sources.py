"""What `analyze` and `stream` take: files, open files, sound in memory, clips, and several of these."""

import gc
import io
import wave
import weakref
from pathlib import Path
from typing import ClassVar

import affekt
import numpy as np
import pytest
from affekt import (
    AudioSignal,
    Clip,
    Component,
    DataError,
    EmotionPrediction,
    Features,
    MediaError,
    Missing,
    Pipeline,
    WeightsError,
)
from affekt_recordings import Analysis, FailedAnalysis

RATE = 16_000
TONE = (0.5 * np.sin(2 * np.pi * 300 * np.arange(RATE) / RATE)).astype(np.float32)
"""One second."""


class Level(Component):
    """The mean level; it remembers how many clips came together, and fails where a clip is named so."""

    modality: ClassVar[affekt.Modality] = "audio"
    batches: ClassVar[list[int]] = []

    def encode(self, clips):
        self.batches.append(len(clips))
        if any("broken" in clip.id for clip in clips):
            raise ZeroDivisionError("a broken clip")
        if any("weightless" in clip.id for clip in clips):
            raise WeightsError("there are no weights")
        return [
            Missing(reason=clip.why_missing("audio"))
            if clip.audio is None
            else Features(values=np.full((1, 1), np.abs(clip.audio.samples).mean(), np.float32), hop=clip.duration)
            for clip in clips
        ]


class Loud(Component):
    """A reasoner that says how loud it was, as a probability."""

    def reason(self, evidence):
        levels = [float(known.features["level"].values[0, 0]) if known.features else 0.0 for known in evidence]
        return [EmotionPrediction(scores={"loud": level, "soft": 1 - level}) for level in levels]


@pytest.fixture
def pipeline():
    Level.batches.clear()
    return Pipeline(encoders={"level": Level()}, reasoner=Loud())


def written(path: Path, seconds: float = 1.0) -> Path:
    samples = np.resize(TONE, round(RATE * seconds))
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", "NONE"))
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


def clip(name: str) -> Clip:
    return Clip(id=name, audio=AudioSignal(samples=TONE, sample_rate=RATE))


def test_a_recording_is_heard_alike_in_every_form(pipeline, tmp_path):
    path = written(tmp_path / "tone.wav")
    wanted = pipeline.analyze(path)
    assert wanted.scores["loud"] == pytest.approx(np.abs(TONE).mean(), abs=1e-3)
    with path.open("rb") as file:
        forms = {
            str(path): file,
            "open file": io.BytesIO(path.read_bytes()),
            "waveform": {"waveform": TONE, "sample_rate": RATE},
            "a": {"array": TONE.astype(np.float64), "sampling_rate": RATE, "path": "a"},
            "tone.wav": clip("tone.wav"),
        }
        for name, form in forms.items():
            felt = pipeline.analyze(form)
            assert (felt.source, felt.error) == (name, None)
            assert felt.duration == pytest.approx(1, abs=1e-3)
            assert felt.scores["loud"] == pytest.approx(wanted.scores["loud"], abs=1e-3)
        assert not file.closed
    for form in [(TONE, RATE), (TONE * 32767).astype(np.int16), np.stack([TONE, TONE]), (clip("x").audio)]:
        assert pipeline.analyze(form, sample_rate=RATE).scores == pytest.approx(wanted.scores, abs=1e-3)
    assert pipeline.analyze(np.stack([TONE, 0 * TONE]), sample_rate=RATE, channel=1).evidence.clip.audio is None


def test_long_sound_in_memory_goes_through_in_windows(pipeline):
    felt = pipeline.analyze(np.resize(TONE, 45 * RATE), sample_rate=RATE)
    assert [round(part.seconds[0]) for part in felt.parts] == [0, 30]
    assert felt.duration == pytest.approx(45, abs=1e-3)


@pytest.mark.parametrize(
    ("source", "said", "hint"),
    [
        (3, "found int", "clip.mp4"),
        (b"RIFF", "found bytes", "io.BytesIO"),
        (TONE, r"with its sample rate; found one of shape \[16000\]", "sample_rate=16_000"),
        ({"waveform": TONE, "rate": RATE}, "found 'waveform', 'rate'", '"sample_rate": 16_000'),
        ({"waveform": TONE.reshape(-1, 1), "sample_rate": RATE}, "16000 channels", "waveform.T"),
        ({"waveform": "tone", "sample_rate": RATE}, "should hold numbers", "float32"),
        ({"waveform": TONE, "sample_rate": 16.0}, "whole number of hertz", "sample_rate=16_000"),
    ],
)
def test_what_is_no_recording_is_refused_with_what_would_be(pipeline, source, said, hint):
    with pytest.raises(DataError, match=said) as caught:
        pipeline.analyze(source)
    assert hint in str(caught.value).splitlines()[-1]


def test_of_several_recordings_each_has_its_answer_or_its_error(pipeline, tmp_path):
    path = written(tmp_path / "tone.wav")
    results = pipeline.analyze([path, tmp_path / "absent.wav", clip("broken"), 3, {"waveform": TONE}, clip("c")])
    assert [type(result) for result in results] == [Analysis, *[FailedAnalysis] * 4, Analysis]
    absent, broken, wrong, unrated = results[1:5]
    assert isinstance(absent.error, MediaError)
    assert absent.source == str(tmp_path / "absent.wav")
    assert "raised ZeroDivisionError: a broken clip" in broken.error.message
    assert "found int" in wrong.error.message
    assert unrated.source == "waveform"
    assert repr(broken).startswith("<FailedAnalysis of broken: ")
    assert absent.to_dict()["error"]["kind"] == "MediaNotFound"
    assert results[0].error is None


def test_what_would_stop_every_recording_ends_the_run(pipeline, tmp_path):
    with pytest.raises(WeightsError):
        pipeline.analyze([clip("weightless"), clip("a")])
    with pytest.raises(DataError, match="keeps the windows of one file; found several"):
        pipeline.analyze([clip("a")], resume=tmp_path)
    with pytest.raises(DataError, match="keeps the windows of a file; found open file"):
        pipeline.analyze(io.BytesIO(b"x"), resume=tmp_path)


def test_an_iterator_is_taken_as_it_is_asked_for_and_forgotten_behind(pipeline):
    alive: list[weakref.ref[AudioSignal]] = []

    def clips():
        for number in range(6):
            sound = AudioSignal(samples=TONE.copy(), sample_rate=RATE)
            alive.append(weakref.ref(sound))
            yield Clip(id=f"{number}", audio=sound)
            del sound

    for stream in (pipeline.analyze(clips()), pipeline.stream(clips(), batch_size=2)):
        alive.clear()
        for number, _ in enumerate(stream):
            gc.collect()
            assert len(alive) <= number + 2
            assert sum(sound() is not None for sound in alive) <= 3
        assert len(alive) == 6


def test_a_stream_fills_its_batches_over_recordings_and_joins_the_windows_of_each(pipeline, tmp_path):
    long = written(tmp_path / "long.wav", 45)
    felt = list(pipeline.stream([clip("a"), long, tmp_path / "absent.wav", clip("b")], batch_size=2))
    assert Level.batches == [2, 2]
    assert [type(each).__name__ for each in felt] == [*["EmotionPrediction"] * 2, "FailedAnalysis", "EmotionPrediction"]
    assert felt[1].scores == pytest.approx(pipeline.analyze(long).scores, abs=1e-6)


def test_a_clip_that_fails_costs_a_stream_its_own_answer_alone(pipeline):
    felt = list(pipeline.stream([clip("a"), clip("broken"), clip("c")], batch_size=3))
    assert [getattr(each, "error", None) is None for each in felt] == [True, False, True]
    assert Level.batches == [3, 1, 1, 1]
    with pytest.raises(WeightsError):
        list(pipeline.stream([clip("weightless")]))


def test_what_failed_holds_no_clip_and_says_what_was_raised(pipeline):
    for run in (pipeline.analyze, pipeline.stream):
        sounds = [AudioSignal(samples=TONE.copy(), sample_rate=RATE) for _ in range(3)]
        alive = [weakref.ref(sound) for sound in sounds]
        results = list(run(Clip(id="broken", audio=sounds.pop()) for _ in range(3)))
        gc.collect()
        assert [sound() for sound in alive] == [None] * 3
        assert isinstance(results[0].error.__cause__, ZeroDivisionError)


def test_a_stream_is_of_several_recordings(pipeline):
    with pytest.raises(DataError, match=r"several recordings; found a.mp4 alone\nTry: \[recording\]"):
        pipeline.stream("a.mp4")
    with pytest.raises(DataError, match="batch_size should be 1 or more; found 0"):
        pipeline.stream(["a.mp4"], batch_size=0)


def test_a_stream_answers_before_it_asks_for_more(pipeline):
    taken = []

    def live():
        for number in range(3):
            taken.append(number)
            yield clip(str(number))

    stream = pipeline.stream(live(), batch_size=1)
    next(stream)
    assert taken == [0]


def test_an_array_of_paths_holds_several_recordings(pipeline, tmp_path):
    paths = np.array([str(written(tmp_path / "tone.wav"))] * 2)
    assert [felt.error for felt in pipeline.analyze(paths)] == [None, None]
