import numpy as np
import pytest
import torch
from affekt import DataError, OptionsError, SpeechRequest, WeightsError
from affekt_coqui.controls import EMOTIONS, controls_for
from affekt_coqui.speaker import CONVERTERS, CoquiSpeaker


def samples(speaker, text="Come in.", **request):
    return speaker.speak([SpeechRequest(text=text, **request)])[0].audio.samples


@pytest.mark.parametrize("family", ["vits", "vits-of-three", "yourtts", "tacotron2", "xtts", *CONVERTERS])
@pytest.mark.usefixtures("lent")
def test_each_family_streams_the_speech_that_it_speaks(speakers, family):
    request = SpeechRequest(text="Come in, please. Sit down.")
    options = {"reader": "beeps", "voice": "anna"} if family in CONVERTERS else {}
    (whole,) = speakers(family, **options).speak([request])
    parts = list(speakers(family, **options).stream(request))
    assert len(parts) >= 3  # two sentences and the pause between them
    joined = np.concatenate([part.audio.samples for part in parts])
    assert len(joined) == len(whole.audio.samples)
    assert np.corrcoef(joined, whole.audio.samples)[0, 1] > 0.99
    assert all(part.provenance == whole.provenance for part in parts)
    again = np.concatenate([part.audio.samples for part in speakers(family, **options).stream(request)])
    np.testing.assert_array_equal(joined, again)


def test_xtts_streams_within_a_sentence_before_it_is_spoken_whole(speakers):
    request = SpeechRequest(text="We are glad that you could come.")
    streams = (speakers("xtts", seed=seed).stream(request) for seed in range(8))
    assert any(next(parts).audio.duration < 1 and next(parts, None) for parts in streams)


def test_what_others_draw_between_the_parts_changes_nothing(speakers):
    request = SpeechRequest(text="Come in, please. Sit down.")
    torch.manual_seed(1)
    world = torch.get_rng_state()
    parts = []
    for part in speakers("vits").stream(request):
        parts.append(part.audio.samples)
        torch.manual_seed(2)
    speakers("vits").speak([request])
    np.testing.assert_array_equal(np.concatenate(parts), samples(speakers("vits"), request.text))
    torch.manual_seed(1)
    assert torch.equal(world, torch.get_rng_state())


@pytest.mark.parametrize("family", ["vits", "yourtts"])
def test_emotions_change_the_speed_as_the_table_says(speakers, family):
    text = "We are glad that you could come."
    neutral, fast, slow = (
        len(samples(speakers(family), text, emotion=emotion, intensity=1.0)) for emotion in ("neutral", "angry", "sad")
    )
    assert fast < neutral < slow
    assert controls_for("sad", 0.5).speed == pytest.approx(EMOTIONS["sad"].speed ** 0.5)
    np.testing.assert_array_equal(
        samples(speakers(family), text, emotion="sad", intensity=0.0), samples(speakers(family), text)
    )


def test_a_manner_grows_with_intensity_and_leaves_the_speaker_alone(speakers):
    speaker = speakers("xtts", emotions={"happy": "emma-happy"})
    engine = speaker._engine
    emma, happy = engine.own("emma"), engine.own("emma-happy")
    half = engine.mixed(emma, happy, 0.5)
    np.testing.assert_allclose(half["latents"], (emma["latents"] + happy["latents"]) / 2, atol=1e-6)
    np.testing.assert_array_equal(half["speaker"], emma["speaker"])
    assert not np.array_equal(
        samples(speaker, emotion="happy", intensity=1.0), samples(speaker, emotion="happy", intensity=0.3)
    )
    d_vectors = speakers("yourtts")._engine
    mixed = d_vectors.mixed(d_vectors.own("ada"), d_vectors.own("ada-happy"), 1.0)
    np.testing.assert_allclose(mixed["speaker"], d_vectors.own("ada-happy")["speaker"], atol=1e-6)


def test_style_tokens_and_recordings_change_what_tacotron_says(speakers, recorded):
    neutral = samples(speakers("tacotron2"))
    for source in ({"0": 0.9, "3": -0.3}, str(recorded())):
        speaker = speakers("tacotron2", emotions={"sad": source})
        spoken = samples(speaker, emotion="sad", intensity=1.0)
        assert len(spoken) != len(neutral) or not np.allclose(spoken, neutral, atol=1e-4)


def test_a_vocoder_of_another_rate_speaks_for_tacotron(speakers, models):
    request = SpeechRequest(text="Come in.")
    (rough,) = speakers("tacotron2").speak([request])
    (fine,) = speakers("tacotron2", vocoder=str(models("vocoder"))).speak([request])
    assert (rough.audio.sample_rate, fine.audio.sample_rate) == (16_000, 22_050)
    assert fine.audio.duration == pytest.approx(rough.audio.duration, abs=0.15)  # it pads


def test_another_seed_is_another_reading(speakers):
    assert not np.array_equal(samples(speakers("vits")), samples(speakers("vits", seed=1)))


@pytest.mark.parametrize(
    ("family", "options", "error"),
    [
        ("xtts", {"emotions": {"sad": {"0": 0.5}}}, "xtts takes no emotion from style tokens"),
        ("vits", {"emotions": {"sad": "ben"}}, 'vits takes no emotion from "ben"'),
        ("vits-of-three", {"emotions": {"sad": "bne"}}, 'there is no "bne"'),
        ("tacotron2", {"emotions": {"sad": {"9": 0.5}}}, 'there is no style token "9"'),
        ("tacotron2", {"reader": "kokoro"}, "tacotron2 converts no speech"),
        ("freevc", {"emotions": {"sad": "ben"}}, "freevc has none of its own here"),
        ("yourtts", {"reader": "coqui", "voice": "anna"}, "cannot read for itself"),
    ],
)
@pytest.mark.usefixtures("lent")
def test_an_option_that_a_family_has_no_use_for_is_refused(speakers, family, options, error):
    with pytest.raises(OptionsError, match=error):
        samples(speakers(family, **options), emotion="sad")


@pytest.mark.parametrize(
    ("family", "request_", "error"),
    [
        ("xtts", {"language": "sv"}, 'does not speak "sv"\nTry: language en, es'),
        ("yourtts", {"language": "de"}, 'does not speak "de"\nTry: language en, fr-fr, pt-br'),
        ("vits", {"language": "de"}, 'does not speak "de"\nTry: language en'),
        ("vits", {"emotion": "hapy"}, 'cannot sound "hapy". Did you mean "happy"?'),
        ("tacotron2", {"emotion": "happy"}, r'cannot sound "happy" by itself\nTry: emotions\.happy: a recording'),
        ("vits-of-three", {"voice": "bn"}, 'no voice "bn"'),
        ("vits", {"voice": "ben"}, "it has one only"),
    ],
)
def test_a_request_that_a_model_cannot_speak_is_refused(speakers, family, request_, error):
    with pytest.raises(DataError, match=error):
        samples(speakers(family), **request_)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "nothing to say: found no text"),
        (" \n ", "nothing to say"),
        ("😀 👍🏽 🇩🇪", "nothing to say"),
        ("so " * 20_000, "60,000 characters, more than 20,000"),
        ('<speak><audio src="http://10.0.0.1/a.wav"/>Hi.</speak>', "reads no markup, found '<speak>'"),
        ("Good day, привет.", "no sound for в е и п р т"),
        ("שלום, come in.", "no sound for"),
        ("مرحبا abc", "no sound for"),
    ],
)
@pytest.mark.parametrize("family", ["vits", "xtts"])
def test_a_text_that_cannot_be_said_is_refused_and_nothing_is_left_out(speakers, family, text, error):
    with pytest.raises(DataError, match=error):
        samples(speakers(family), text)


def test_emoji_are_passed_over_and_odd_signs_do_no_harm(speakers):
    np.testing.assert_array_equal(samples(speakers("vits"), "Come in. 😀"), samples(speakers("vits"), "Come in."))
    assert len(samples(speakers("vits"), "Come\u202e in\u200b; 'quoted' & 5 < 6, 100 % \\x00 ../../etc"))


def test_a_network_that_finds_no_end_is_an_error_and_no_cut_speech(speakers):
    speaker = speakers("tacotron2")
    decoder = speaker._engine._network.decoder
    most, decoder.max_decoder_steps = decoder.max_decoder_steps, 1
    try:
        with pytest.raises(DataError, match=r'found no end of "Come in\."'):
            samples(speaker)
    finally:
        decoder.max_decoder_steps = most


def test_a_long_text_is_said_whole(speakers):
    speaker = speakers("xtts")
    text = (
        "This is a long sentence, of many clauses, " * 12
        + "and it ends. "
        + "Here is Dr. Smith from the U.S. today. " * 2
    )
    plan = speaker._plan(SpeechRequest(text=text))
    assert "".join("".join(plan.sentences).split()) == "".join(text.split())
    assert all(speaker._engine.fits(sentence, "en") for sentence in plan.sentences)


def test_no_model_is_an_error_that_says_how_to_name_one():
    with pytest.raises(OptionsError, match=r"no model is named\nTry: --set speaker\.model=FOLDER"):
        samples(CoquiSpeaker())


def test_unknown_folder(tmp_path):
    with pytest.raises(WeightsError, match="found nothing"):
        samples(CoquiSpeaker(model=str(tmp_path / "nowhere")))
