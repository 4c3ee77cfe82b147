"""A component in another interpreter behaves as it would here: every role, in pipelines, over forks and pickles."""

import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from affekt import (
    ROLES,
    Clip,
    Clue,
    EmotionPrediction,
    Evidence,
    FaceTrack,
    Features,
    Missing,
    Moment,
    OptionsError,
    Pipeline,
    PipelineSpec,
    SpeechRequest,
    VideoFrames,
    Word,
    plugins,
)
from affekt.errors import ComponentNotFound
from affekt_isolation import IsolationError, isolate, registry_of
from affekt_isolation.packing import pack, unpack

FACES = FaceTrack(
    times=np.arange(2.0),
    boxes=np.ones((2, 4), np.float32),
    crops=np.full((2, 4, 5, 3), 7, np.uint8),
    choice="the larger",
)


@pytest.fixture
def evidence(clip):
    full = Clip(
        id="ünï\n",
        audio=clip.audio,
        video=VideoFrames(frames=np.zeros((2, 6, 4, 3), np.uint8)[:, ::2], fps=25, times=np.array([0, 0.1])),
        text="hello",
        words=(Word(start=0, end=0.5, text="hello", probability=0.1 + 0.2),),
        faces=FACES,
        missing={"text": "none"},
        notes=("a note",),
    )
    features = Features(values=np.ones((2, 1), np.float32), spans=np.array([[0, 1], [1, 2.0]]), names=("loudness",))
    return Evidence(clip=full, features={"a": features}, missing={"b": "no face"})


def test_every_role_works_and_leaves_out_nothing(worker, evidence):
    clip = evidence.clip
    (prepared,) = worker("preparer", "mirror").prepare([clip])
    assert _plain(prepared) == _plain(clip)
    assert (prepared.words, prepared.notes, dict(prepared.missing)) == (clip.words, clip.notes, {"text": "none"})
    assert np.array_equal(prepared.video.frames, clip.video.frames)
    (heard,) = worker("encoder", "mirror").encode([clip])
    assert np.array_equal(heard.values[:, 0], clip.audio.samples)
    (fused,) = worker("fuser", "mirror").fuse([evidence])
    assert fused.mask.tolist() == [True, False]
    (felt,) = worker("reasoner", "mirror").reason([evidence])
    assert (felt.label, felt.rationale, felt.scores["happy"]) == ("happy", "hello", 1.0)
    assert worker("evaluator", "mirror").evaluate([felt, felt], ["happy", "sad"]) == {"share": 0.5}
    (spoken,) = worker("speaker", "mirror").speak([SpeechRequest(text="hi", intensity=0.25)])
    assert (spoken.request, dict(spoken.provenance)) == (SpeechRequest(text="hi", intensity=0.25), {"synthetic": True})


def test_every_role_of_core_has_its_stand_in():
    for role, protocol in ROLES.items():
        method = next(name for name in vars(protocol) if not name.startswith("_") and callable(vars(protocol)[name]))
        stand_in = isolate(role, "any", python="nowhere")
        assert callable(getattr(stand_in, method))
    with pytest.raises(OptionsError, match='no role "singer"'):
        isolate("singer", "any", python="nowhere")


def test_predictions_cross_with_clues_and_timeline():
    felt = EmotionPrediction(
        scores={"sad": 1.0},
        clues=(Clue(modality="face", start=0, end=1, text="AU12", checked=False),),
        timeline=(Moment(start=0, end=1, scores={"sad": 1.0}),),
        valence=float(np.float32(0.1)),
    )
    assert unpack(*pack([felt, Missing(reason="none")])) == [felt, Missing(reason="none")]


@pytest.mark.parametrize("dtype", [np.float16, np.int64, np.bool_, ">f4", np.uint8])
@pytest.mark.parametrize("shape", [(), (0, 3), (2, 3)])
def test_arrays_keep_their_values_type_and_shape_and_can_be_written(dtype, shape):
    array = np.arange(6).reshape(2, 3)[: shape[0] if shape else None].astype(dtype) if shape else np.ones((), dtype)
    back = unpack(*(lambda tree, buffers: (tree, [bytearray(buffer) for buffer in buffers]))(*pack(array)))
    assert back.shape == array.shape
    assert back.dtype == array.dtype.newbyteorder("=")
    assert np.array_equal(back, array)
    back[...] = 0


@pytest.mark.parametrize(
    ("tree", "buffers"),
    [
        ({"$": "array", "at": 0, "dtype": "|O", "shape": [1]}, [bytearray(8)]),
        ({"$": "array", "at": 0, "dtype": "<f4", "shape": [9]}, [bytearray(8)]),
        ({"$": "Popen", "of": {"args": "true"}}, []),
        ({"$": "dict", "of": []}, []),
    ],
)
def test_what_makes_no_sense_is_refused(tree, buffers):
    with pytest.raises(ValueError):  # noqa: PT011
        unpack(tree, buffers)


def test_a_field_of_a_newer_core_is_refused_and_not_dropped():
    with pytest.raises(ValueError, match=r"Word\.pitch is unknown to one of the two"):
        unpack({"$": "Word", "of": {"start": 0, "end": 1, "text": "a", "pitch": 3}}, [])


def test_a_pipeline_file_runs_a_component_elsewhere_and_says_so(worker, clip):
    text = f"""
encoders:
  here: loudness
  there: {{use: loudness, hop: 0.25, python: {{path: {sys.executable}, timeout: 60, memory: 2GB}}}}
reasoner: {{use: mirror, python: {sys.executable}}}
"""
    spec = PipelineSpec.parse(text)
    with spec.build() as pipeline:
        assert not pipeline.encoders["there"].worker.is_running
        analysis = pipeline.analyze(Clip(id="a", audio=clip.audio, text="so it is"))
        assert analysis.evidence.features["there"].hop == 0.25
        assert analysis.rationale == "so it is"
        told = analysis.provenance["there"]
        assert (told["name"], told["distribution"], told["options"]) == ("loudness", "affekt-basics", {"hop": 0.25})
        assert told["interpreter"] == sys.executable
        first = pipeline.encoders["there"].worker.made()["pid"]
        assert first != os.getpid()
        pipeline.run([clip])
        assert pipeline.encoders["there"].worker.made()["pid"] == first
    assert not pipeline.encoders["there"].worker.is_running


def test_an_option_that_is_refused_there_is_an_options_error_here(worker):
    with pytest.raises(OptionsError, match=r'hopp: no such option. Did you mean "hop"'):
        worker("encoder", "loudness", hopp=3).encode([])
    with pytest.raises(ComponentNotFound, match='Did you mean "loudness"'):
        worker("encoder", "lowdness").encode([])


def test_the_plugins_of_another_interpreter_are_listed_with_what_is_broken(site, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(site))
    (site / "affekt_shattered-1.dist-info").mkdir(exist_ok=True)
    (site / "affekt_shattered-1.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: affekt-shattered\n")
    (site / "affekt_shattered-1.dist-info/entry_points.txt").write_text("[affekt]\nshattered = hostile_import\n")
    found = registry_of(sys.executable)
    assert found.components["encoder", "hostile"].version == "0.7"
    assert found.components["encoder", "loudness"] == plugins().components["encoder", "loudness"]
    assert [failure.distribution for failure in found.failures] == ["affekt-shattered"]
    assert "no import" in found.failures[0].error.message
    assert ("encoder", "hostile") not in plugins().components


def test_an_interpreter_without_affekt_says_what_it_lacks(tmp_path, clip):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    component = isolate("encoder", "loudness", python=str(tmp_path / "bare/bin/python"))
    with pytest.raises(IsolationError, match=r"it needs affekt-core>=0\.1,<0\.2 and the plugin"):
        component.encode([clip])


@pytest.mark.parametrize("path", ["nowhere/python", "/etc/passwd"])
def test_what_cannot_be_run_is_told(path, clip):
    with pytest.raises(IsolationError, match="cannot be run"):
        isolate("encoder", "loudness", python=path).encode([clip])


def test_what_is_no_python_is_told(clip):
    with pytest.raises(IsolationError, match="starting lost its process"):
        isolate("encoder", "loudness", python="/bin/true").encode([clip])


def test_a_copy_or_a_pickle_has_a_worker_of_its_own(worker, clip):
    component = worker("encoder", "mirror")
    component.encode([clip])
    copy = pickle.loads(pickle.dumps(component))
    assert copy == component
    assert not copy.worker.is_running
    with copy:
        assert copy.worker.made()["pid"] != component.worker.made()["pid"]


def test_a_fork_of_the_parent_leaves_the_worker_alone(worker, clip):
    component = worker("encoder", "mirror")
    component.encode([clip])
    child = os.fork()
    if not child:
        component.close()
        os._exit(0)
    os.waitpid(child, 0)
    assert component.encode([clip])


PARENT = """
import os, sys, time
from affekt import Clip
from affekt_isolation import isolate
how, note = sys.argv[1:]
component = isolate("encoder", "hostile", {"deed": "leave-processes", "note": note}, python=sys.executable)
clip = Clip(id="and hang" if how == "kill in a call" else "and return")
component.encode([clip])
if how == "raise":
    raise RuntimeError
if how == "exit at once":
    os._exit(0)
if how == "kill":
    time.sleep(100)
"""


@pytest.mark.parametrize("how", ["return", "raise", "exit at once", "kill", "kill in a call"])
def test_nothing_survives_the_parent_however_it_ends(site, tmp_path, how):
    note = tmp_path / "pids"
    environment = os.environ | {"PYTHONPATH": str(site)}
    parent = subprocess.Popen([sys.executable, "-c", PARENT, how, str(note)], env=environment, stderr=subprocess.PIPE)
    pids = _wait_for(lambda: note.exists() and note.read_text().split(), 60)
    if how.startswith("kill"):
        time.sleep(0.2)
        parent.send_signal(signal.SIGKILL)
    parent.communicate(timeout=60)
    assert _wait_for(lambda: not [pid for pid in pids if _alive(pid)], 30), "something survived"


def _plain(value):
    tree, buffers = pack(value)
    return tree, [bytes(buffer) for buffer in buffers]


def _wait_for(condition, seconds):
    deadline = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def _alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_an_empty_batch_and_a_forgotten_component(worker):
    component = isolate("encoder", "mirror", python=sys.executable)
    assert component.encode([]) == []
    pid = component.worker.made()["pid"]
    del component
    assert _wait_for(lambda: not _alive(pid), 30)


def test_a_pipeline_of_objects_closes_them_too(worker, clip):
    pipeline = Pipeline(encoders={"a": worker("encoder", "mirror")}, reasoner=worker("reasoner", "mirror"))
    with pipeline:
        pipeline.gather([clip])
    assert not pipeline.encoders["a"].worker.is_running
