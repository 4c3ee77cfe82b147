"""What is staged, and what is counted, on sound and turns that are made up."""

import numpy as np
import pytest
import soundfile
from affekt import Appearance, DataError
from affekt_speakers.measure import identity_loss, summary, tally
from affekt_speakers.staging import Conversation, Spoken, stage, trimmed, utterances

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


def test_a_pause_within_a_sentence_is_nobodys_speech_and_the_room_is_not_silent(tmp_path):
    for actor in (1, 2):
        folder = tmp_path / f"ravdess/Actor_{actor:02}"
        folder.mkdir(parents=True)
        tone = 0.1 * np.sin(np.arange(RATE // 2) * 0.05 * actor)
        breath = 1e-4 * np.ones(RATE // 10)
        sound = np.concatenate([breath, tone, np.zeros(RATE // 2), tone, breath])
        for intensity in ("01", "02"):
            soundfile.write(folder / f"03-01-05-{intensity}-01-01-{actor:02}.wav", sound, RATE)
    staged = stage(utterances(tmp_path), Loud(), size=2, overlap=0, seconds=6, seed=1)
    assert {round(turn.end - turn.start, 1) for turn in staged.turns} == {0.5}, "breath and pauses do not count"
    gaps = [later.start - earlier.end for earlier, later in zip(staged.turns, staged.turns[1:], strict=False)]
    assert sum(0.45 < gap < 0.55 for gap in gaps) >= len(staged.turns) // 2
    pause = int((staged.turns[0].end + 0.1) * RATE)
    assert 0 < np.abs(staged.samples[pause : pause + 800]).max() < 0.01


def test_measures_are_pooled_over_conversations_with_intervals_that_draw_them():
    def conversation(seconds, said):
        true = Spoken(start=0, end=seconds, person="a", emotion="calm", strong=False)
        heard = Appearance(modality="audio", person="1", start=0, end=said)
        return tally(Conversation(np.zeros(1, np.float32), (true,)), [heard])

    values = summary([conversation(1, 0.5), conversation(3, 3)])
    assert values["der"] == pytest.approx(0.5 / 4) == values["missed"]
    assert values["der.low"] == pytest.approx(0, abs=0.01)
    assert values["der.high"] == pytest.approx(0.5, abs=0.01)
    assert values["number_right"] == 1
    assert values["identity_loss.calm"] == pytest.approx(0, abs=0.01)
