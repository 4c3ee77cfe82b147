"""All 54 voices: their names, and that those at hand are those of the publication."""

import numpy as np
import pytest
from affekt import DataError, SpeechRequest, WeightsError
from affekt_kokoro.controls import Controls, controls_for
from affekt_kokoro.speaker import KokoroSpeaker
from affekt_kokoro.voices import PROSODY, SIZE, TIMBRE, VOICES, Voice
from affekt_kokoro.weights import ALL_VOICES
from affekt_weights import fetch


def test_names_say_sex_language_and_accent():
    assert len(VOICES) == 54
    assert sum(voice.language == "en" for voice in VOICES.values()) == 28
    emma = VOICES["bf_emma"]
    assert (emma.sex, emma.language, emma.accent) == ("woman", "en", "British")
    assert {voice.language for voice in VOICES.values()} == set(ALL_VOICES.languages)
    assert range(SIZE)[TIMBRE][-1] + 1 == range(SIZE)[PROSODY][0]


def test_the_voices_at_hand_need_no_fetching_and_an_unknown_one_is_refused(speaker: KokoroSpeaker):
    styles = speaker._network.styles
    assert set(styles) == set(VOICES)
    for name in ("af_heart", "af_bella", "am_michael", "am_fenrir", "jf_alpha", "jm_kumo"):
        assert styles[name].shape == (510, 1, 256)
    assert "_folder" not in vars(styles)
    with pytest.raises(DataError, match=r'no voice "af_hart"\. Did you mean "af_heart"'):
        styles["af_hart"]


@pytest.mark.network
def test_the_published_voices_are_those_at_hand_and_all_speak(speaker: KokoroSpeaker):
    try:
        fetch(ALL_VOICES)
    except WeightsError as error:
        pytest.skip(f"needs all voices of Kokoro: {error}")
    from affekt_kokoro.voices import read_style

    styles = speaker._network.styles
    for name in styles._at_hand:
        np.testing.assert_array_equal(styles[name], read_style(fetch(ALL_VOICES) / f"{name}.bin"))
    (result,) = speaker.speak([SpeechRequest(text="Hi.", voice="bm_george")])
    assert result.provenance["voice"] == "bm_george"
    assert 0.2 < result.audio.duration < 2


def test_emotions_come_on_top_of_what_a_voice_has_of_its_own(speaker: KokoroSpeaker):
    own = Controls(pitch=-2.0, span=0.9, formants=0.95)
    happy = controls_for("happy", 1.0).over(own)
    assert (happy.pitch, happy.span) == (4.0, pytest.approx(1.08))
    assert happy.formants == pytest.approx(1.10 * 0.95)
    assert Controls().over(own) == own
    request = SpeechRequest(text="Hi.", voice="no such")
    plain, lower = (
        speaker.speak_as(Voice("anna", speaker.stock("af_heart").style, own=changes), [request])[0]
        for changes in (Controls(), own)
    )
    assert lower.provenance["voice"] == "anna"
    assert not np.array_equal(plain.audio.samples, lower.audio.samples)
    np.testing.assert_array_equal(
        plain.audio.samples, speaker.speak([SpeechRequest(text="Hi.", voice="af_heart")])[0].audio.samples
    )


@pytest.mark.parametrize(
    ("own", "asked", "language", "voice"),
    [
        ("jm_kumo", None, "en", "jm_kumo"),
        ("af_heart", None, "zh", "zf_xiaoxiao"),
        ("af_heart", "am_adam", "en", "am_adam"),
        ("zm_yunxi", None, "zh", "zm_yunxi"),
    ],
)
def test_a_speaker_keeps_its_own_voice_for_every_language_that_the_voice_says(own, asked, language, voice):
    request = SpeechRequest(text="Hi.", voice=asked, language=language)
    assert KokoroSpeaker(voice=own)._name(request) == voice
