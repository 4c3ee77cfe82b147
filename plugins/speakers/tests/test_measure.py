"""What is staged, and what is counted, on sound and turns that are made up."""

import numpy as np
import pytest
import soundfile
from affekt import Appearance, DataError
from affekt_speakers.measure import identity_loss
from affekt_speakers.staging import Spoken, stage, trimmed, utterances

RATE = 16_000


class Loud:
    """Hears speech where the level is above a hundredth, and a tenth of a second around it."""

    def rows(self, samples, count, hop):
        step = round(hop * RATE)
        loud = np.abs(samples[: count * step]).reshape(count, step).max(axis=1) > 0.01
        return np.convolve(loud, np.ones(21), "same") > 0


@pytest.fixture
def acted(tmp_path):
    """RAVDESS's names: three actors, each neutral, and strongly angry."""
    for actor in range(1, 4):
        folder = tmp_path / f"ravdess/Actor_{actor:02}"
        folder.mkdir(parents=True)
        for emotion, intensity, seconds in (("01", "01", 1.0), ("05", "02", 0.6)):
            tone = 0.1 * actor * np.sin(np.arange(int(seconds * RATE)) * 0.05 * actor)
            sound = np.concatenate([np.zeros(RATE), tone, np.zeros(RATE // 2)])
            soundfile.write(folder / f"03-01-{emotion}-{intensity}-01-01-{actor:02}.wav", sound, RATE)
    return utterances(tmp_path)


def test_recordings_are_cut_to_the_speech(acted):
    (neutral, angry) = acted["ravdess-02"]
    assert (neutral.emotion, neutral.strong, angry.emotion, angry.strong) == ("neutral", False, "angry", True)
    assert len(trimmed(neutral.path, Loud())) / RATE == pytest.approx(1.0, abs=0.03)


def test_a_conversation_is_the_same_for_the_same_seed_and_holds_what_its_turns_say(acted):
    first, again, other = (stage(acted, Loud(), size=2, overlap=0.3, seconds=12, seed=seed) for seed in (1, 1, 2))
    assert first.turns == again.turns != other.turns
    np.testing.assert_array_equal(first.samples, again.samples)
    assert first.people == 2
    assert {turn.strong for turn in first.turns} == {False, True}
    pairs = list(zip(first.turns, first.turns[1:], strict=False))
    assert any(later.start < earlier.end for earlier, later in pairs), "some turns overlap"
    assert not any(later.start < earlier.end and later.person == earlier.person for earlier, later in pairs)
    for turn in first.turns:
        middle = int((turn.start + turn.end) / 2 * RATE)
        assert np.abs(first.samples[middle - 400 : middle + 400]).max() > 0.01
    apart = stage(acted, Loud(), size=3, overlap=0, seconds=5, seed=3)
    assert all(later.start > earlier.end for earlier, later in zip(apart.turns, apart.turns[1:], strict=False))


def test_more_people_than_there_are_is_an_error_that_says_so(acted):
    with pytest.raises(DataError, match="a conversation of 4 needs as many people; found 3"):
        stage(acted, Loud(), size=4, overlap=0, seconds=5, seed=0)


def test_speech_that_goes_to_another_id_is_lost_by_emotion_and_silence_is_not():
    def spoken(start, end, person, emotion, strong):
        return Spoken(start=start, end=end, person=person, emotion=emotion, strong=strong)

    def heard(person, start, end):
        return Appearance(modality="audio", person=person, start=start, end=end)

    true = [
        spoken(0, 4, "a", "calm", False),
        spoken(4, 6, "a", "angry", True),
        spoken(6, 8, "b", "angry", True),
        spoken(8, 9, "a", "sad", False),
    ]
    loss = identity_loss(true, [heard("1", 0, 4), heard("2", 4, 5.5), heard("3", 6, 8)])
    assert loss["calm"] == pytest.approx([0, 4], abs=0.03)
    assert loss["angry"] == pytest.approx([1.5, 3.5], abs=0.03)
    assert loss["acted strongly"] == pytest.approx([1.5, 3.5], abs=0.03)
    assert loss["not acted strongly"] == pytest.approx([0, 4], abs=0.03)
    assert loss["sad"] == pytest.approx([0, 0]), "what nobody hears is missed, not lost"
    assert loss["all"] == pytest.approx([1.5, 7.5], abs=0.05)
