"""The search, over made-up voices and an ear that knows the person's numbers: what is fast enough to be run often."""

from types import SimpleNamespace

import numpy as np
import pytest
from affekt import AudioSignal
from affekt_clone.fitting import Fitter, Losses, Point, Search, Start, semitones_to, voice_at
from affekt_clone.hearing import Heard
from affekt_clone.voice_space import VoiceSpace

SEARCH = Search(timbre=4, prosody=3, population=(8, 6), generations=(12, 6), sentences=("a", "b"), checks=("c",))


def styles(count: int = 20, seed: int = 0) -> dict[str, np.ndarray]:
    """Voices of a few directions each, for three lengths of a sentence."""
    random = np.random.default_rng(seed)
    means = np.concatenate([random.normal(size=(count, 5)) @ random.normal(size=(5, 128)) for _ in range(2)], axis=1)
    return {
        f"a{number}": (mean + 0.1 * random.normal(size=(3, 1, 256))).astype(np.float32)
        for number, mean in enumerate(means)
    }


@pytest.fixture(scope="module")
def space() -> VoiceSpace:
    return VoiceSpace.of(styles(), SEARCH.timbre, SEARCH.prosody)


@pytest.fixture(scope="module")
def start(space: VoiceSpace) -> Start:
    return Start(weights=space.start({"a0": 0.9, "a1": 0.8, "a2": 0.7, "a3": 0.1}, 3), nearest="a0", pitch=0.0)


def said(voice, text: str) -> AudioSignal:
    """The mean style instead of sound, which is enough for `Numbers`."""
    return AudioSignal(samples=voice.style.mean(axis=(0, 1)), sample_rate=16_000)


class Numbers:
    """Hears how near a style is to the person's; words are lost where `deaf` is True."""

    def __init__(self, person: np.ndarray, *, deaf: bool = False) -> None:
        self.person, self.deaf, self.asked, self.rated = person, deaf, 0, 0

    def likeness(self, audio: AudioSignal) -> float:
        self.asked += 1
        return float(np.exp(-np.abs(audio.samples - self.person).mean() / 2))

    def quality(self, audio: AudioSignal) -> float:
        self.rated += 1
        return 4.0

    def wrong(self, text: str, audio: AudioSignal) -> float:
        return float(self.deaf)


def person(space: VoiceSpace, start: Start) -> np.ndarray:
    """A style within the space's reach."""
    style = space.style(start.weights, np.array([1.2, -0.8, 0.5, 0.3]), np.array([-0.7, 0.9, 0.2]))
    return style.mean(axis=(0, 1))


def test_the_corners_of_the_space_are_the_real_voices(space: VoiceSpace):
    voices = styles()
    weights = space.start({name: float(name == "a7") for name in voices}, 1)
    assert weights.sum() == pytest.approx(1)
    origin = np.zeros(space.timbre.size), np.zeros(space.prosody.size)
    np.testing.assert_allclose(space.style(weights, *origin), voices["a7"], atol=1e-5)


def test_directions_are_in_standard_deviations_of_the_real_voices(space: VoiceSpace):
    means = np.stack([style.mean(axis=(0, 1))[:128] for style in styles().values()]).astype(np.float64)
    step = space.timbre.directions.T @ means
    np.testing.assert_allclose(space.timbre.directions.sum(axis=0), 0, atol=1e-9)
    along = (means - means.mean(axis=0)) @ (step / np.linalg.norm(step, axis=1, keepdims=True)).T
    np.testing.assert_allclose(along.std(axis=0), np.linalg.norm(step, axis=1), rtol=1e-3)


def test_no_candidate_is_further_from_the_start_than_real_voices_from_their_mean(space: VoiceSpace, start: Start):
    far = np.array([30.0, 40.0, 0.0, 0.0])
    assert np.linalg.norm(space.timbre.within(far)) == pytest.approx(2.0)  # √4 directions
    np.testing.assert_array_equal(space.timbre.within(far / 100), far / 100)
    at_limit, beyond = (space.timbre.at(start.weights, point) for point in (far / 25, far))
    np.testing.assert_allclose(at_limit, beyond, atol=1e-5)


def test_timbre_and_prosody_are_apart(space: VoiceSpace, start: Start):
    rest = np.zeros(space.prosody.size)
    one, other = (space.style(start.weights, np.full(4, value), rest) for value in (0.0, 0.5))
    np.testing.assert_array_equal(one[..., 128:], other[..., 128:])
    assert np.abs(one[..., :128] - other[..., :128]).max() > 0.01


def test_a_search_comes_nearer_to_the_person_and_is_the_same_for_its_seed(space: VoiceSpace, start: Start):
    ear = Numbers(person(space, start))
    before = np.random.get_state()[1].copy()
    progress: list[tuple[int, int]] = []
    fitted = Fitter(space, start, SEARCH, said, ear).fit(Losses(), lambda _: None, lambda *now: progress.append(now))
    assert fitted.heard.likeness > fitted.start.likeness + 0.1
    assert progress[-1] == (SEARCH.candidates, SEARCH.candidates)
    assert ear.asked == SEARCH.candidates
    finalists = 4 * len(SEARCH.checks)
    assert ear.rated == (SEARCH.candidates - finalists) // 2 + finalists, "the better half of each generation"
    np.testing.assert_array_equal(np.random.get_state()[1], before)
    again = Fitter(space, start, SEARCH, said, ear, workers=3).fit(Losses(), lambda _: None, lambda *_: None)
    np.testing.assert_array_equal(fitted.voice.style, again.voice.style)


def test_an_interrupted_search_goes_on_to_the_same_voice_and_hears_nothing_twice(space: VoiceSpace, start: Start):
    class Interrupted(Exception):
        pass

    ear = Numbers(person(space, start))
    whole = Fitter(space, start, SEARCH, said, ear).fit(Losses(), lambda _: None, lambda *_: None)
    kept: list[dict[str, np.ndarray]] = []

    def keep(losses: Losses) -> None:
        kept.append(losses.arrays())
        if len(kept) == 14:  # in the second generation of the prosody
            raise Interrupted

    with pytest.raises(Interrupted):
        Fitter(space, start, SEARCH, said, ear).fit(Losses(), keep, lambda *_: None)
    ear.asked = 0
    fitted = Fitter(space, start, SEARCH, said, ear).fit(Losses.of(kept[-1]), lambda _: None, lambda *_: None)
    np.testing.assert_array_equal(fitted.voice.style, whole.voice.style)
    assert ear.asked == SEARCH.candidates - 12 * 8 - 2 * 6


def test_words_count_among_the_best_and_for_the_finalists(space: VoiceSpace, start: Start):
    fitter = Fitter(space, start, SEARCH, said, Numbers(person(space, start), deaf=True))
    losses = Losses()
    fitted = fitter.fit(losses, lambda _: None, lambda *_: None)
    clear = Losses()
    Fitter(space, start, SEARCH, said, Numbers(person(space, start))).fit(clear, lambda _: None, lambda *_: None)
    added = np.array(losses.rows[0][0]) - np.array(clear.rows[0][0])
    assert sorted(added.round(6)) == [0.0] * 6 + [0.5] * 2
    assert fitted.heard.wrong == 1.0


def test_pitch_formants_and_range_stay_within_their_limits(space: VoiceSpace, start: Start):
    point = Point(np.zeros(4), np.zeros(3), pitch=2.0, formants=99.0, span=-99.0)
    own = voice_at(space, SimpleNamespace(weights=start.weights, nearest="bf_emma", pitch=-3.0), point).own
    assert (own.pitch, own.formants, own.span) == (-1.0, 1.15, 0.6)
    assert semitones_to(np.log(220.0), np.log(110.0)) == 8.0
    assert semitones_to(np.log(100.0), np.log(110.0)) == pytest.approx(-1.65, abs=0.01)


def test_a_candidate_that_sounds_bad_loses():
    good, bad, wrong = (
        Heard(likeness=0.8, quality=quality, wrong=lost) for quality, lost in ((3.5, 0.0), (2.2, 0.0), (3.5, 1.0))
    )
    assert good.loss == -0.8
    assert bad.loss == pytest.approx(-0.65)
    assert wrong.loss == pytest.approx(-0.3)
