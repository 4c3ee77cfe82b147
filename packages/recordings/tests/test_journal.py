"""Long analyses that are killed go on from the windows that were finished."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from affekt import Appearance, Clip, DataError, EmotionPrediction, Evidence, Features, Missing, Moment, Pipeline
from affekt_recordings.journal import Journal
from affekt_recordings.windows import Part


@dataclass
class Ear:
    """Hears one person a window, and may be killed at one."""

    modality = "audio"
    asked: list[float] = field(default_factory=list)

    def prepare(self, clips: Sequence[Clip]) -> list[Clip]:
        self.asked += [clip.start for clip in clips]
        voice = Appearance(modality="audio", person="a", start=1, end=2, traits=np.ones(4, np.float32), strength=1.0)
        return [replace(clip, appearances=(voice,), text=f"at {clip.start:g}") for clip in clips]


@dataclass
class Level:
    modality = "audio"

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        return [Features(values=np.full((3, 1), clip.start, np.float32), hop=1.0, names=("level",)) for clip in clips]


class Calm:
    def reason(self, evidence: Sequence[Evidence]) -> list[EmotionPrediction]:
        timeline = (Moment(start=0, end=30, scores={"calm": 1.0}, valence=0.1, arousal=-0.5),)
        return [EmotionPrediction(scores={"calm": 1.0}, timeline=timeline) for _ in evidence]


@pytest.fixture
def recording(tmp_path, monkeypatch):
    """A file of three windows."""
    path = tmp_path / "long.mp3"
    path.write_bytes(b"sound")
    clips = [Clip(id="long", start=start, length=30.0) for start in (0.0, 30.0, 60.0)]
    monkeypatch.setattr("affekt_recordings.windows.read_windows", lambda source, channel: iter(clips))
    return path


def pipeline(ear):
    return Pipeline(reasoner=Calm(), prepare={"ear": ear}, encoders={"level": Level()})


def stopped(ear, recording, folder, at):
    """An analysis that fails as the window at so many seconds begins."""

    class Failing(Calm):
        def reason(self, evidence):
            if evidence[0].clip.start >= at:
                raise RuntimeError("killed")
            return super().reason(evidence)

    with pytest.raises(Exception, match="killed"):
        replace(pipeline(ear), reasoner=Failing()).analyze(recording, resume=folder)


def test_what_was_finished_is_not_done_again_and_the_answer_is_the_same(recording, tmp_path, monkeypatch):
    folder, ear = tmp_path / "windows", Ear()
    monkeypatch.setattr("affekt_recordings.analyzing.provenance", lambda pipeline: {"reasoner": {"name": "calm"}})
    stopped(ear, recording, folder, at=60)
    assert sorted(path.name for path in folder.iterdir()) == ["recording.json", "window-00000.npz", "window-00001.npz"]
    again = Ear()
    resumed = pipeline(again).analyze(recording, resume=folder)
    assert again.asked == [60.0]
    whole = pipeline(Ear()).analyze(recording)
    assert resumed.to_dict() == whole.to_dict()
    assert resumed.text == "at 0 at 30 at 60"
    np.testing.assert_array_equal(resumed.evidence.features["level"].values, whole.evidence.features["level"].values)
    assert not folder.exists(), "voices are biometric, and kept no longer than the analysis takes"


def test_a_window_that_was_cut_off_is_done_again(recording, tmp_path):
    folder = tmp_path / "windows"
    journal = Journal(folder, recording, None, {})
    part = Part(evidence=Evidence(clip=Clip(id="x", length=1.0)), prediction=EmotionPrediction(scores={"calm": 1.0}))
    journal.add(0, part)
    journal.add(1, part)
    last = folder / "window-00001.npz"
    last.write_bytes(last.read_bytes()[:40])
    assert len(Journal(folder, recording, None, {}).parts()) == 1


@pytest.mark.parametrize("change", ["recording", "pipeline", "channel"])
def test_windows_of_another_analysis_are_refused(recording, tmp_path, change):
    folder = tmp_path / "windows"
    Journal(folder, recording, None, {"reasoner": "calm"})
    if change == "recording":
        recording.write_bytes(b"other sound")
    with pytest.raises(DataError, match="another recording"):
        Journal(
            folder, recording, 1 if change == "channel" else None, {"reasoner": "x" if change == "pipeline" else "calm"}
        )


def test_a_folder_that_holds_something_else_is_left_alone(recording, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("dear")
    with pytest.raises(DataError, match="holds no windows"):
        Journal(tmp_path / "mine", recording, None, {})
    assert (tmp_path / "mine/letter.txt").read_text() == "dear"


def test_kill_9_in_the_middle_of_a_window_loses_that_window_alone(tmp_path):
    """A process of its own analyses windows and is killed; another reads what it finished."""
    code = textwrap.dedent(
        """
        import os, signal, sys
        from affekt import Clip, EmotionPrediction, Evidence
        from affekt_recordings.journal import Journal
        from affekt_recordings.windows import Part
        journal = Journal(sys.argv[1], sys.argv[2], None, {})
        for number in range(9):
            if number == 4:
                os.kill(os.getpid(), signal.SIGKILL)
            clip = Clip(id="x", start=30.0 * number, length=30.0)
            journal.add(number, Part(evidence=Evidence(clip=clip), prediction=EmotionPrediction(scores={"calm": 1.0})))
        """
    )
    recording = tmp_path / "long.wav"
    recording.write_bytes(b"sound")
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "windows"), str(recording)], check=False)
    assert done.returncode == -signal.SIGKILL
    parts = Journal(tmp_path / "windows", recording, None, {}).parts()
    assert [part.evidence.clip.start for part in parts] == [0, 30, 60, 90]
    assert os.stat(tmp_path / "windows").st_mode & 0o077 == 0, "readable by its owner alone"
