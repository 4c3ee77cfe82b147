"""Lent voices: consent is asked for every time, and what is computed from a voice goes with it."""

import shutil
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import soundfile
from affekt import DataError, SpeechRequest
from affekt_coqui.measure import SENTENCES, table
from affekt_coqui.speaker import CoquiSpeaker
from affekt_voices import ConsentError, StoreError, VoiceStore, write_speech

HI = SpeechRequest(text="Hi.")
OTHER = {"pitch": 95.0, "formant": 400.0}


@pytest.fixture(params=["xtts", "yourtts"])
def speaker(request, speakers, lent):
    return speakers(request.param, voice="anna")


def sealed(tmp_path):
    return list((tmp_path / "lent" / "voices").glob("*/derived-*.sealed"))


def test_latents_are_computed_once_and_go_with_the_voice(speaker, lent, tmp_path):
    first = speaker.speak([HI])[0].audio.samples
    assert len(sealed(tmp_path)) == 1
    fresh = CoquiSpeaker(model=speaker.model, voice="anna")
    vars(fresh)["_engine"] = engine = Deaf(speaker._engine)
    np.testing.assert_array_equal(fresh.speak([HI])[0].audio.samples, first)  # from the store
    np.testing.assert_array_equal(fresh.speak([HI])[0].audio.samples, first)  # from memory
    assert not engine.asked
    lent.purge("anna")
    assert not sealed(tmp_path)
    for one in (speaker, fresh):
        with pytest.raises(ConsentError, match='nobody lent a voice "anna"'):
            one.speak([HI])
        assert not one._lending.kept


class Deaf:
    """An engine that is asked to listen to nothing."""

    def __init__(self, engine):
        self._engine, self.asked = engine, False

    def learnt(self, sounds):
        self.asked = True
        return self._engine.learnt(sounds)

    def __getattr__(self, name):
        return getattr(self._engine, name)


def test_no_recording_and_no_latent_lies_on_the_disk_in_the_clear(speaker, lent, tmp_path, models):
    before = set(models(speaker._folder.family).rglob("*"))
    speaker.speak([HI])
    (voice,) = speaker._lending.kept.values()
    known = [VoiceStore().use("anna", "replies").recordings[0].samples, voice["speaker"]]
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    for array in known:
        assert not any(array.tobytes()[:64] in content for content in files)
    assert set(models(speaker._folder.family).rglob("*")) == before


def test_a_recording_of_an_emotion_must_be_of_the_person_who_lent_the_voice(speakers, lent, recorded, tmp_path):
    def speak(clip, voice="anna"):
        speaker = speakers("xtts", voice=voice, emotions={"happy": str(clip)})
        return speaker.speak([SpeechRequest(text="Hi.", emotion="happy", intensity=1.0)])[0]

    happy = speak(recorded())
    plain = speakers("xtts", voice="anna").speak([HI])[0]
    assert happy.provenance["emotion_route"] == "the manner of clip.wav"
    assert happy.provenance["consent"] == plain.provenance["consent"]
    assert not np.array_equal(happy.audio.samples, plain.audio.samples)
    with pytest.raises(ConsentError, match=r'is not in the voice "anna": similarity 0\.\d+, below 0\.75'):
        speak(recorded("other.wav", **OTHER))
    with pytest.raises(ConsentError, match="a recording of a person, and the voice that speaks is not theirs"):
        speak(recorded(), voice="emma")
    with pytest.raises(DataError, match=r"holds 0\.\d s of speech, less than 1 s"):
        speak(recorded("short.wav", seconds=0.2))
    with pytest.raises(DataError, match="is silent"):
        speak(write(tmp_path / "silence.wav", np.zeros(48_000)))
    with pytest.raises(ConsentError, match="is not in the voice"):
        speak(write(tmp_path / "music.wav", chords()))
    anna, other = (soundfile.read(recorded(f"{n}.wav", 4.0, **who))[0] for n, who in enumerate(({}, OTHER)))
    with pytest.raises(ConsentError, match=r"seems to hold several people|is not in the voice"):
        speak(write(tmp_path / "both.wav", np.concatenate([anna, other])))
    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(DataError, match="cannot be read"):
        speak(tmp_path / "text.wav")


def write(path, samples):
    soundfile.write(path, samples, 24_000)
    return path


def chords():
    time = np.arange(24_000 * 4) / 24_000
    return sum(np.sin(2 * np.pi * pitch * time) for pitch in (220.0, 277.2, 329.6, 440.0)) / 6


ATTACKS = {
    "none": lambda store, folder, lend: None,
    "expired": lambda store, folder, lend: (store.purge("anna"), lend(days=-1.0)),
    "revoked": lambda store, folder, lend: store.revoke("anna"),
    "for something else": lambda store, folder, lend: (store.purge("anna"), lend(purposes=("audiobooks",))),
    "tampered with": lambda store, folder, lend: flip(next(folder.glob("voices/*/record.sealed"))),
    "another's embedding": lambda store, folder, lend: (lend("ben", **OTHER), swap(store, folder)),
    "a copy without its keys": lambda store, folder, lend: shutil.rmtree(folder / "keys"),
    "an older copy put back": lambda store, folder, lend: put_back(store, folder),
    "the clock set back": lambda store, folder, lend: VoiceStore(now=tomorrow).use("anna", "replies"),
}


@pytest.mark.parametrize("family", ["xtts", "yourtts", "freevc"])
def test_no_attack_on_the_consent_gets_a_file_out_of_a_speaker(speakers, tmp_path, monkeypatch, lend, family):
    made = speakers(family, voice="anna")
    for number, (name, attack) in enumerate(ATTACKS.items()):
        folder = tmp_path / f"lent-{number}"
        monkeypatch.setenv("AFFEKT_VOICES", str(folder))
        attack(lend(), folder, lend)
        speaker = made if name != "none" else speakers(family, voice="nobody")
        out = tmp_path / "out.wav"
        with pytest.raises((ConsentError, StoreError)):
            write_speech(speaker.speak([HI])[0], out)
        assert not list(tmp_path.glob("*out*")), name
        assert not speaker._lending.kept, name


def test_speech_made_before_the_voice_was_taken_back_is_not_written_after(speaker, lent, tmp_path):
    (result,) = speaker.speak([HI])
    lent.revoke("anna")
    with pytest.raises(ConsentError):
        write_speech(result, tmp_path / "out.wav")
    assert not list(tmp_path.glob("*out*"))


def test_a_voice_that_is_taken_back_while_it_speaks_falls_silent_at_the_next_sentence(speaker, lent):
    parts = speaker.stream(SpeechRequest(text="Come in. Sit down."))
    next(parts)
    lent.revoke("anna")
    with pytest.raises(ConsentError):
        list(parts)
    assert not speaker._lending.kept


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def swap(store, folder):
    places = [folder / "voices" / store.record(name).id / "embedding.sealed" for name in ("ben", "anna")]
    shutil.copy(*places)


def put_back(store, folder):
    shutil.copytree(folder / "voices", folder / "older")
    store.revoke("anna")
    shutil.rmtree(folder / "voices")
    (folder / "older").rename(folder / "voices")


def tomorrow():
    return datetime.now(UTC) + timedelta(hours=12)


@pytest.mark.usefixtures("lent")
def test_keeping_latents_is_measured_against_computing_them_again(speakers):
    lines = table(speakers("yourtts", voice="anna"), SENTENCES[:2]).splitlines()
    assert lines[0] == "2 sentences, anna"
    assert [line.split("  ")[0] for line in lines[1:]] == ["computed again", "unsealed again", "kept in memory"]
    assert lines[3].endswith(" s   1.00")
