"""What people expect of any library of the field: a version, short reprs, types that follow the role."""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import ClassVar

import affekt
import numpy as np
import pytest
from affekt import (
    AudioSignal,
    Clip,
    Clue,
    Component,
    EmotionPrediction,
    Features,
    Missing,
    Pipeline,
    VideoFrames,
    Word,
)

CORE = Path(__file__).parents[1]
SOUND = AudioSignal(samples=np.linspace(-1, 1, 24_000, dtype=np.float32), sample_rate=16_000)


class Count(Component):
    """A component with an option."""

    modality: ClassVar[affekt.Modality] = "audio"
    hop: float = 0.1

    def encode(self, clips):
        return [Missing(reason="it only counts") for _ in clips]


class Say(Component):
    """A reasoner that always says one thing."""

    def reason(self, evidence):
        return [EmotionPrediction(scores={"present": 1.0}) for _ in evidence]


def test_the_version_is_that_of_the_distribution():
    stated = tomllib.loads((CORE / "pyproject.toml").read_text())["project"]["version"]
    assert affekt.__version__ == stated
    assert "__version__" in affekt.__all__


def test_a_prediction_says_what_is_claimed_and_how_many_clues_it_has():
    clue = Clue(modality="audio", start=0, end=1, text="it grew loud", checked=True)
    scores = {"happy": 0.62, "sad": 0.38}
    assert repr(EmotionPrediction(scores=scores, clues=(clue,))) == "<EmotionPrediction: happy 62%, 1 clue>"
    assert repr(EmotionPrediction(scores=scores, abstained="no face")) == "<EmotionPrediction: abstained: no face>"


def test_a_clip_says_what_it_holds_and_dumps_no_array():
    pictures = VideoFrames(frames=np.zeros((3, 4, 6, 3), np.uint8), fps=2.0)
    said = Clip(id="a.mp4", audio=SOUND, video=pictures, text="I see you.", language="en", words=(
        Word(start=0, end=1, text="I"), Word(start=1, end=1.2, text="see"), Word(start=1.2, end=1.4, text="you."),
    ))  # fmt: skip
    assert repr(said) == "<Clip 'a.mp4': 1.5 s, sound at 16000 Hz, 3 pictures of 6x4, 3 words (en)>"
    assert repr(Clip(id="b", audio=SOUND, missing={"video": "a WAV"})) == (
        "<Clip 'b': 1.5 s, sound at 16000 Hz, no video>"
    )


@pytest.mark.parametrize(
    ("features", "shown"),
    [
        (
            Features(values=np.zeros((87, 4), np.float32), hop=0.1, names=("a", "b", "c", "d"), source="prosody()"),
            "<Features: 87 rows of 4 columns (a, b, c, …), every 0.1 s, from prosody()>",
        ),
        (
            Features(values=np.zeros((1, 1), np.float32), spans=np.array([[0.0, 1.0]])),
            "<Features: 1 row of 1 column, at their own times>",
        ),
    ],
)
def test_features_say_their_size_and_their_clock(features, shown):
    assert repr(features) == shown


def test_a_pipeline_says_which_component_fills_which_slot():
    pipeline = Pipeline(name="loud", encoders={"speech": Count()}, reasoner=Say())
    assert repr(pipeline) == "<Pipeline 'loud': speech=Count, reasoner=Say>"


def test_the_type_of_what_create_makes_follows_its_role(tmp_path):
    pytest.importorskip("mypy")  # the quick environments of other Pythons have none
    roles = list(affekt.ROLES)
    lines = [f'assert_type(plugins().create("{role}", "x", option=1), {role.capitalize()})' for role in roles]
    names = ", ".join(role.capitalize() for role in roles)
    checked = tmp_path / "checked.py"
    checked.write_text("\n".join(["from typing import assert_type", f"from affekt import plugins, {names}", *lines]))
    # NumPy's and pydantic's own types do not matter here, and reading them takes most of the time.
    quick = ["--no-site-packages", "--ignore-missing-imports", "--follow-imports", "silent", "--no-error-summary"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *quick, "--cache-dir", str(tmp_path / "cache"), str(checked)],
        capture_output=True, text=True, check=False, env={"MYPYPATH": str(CORE / "src")},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


FEATURES = Features(
    values=np.arange(6, dtype=np.float32).reshape(3, 2),
    hop=0.5,
    start=1.0,
    names=("pitch", "level"),
    source="prosody()",
)


def test_features_become_a_data_frame_with_their_clock():
    pytest.importorskip("pandas")
    frame = FEATURES.to_frame()
    assert list(frame.columns) == ["pitch", "level"]
    assert frame.index.names == ["start", "end"]
    assert frame.index.tolist() == [(1.0, 1.5), (1.5, 2.0), (2.0, 2.5)]
    assert frame["level"].tolist() == [1, 3, 5]
    assert frame.attrs == {"source": "prosody()"}
    spans = np.array([[0.0, 0.2], [0.7, 1.0]])
    unnamed = Features(values=np.ones((2, 3), np.float32), spans=spans).to_frame()
    assert list(unnamed.columns) == [0, 1, 2]
    assert unnamed.index.tolist() == [(0.0, 0.2), (0.7, 1.0)]


def test_without_pandas_a_data_frame_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(affekt.MissingDependency, match=r"needs pandas\nTry: pip install pandas"):
        FEATURES.to_frame()


def test_importing_affekt_imports_no_pandas():
    code = "import affekt, sys; assert 'pandas' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_numpy_takes_features_as_the_array_they_hold():
    assert np.asarray(FEATURES) is FEATURES.values
    assert np.asarray(FEATURES, dtype=np.float64).dtype == np.float64
    np.testing.assert_array_equal(np.mean(FEATURES, axis=0), [2, 3])
    copied = np.array(FEATURES)
    copied[:] = 0
    assert FEATURES.values[2, 1] == 5
    np.testing.assert_array_equal(np.concatenate([FEATURES, FEATURES]), np.tile(FEATURES.values, (2, 1)))
