"""Lent voices: consent is asked for every time, and what is computed from a voice goes with it."""

import numpy as np
import pytest
from affekt import DataError, SpeechRequest
from affekt_coqui.measure import SENTENCES, table
from affekt_coqui.speaker import CoquiSpeaker
from affekt_voices import ConsentError, VoiceStore

HI = SpeechRequest(text="Hi.")


@pytest.fixture(params=["xtts", "yourtts"])
def speaker(request, models, lent):
    return CoquiSpeaker(model=str(models(request.param)), voice="anna")


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


def test_a_recording_of_an_emotion_must_be_of_the_person_who_lent_the_voice(models, lent, recorded):
    def speak(clip, voice="anna"):
        speaker = CoquiSpeaker(model=str(models("xtts")), voice=voice, emotions={"happy": str(clip)})
        vars(speaker)["_engine"] = engine if engine else speaker._engine
        return speaker, speaker.speak([SpeechRequest(text="Hi.", emotion="happy", intensity=1.0)])[0]

    engine = None
    speaker, happy = speak(recorded())
    engine = speaker._engine
    plain = speaker.speak([HI])[0]
    assert happy.provenance["emotion_route"] == "the manner of clip.wav"
    assert happy.provenance["consent"] == plain.provenance["consent"]
    assert not np.array_equal(happy.audio.samples, plain.audio.samples)
    with pytest.raises(ConsentError, match=r'is not in the voice "anna": similarity 0\.\d+, below 0\.75'):
        speak(recorded("other.wav", pitch=95.0, formant=400.0))
    with pytest.raises(ConsentError, match="a recording of a person, and the voice that speaks is not theirs"):
        speak(recorded(), voice="emma")
    with pytest.raises(DataError, match=r"holds 0\.\d s of speech, less than 1 s"):
        speak(recorded("short.wav", seconds=0.2))


def test_keeping_latents_is_measured_against_computing_them_again(models, lent):
    speaker = CoquiSpeaker(model=str(models("yourtts")), voice="anna")
    lines = table(speaker, SENTENCES[:3]).splitlines()
    assert lines[0] == "3 sentences, anna"
    assert [line.split("  ")[0] for line in lines[1:]] == ["computed again", "unsealed again", "kept in memory"]
    assert lines[3].endswith(" s   1.00")
