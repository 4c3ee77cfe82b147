"""Who speaks when in real sound, over windows, with people who are known."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile
from affekt import AffektError, Appearance, AudioSignal, Clip, DataError, OptionsError
from affekt_speakers import campplus, known_voices, segmentation
from affekt_speakers.stretches import intervals, looks, stretches
from affekt_speakers.turns import SpeakerTurns, merged
from affekt_testing import PreparerSuite

RATE = 16_000


def clip(samples, start=0.0):
    return Clip(id="talk", audio=AudioSignal(samples=samples, sample_rate=RATE), start=start)


def turns(clips):
    return [each for one in clips for each in one.appearances]


class TestSpeakerTurns(PreparerSuite):
    component = SpeakerTurns
    fills = "audio"


def test_the_networks_answer_what_their_authors_code_answers(networks, shared):
    """Figures of pyannote.audio's and 3D-Speaker's modules with the same tensors on the same sound."""
    sound, _ = soundfile.read(shared / "data/emodb/03a01Fa.flac", dtype="float32")
    again, _ = soundfile.read(shared / "data/emodb/03a01Nc.flac", dtype="float32")
    other, _ = soundfile.read(shared / "data/emodb/11a01Aa.flac", dtype="float32")
    heard = campplus.voices(networks.embedding, [sound, again, other])
    assert np.linalg.norm(heard, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert heard[0] @ heard[1] == pytest.approx(0.53, abs=0.01)
    assert heard[0] @ heard[1] > heard[0] @ heard[2]
    assert segmentation.frames_of(160_000) == 589
    nobody = segmentation.probabilities(networks.segmentation, np.pad(sound, (8_000, 8_000)))[:, 0]
    assert 0.6 < (nobody < 0.5).mean() * len(nobody) * 270 / len(sound) < 1.1


def test_silence_and_noise_have_no_turns_and_the_shortest_sound_is_no_error(networks):
    assert stretches(networks, np.zeros(3 * RATE, np.float32)) == []
    assert stretches(networks, np.zeros(100, np.float32)) == []
    hiss = 0.01 * np.random.default_rng(0).standard_normal(3 * RATE).astype(np.float32)
    assert intervals(looks(networks.segmentation, hiss), hiss) == []


def test_two_people_stay_the_same_when_they_shout_where_their_number_is_known(dialogue):
    samples, true = dialogue
    component = SpeakerTurns(people=2)
    (linked,) = component.link(component.prepare([clip(samples)]))
    owner = {actor: [] for actor in ("11", "12")}
    for start, end, actor in true:
        middle = [each.person for each in linked.appearances if each.start < (start + end) / 2 < each.end]
        owner[actor] += middle
    assert len(set(owner["11"])) == len(set(owner["12"])) == 1
    assert set(owner["11"]).isdisjoint(owner["12"])
    assert all(each.traits is None for each in linked.appearances), "voices are biometric, and stay in no answer"


def test_a_person_has_one_name_in_all_windows(dialogue):
    samples, true = dialogue
    half = int(true[3][0] * RATE)
    component = SpeakerTurns(people=2)
    windows = component.prepare([clip(samples[:half]), clip(samples[half:], start=half / RATE)])
    linked = component.link(windows)
    assert {each.person for each in linked[0].appearances} == {each.person for each in linked[1].appearances}


def test_enrolled_people_have_their_names_and_others_a_number(dialogue, tmp_path):
    samples, true = dialogue
    start, end, _ = true[0]
    soundfile.write(tmp_path / "Vera.wav", samples[int(start * RATE) : int(end * RATE)], RATE)
    component = SpeakerTurns(people=2, enrolled=tmp_path)
    (linked,) = component.link(component.prepare([clip(samples)]))
    assert {each.person for each in linked.appearances} == {"Vera", "speaker 1"}
    assert linked.appearances[0].person == "Vera"


def test_ids_stay_over_recordings_where_voices_are_remembered_and_are_forgotten_when_asked(dialogue, tmp_path):
    samples, true = dialogue
    path = tmp_path / "voices.safetensors"
    component = SpeakerTurns(people=2, remember=path)
    (first,) = component.link(component.prepare([clip(samples)]))
    assert path.stat().st_mode & 0o077 == 0, "readable by its owner alone"
    cut = int(true[1][0] * RATE) - RATE // 6
    (later,) = component.link(component.prepare([clip(samples[cut:])]))
    who = {round(each.start, 1): each.person for each in first.appearances}
    assert later.appearances[0].person == who[min(who, key=lambda start: abs(start - true[1][0]))]
    assert known_voices.forget(path, ["speaker 1"]) == ["speaker 1"]
    assert list(known_voices.recall(path)) == ["speaker 2"]
    with pytest.raises(AffektError, match="holds no voice of speaker 7"):
        known_voices.forget(path, ["speaker 7"])
    known_voices.forget(path)
    assert not path.exists()


def test_nothing_is_kept_on_disk_by_default(dialogue, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    component = SpeakerTurns()
    component.link(component.prepare([clip(dialogue[0][: 5 * RATE])]))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("folder", "message"),
    [
        ("absent", "is no folder"),
        ("empty", "holds no clip"),
        ("silent", "nobody is heard"),
        ("broken", "cannot be read"),
    ],
)
def test_enrolment_says_what_is_wrong(tmp_path, folder, message):
    if folder != "absent":
        (tmp_path / folder).mkdir()
    if folder == "silent":
        soundfile.write(tmp_path / folder / "Vera.wav", np.zeros(RATE, np.float32), RATE)
    if folder == "broken":
        (tmp_path / folder / "Vera.wav").write_bytes(b"no sound")
    component = SpeakerTurns(enrolled=tmp_path / folder)
    voice = Appearance(
        modality="audio", person="x", start=0, end=1, traits=np.full(192, 192**-0.5, np.float32), strength=1.0
    )
    with pytest.raises(DataError, match=message):
        component.link([replace(clip(np.zeros(RATE, np.float32)), appearances=(voice,))])


def test_bounds_that_cannot_be_are_refused():
    with pytest.raises((OptionsError, ValueError), match="which is fewer"):
        SpeakerTurns(at_least=5, at_most=2)


def test_stretches_of_one_person_that_follow_closely_are_one_turn():
    def heard(person, start, end):
        return Appearance(modality="audio", person=person, start=start, end=end)

    found = merged([heard("b", 1.1, 3), heard("a", 0, 1), heard("a", 1.2, 2), heard("a", 2.9, 4)])
    assert [(each.person, each.start, each.end) for each in found] == [("a", 0, 2), ("b", 1.1, 3), ("a", 2.9, 4)]


def test_a_clip_without_sound_says_so_and_stays():
    (silent,) = SpeakerTurns().prepare([Clip(id="picture")])
    assert silent.appearances == ()
    assert silent.missing["audio"]
