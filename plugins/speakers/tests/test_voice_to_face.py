"""Whose face a voice belongs to, among mouths that are made up, and among staged ones."""

import numpy as np
import pytest
import soundfile
from affekt import DataError
from affekt_speakers.composites import FRAMES, composites, load, right, sentences
from affekt_speakers.voice_to_face import Mouth, assign

FPS = 10
TURNS = {"a": [(1.0, 4.0), (9.0, 12.0)], "b": [(5.0, 8.0), (13.0, 16.0)]}


def mouth(*talking, seconds=17.0, start=0.0, lag=0.0, size=1.0, seed=0):
    """A mouth that trembles, and opens and closes while its person talks."""
    random = np.random.default_rng(seed)
    times = start + np.arange(int(seconds * FPS)) / FPS
    opening = 0.002 * random.standard_normal(len(times))
    for first, last in talking:
        inside = (times + lag >= first) & (times + lag < last)
        opening[inside] += 0.1 * random.random(inside.sum())
    return Mouth(times, size * opening)


def where(turns, *mouths):
    return {speaker: (found.state, found.face) for speaker, found in assign(turns, mouths).items()}


def test_voices_find_their_faces_whatever_the_size_and_the_lag():
    left, right_ = mouth(*TURNS["b"], lag=0.3, size=0.3), mouth(*TURNS["a"], lag=0.3, seed=1)
    assert where(TURNS, left, right_) == {"a": ("on screen", 1), "b": ("on screen", 0)}


def test_a_voice_that_no_mouth_moves_with_is_off_screen():
    turns = TURNS | {"c": [(17.0, 20.0)]}
    mouths = [mouth(*TURNS[name], seconds=21, seed=seed) for seed, name in enumerate("ab")]
    assert where(turns, *mouths)["c"] == ("off screen", None)
    assert where({"a": TURNS["a"]}) == {"a": ("off screen", None)}, "nobody is in view"


def test_what_is_not_clear_is_unknown():
    twins = mouth(*TURNS["a"]), mouth(*TURNS["a"], seed=1)
    assert where({"a": TURNS["a"]}, *twins) == {"a": ("unknown", None)}, "both mouths move"
    glimpse = mouth((1.0, 1.5), seconds=1.5)
    assert where({"a": TURNS["a"]}, glimpse) == {"a": ("unknown", None)}, "half a second says nothing"
    always = mouth((0.0, 17.0))
    assert where({"a": [(0.0, 17.0)]}, always) == {"a": ("unknown", None)}, "there is nothing to compare with"


def test_two_voices_never_share_a_face():
    found = where({"a": TURNS["a"], "b": TURNS["a"]}, mouth(*TURNS["a"]))
    assert [face for _, face in found.values()].count(0) <= 1


@pytest.fixture
def acted(tmp_path):
    """Three actors with sound and the landmarks of a mouth that moves with it."""
    for actor in ("11", "12", "13"):
        folder = tmp_path / f"ravdess/Actor_{actor}"
        folder.mkdir(parents=True)
        (tmp_path / "ravdess_landmarks").mkdir(exist_ok=True)
        sound = np.concatenate([np.zeros(16_000), 0.1 * np.sin(np.arange(32_000) * 0.1), np.zeros(16_000)])
        soundfile.write(folder / f"03-01-05-01-01-01-{actor}.wav", sound, 16_000)
        points = np.zeros((int(4 * FRAMES), 68, 2), np.float16)
        points[:, 8, 1] = 100
        times = np.arange(len(points)) / FRAMES
        points[:, 66, 1] = np.where((times > 1) & (times < 3), 10 * np.abs(np.sin(8 * times)), 0)
        np.savez(tmp_path / f"ravdess_landmarks/Actor_{actor}.npz", **{f"02-01-05-01-01-01-{actor}": points})
    return tmp_path


def test_staged_recordings_show_one_who_speaks_and_one_who_listens(acted):
    actors = sentences(acted, tuning=False)
    assert load(actors["11"][0]).spans == [pytest.approx((1, 3), abs=0.02)]
    staged = list(composites(actors, 3, seed=0))
    assert [len(composite.turns) for composite in staged] == [3, 2, 2]
    assert all(len(composite.mouths) == 2 for composite in staged)
    answers = [answer for composite in staged for answer in right(composite)]
    assert all(good for good, _ in answers)
    assert [state for _, state in answers].count("off screen") == 1
    with pytest.raises(DataError, match="holds no ravdess_landmarks"):
        sentences(acted / "ravdess", tuning=False)
