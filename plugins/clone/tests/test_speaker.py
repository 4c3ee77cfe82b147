import numpy as np
import pytest
from affekt import AudioSignal, Clip, SpeechRequest, SpeechResult, plugins
from affekt_clone.conversion import mean_pitch
from affekt_clone.speaker import ClonedSpeaker
from affekt_testing import SpeakerSuite
from affekt_voices import ConsentError, VoiceStore
from affekt_voices.speaker_identity import embedding, similarity
from affekt_voices.words import word_errors

from .conftest import SAID, record


@pytest.fixture(scope="module")
def lent(tmp_path_factory, kumo):
    """The voice of Kokoro's man, enrolled under the name "kumo"; and its embedding."""
    folder = tmp_path_factory.mktemp("lent")
    voice = embedding(kumo)
    VoiceStore(folder / "voices", folder / "keys").add(record("kumo", voice), voice, [kumo])
    return folder, voice


@pytest.fixture(autouse=True)
def store(lent, monkeypatch):
    monkeypatch.setenv("AFFEKT_VOICES", str(lent[0]))


class TestClone(SpeakerSuite):
    component = ClonedSpeaker
    options = {"voice": "kumo", "reader": "beeps"}  # Kokoro costs most of the time, and is tested where it lives

    @pytest.fixture
    def inputs(self):
        """A second of speech costs seconds."""
        return [SpeechRequest(text="I am.", emotion="happy", intensity=0.8), SpeechRequest(text="Come.", emotion="sad")]


class Reader:
    """Plays what was read before; the second, where there is one, when it is asked to be happy or for a style."""

    def __init__(self, audio):
        self._audio = audio

    def speak(self, requests):
        return [
            SpeechResult(audio=self._audio[bool(one.style) or one.emotion == "happy"], request=one) for one in requests
        ]


def test_the_speech_moves_to_the_lent_voice_and_keeps_its_words(lent, alpha):
    speaker = ClonedSpeaker(voice="kumo")
    vars(speaker)["_reader"] = Reader([alpha])
    (spoken,) = speaker.speak([SpeechRequest(text=SAID)])
    before, after = (similarity(embedding(one), lent[1]) for one in (alpha, spoken.audio))
    assert after > before + 0.05, (before, after)
    (clip,) = plugins().create("preparer", "whisper", language="en").prepare([Clip(id="spoken", audio=spoken.audio)])
    assert word_errors(SAID, clip.text or "") <= 0.2
    assert spoken.provenance["consent"] == VoiceStore().record("kumo").id


def hummed(hertz):
    """A second with harmonics, in two syllables."""
    time = np.arange(24_000) / 24_000
    sound = sum(np.sin(2 * np.pi * k * hertz * time) / k for k in range(1, 20))
    return AudioSignal(samples=(0.2 * sound * np.sin(2 * np.pi * time) ** 2).astype(np.float32), sample_rate=24_000)


@pytest.mark.parametrize("how", [{"emotion": "happy"}, {"style": "higher"}])
def test_what_emotion_and_style_do_to_the_pitch_is_kept(how):
    speaker = ClonedSpeaker(voice="kumo")
    vars(speaker)["_reader"] = Reader([hummed(160.0), hummed(240.0)])
    requests = [SpeechRequest(text="Good morning."), SpeechRequest(text="Good morning.", **how)]
    neutral, moved = (mean_pitch(result.audio) for result in speaker.speak(requests))
    assert np.exp(moved - neutral) == pytest.approx(1.5, abs=0.05)


def test_the_reader_speaks_in_the_voice_that_is_most_like_the_lent_one(lent, alpha, kumo):
    class Several(Reader):
        voices = ("woman", "man")

        def speak(self, requests):
            return [SpeechResult(audio=self._audio[one.voice == "man"], request=one) for one in requests]

    speaker = ClonedSpeaker(voice="kumo")
    short = AudioSignal(samples=kumo.samples[:48_000], sample_rate=24_000)
    vars(speaker)["_reader"] = Several([AudioSignal(samples=alpha.samples[:48_000], sample_rate=24_000), short])
    (result,) = speaker.speak([SpeechRequest(text="Good morning.")])
    assert result.provenance["reader_voice"] == "man"
    assert len(list((lent[0] / "voices").glob("*/derived-*.sealed"))) == 2


def test_what_is_computed_from_a_voice_is_kept_and_used_again(lent):
    speaker = ClonedSpeaker(voice="kumo", reader="beeps")
    once = speaker.speak([SpeechRequest(text="Good morning.")])[0].audio.samples
    kept = [path.stat().st_mtime_ns for path in (lent[0] / "voices").glob("*/derived-*.sealed")]
    again = speaker.speak([SpeechRequest(text="Good morning.")])[0].audio.samples
    np.testing.assert_array_equal(once, again)
    assert kept
    made = [path.stat().st_mtime_ns for path in (lent[0] / "voices").glob("*/derived-*.sealed")]
    assert made == kept


@pytest.mark.parametrize(
    ("options", "error"),
    [({}, "no lent voice is named"), ({"voice": "anna"}, "nobody lent a voice"), ({"purpose": "ads"}, "not lent for")],
)
def test_nothing_is_spoken_without_consent(options, error):
    with pytest.raises(ConsentError, match=error):
        ClonedSpeaker(**({"voice": "kumo"} if "purpose" in options else {}) | options).speak(
            [SpeechRequest(text="Hi.")]
        )
