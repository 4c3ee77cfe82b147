import json
import re

import numpy as np
import pytest
from affekt import AudioSignal, Clip, Component, EmotionPrediction, Pipeline, SpeechRequest, SpeechResult

pytest.importorskip("affekt_speech_metrics", reason="needs affekt-benchmark[speech]")

from affekt_benchmark.speech import listening, recognition, speaking, summary
from affekt_benchmark.speech.speaking import Asked, utterances

ASKED = Asked(voices=("a",), emotions=("neutral", "happy"), intensities=(0.5, 1.0), sentences=1, fitting=1, attempts=2)


def row(emotion="neutral", intensity=0.0, part="prosody", pitch=20.0, found=True, **more):
    asked = {"pitch_semitones": 4 * intensity, "rate_factor": 1.0 + 0.01 * intensity}
    return {
        "part": part, "voice": "a", "emotion": emotion, "intensity": intensity, "sentence": 0, "text": "So <it> is.",
        "word_error_rate": 0.0, "character_error_rate": 0.0, "dnsmos": 3.0, "felt": found, "felt_at_once": False,
        "as_meant": found, "as_meant_at_once": False, "score": 0.5, "score_at_once": 0.2, "attempts": 2,
        "felt_alone": False, "scores": {"happy": 0.3, "neutral": 0.5, "calm": 0.1, "sad": 0.1},
        "shares": {"happy": 0.6, "neutral": 0.4}, "asked": asked, "audio": None,
        "prosody_pitch": pitch, "prosody_span": 4.0, "prosody_seconds": 2.0, "prosody_energy": -24.0,
        "prosody_brightness": -10.0, "prosody_pauses": 0.1, **more,
    }  # fmt: skip


def test_every_cell_is_covered_and_neutral_comes_first():
    said = [(one.part, one.request.emotion, one.request.intensity) for one in utterances(ASKED)]
    assert said == [
        ("prosody", "neutral", 0.0), ("prosody", "happy", 0.5), ("prosody", "happy", 1.0), ("loop", "happy", 0.5),
        ("loop", "happy", 1.0), ("felt", "neutral", 1.0), ("felt", "happy", 1.0),
    ]  # fmt: skip


def test_a_cell_is_monotone_when_every_step_goes_to_the_side_asked_for():
    def only(*pitches):
        rows = [row(), *(row("happy", level, pitch=pitch) for level, pitch in zip((0.5, 1.0), pitches, strict=True))]
        (cell,) = summary.cells(rows)  # the rate is asked to change by less than can be heard
        return cell

    rising, falling = only(21.0, 23.0), only(23.0, 21.0)
    assert rising.measure == "pitch"
    assert rising.found == (1.0, 3.0)
    assert rising.monotone
    assert not falling.monotone


def test_what_the_closed_loop_buys_is_paired():
    rows = [row("happy", 0.6, part="loop", text=f"{number}", found=number > 1) for number in range(8)]
    raised = recognition.raised([row(), *rows])
    assert (raised.first.mean, raised.last.mean, raised.gained, raised.lost) == (0, 0.75, 6, 0)
    assert raised.p == pytest.approx(2**-6)
    assert recognition.raised([row()]) is None


def test_hearing_is_compared_to_chance_in_each_way_of_listening():
    rows = [
        row(), *(row("happy", 1.0, text=f"{number}") for number in range(3)),
        row("sad", 1.0, found=False, shares={"happy": 0.6, "sad": 0.1, "neutral": 0.3}),
    ]  # fmt: skip
    alone, forced, beside = recognition.heard(rows)
    assert (alone.rate.mean, forced.rate.mean, beside.rate.mean) == (0, 0, 0.75)
    assert (beside.chance, beside.margin, beside.rate.count) == (0.5, 0.25, 4)
    assert beside.p == pytest.approx(5 / 16)  # three or four of four, by a fair coin
    assert recognition.confusions(rows) == {"happy": {"happy": 3}, "sad": {"happy": 1}}


def test_the_page_plays_hides_the_key_and_escapes(tmp_path):
    (tmp_path / "a.mp3").write_bytes(b"sound of a")
    (tmp_path / "b.mp3").write_bytes(b"sound of b")
    rows = [row(audio="a.mp3"), row("happy", 1.0, audio="b.mp3"), row("happy", 0.5)]
    listening.write(rows, tmp_path / "listen.html", tmp_path)
    page = (tmp_path / "listen.html").read_text()
    assert page.count("<audio") == 2
    assert "So &lt;it&gt; is." in page
    assert "Which one sounds more happy?" in page
    assert "intensity 1.00" not in page  # told only by the key
    assert not re.findall(r'(?:src|href)="(?!data:)', page)


class Voice(Component):
    def speak(self, requests):
        made = {"synthetic": True, "speaker": "buzz", "pitch_semitones": 1.0}
        return [SpeechResult(audio=buzz(one.intensity), request=one, provenance=made) for one in requests]


class Ear(Component):
    """Hears joy grow with the pitch."""

    heard: str = "So it is."

    def prepare(self, clips):
        return [Clip(id=clip.id, audio=clip.audio, text=self.heard) for clip in clips]

    def reason(self, evidence):
        crossings = [np.diff(known.clip.audio.samples > 0).mean() for known in evidence]
        return [EmotionPrediction(scores={"happy": 10 * one, "neutral": 1 - 10 * one}) for one in crossings]


def buzz(intensity):
    time = np.arange(24_000) / 16_000
    pitch = 120 * 2 ** (intensity / 3)
    sound = sum(np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, 20)) * (1 + np.sin(2 * np.pi * 3 * time))
    return AudioSignal(samples=(0.05 * sound).astype(np.float32), sample_rate=16_000)


def test_a_row_holds_what_was_heard_and_measured_and_a_second_run_takes_it_from_the_journal(tmp_path, monkeypatch):
    asked = Asked(voices=(None,), emotions=("happy",), intensities=(0.5,), sentences=1, fitting=0, attempts=1)

    class Spec:
        def build(self):
            return Pipeline(prepare={"ear": Ear()}, reasoner=Ear(), speaker=Voice())

        def model_dump(self, mode):
            return {"speaker": "buzz"}

    monkeypatch.setattr(speaking, "write_speech", lambda result, path: path.write_bytes(b"marked"))
    monkeypatch.setattr(speaking, "speaker_similarity", lambda audio, reference: 1.0)
    rows = speaking.run(Spec(), asked, tmp_path, lambda done, of: None)
    assert [found["emotion"] for found in rows] == ["neutral", "happy"]
    assert rows[0]["felt"]
    assert rows[1]["felt"]
    assert not rows[1]["felt_alone"]
    assert rows[1]["prosody_pitch"] > rows[0]["prosody_pitch"] + 1
    assert rows[1]["pitch_correlation"] is not None
    speaking.write(tmp_path, {"about": {"suite": "speech"}}, rows)
    assert json.loads((tmp_path / "speech.json").read_text())["about"]["suite"] == "speech"
    assert (tmp_path / "speech.parquet").is_file()
    monkeypatch.setattr(speaking, "_row", lambda *_: pytest.fail("spoken again"))
    assert speaking.run(Spec(), asked, tmp_path, lambda done, of: None) == rows


def test_the_speaker_says_what_it_was_asked_for_in_numbers():
    result = SpeechResult(audio=buzz(0), request=SpeechRequest(text="x"), provenance={"rate": 1.5, "synthetic": True})
    assert speaking._controls(result) == {"rate": 1.5}
