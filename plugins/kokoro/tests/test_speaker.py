import subprocess
import sys

import numpy as np
import onnx
import pytest
from affekt import DataError, OptionsError, SpeechRequest, WeightsError
from affekt_kokoro.controls import controls_for
from affekt_kokoro.speaker import KokoroSpeaker
from affekt_kokoro.splice import INPUTS, splice


def test_listing_the_plugin_imports_no_framework():
    check = (
        "import sys, affekt_kokoro.plugin; assert not {'onnx', 'onnxruntime', 'librosa', 'hibari'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", check], check=True)


def test_speech_states_how_it_was_made_and_that_it_is_synthetic(speaker: KokoroSpeaker):
    request = SpeechRequest(text="Hello.", emotion="happy", intensity=1.0, voice="jm_kumo")
    (result,) = speaker.speak([request])
    assert result.request is request
    assert result.audio.sample_rate == 24_000
    assert 0.3 < result.audio.duration < 2
    made = result.provenance
    assert made["synthetic"] is True
    assert (made["speaker"], made["voice"], made["emotion"]) == ("kokoro", "jm_kumo", "happy")
    assert made["weights_sha256"] == "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
    assert made["pitch_semitones"] == pytest.approx(controls_for("happy", 1.0).pitch, abs=1e-3)


def test_a_break_is_heard_as_silence_of_its_length(speaker: KokoroSpeaker):
    plain, paused = speaker.speak([SpeechRequest(text="Yes. No."), SpeechRequest(text="Yes.<break time='1s'/> No.")])
    assert paused.audio.duration - plain.audio.duration == pytest.approx(1.0, abs=0.01)


def test_the_same_request_gives_the_same_samples_in_any_batch(speaker: KokoroSpeaker):
    hello, thanks = SpeechRequest(text="Hello."), SpeechRequest(text="Thank you.", emotion="sad")
    alone = speaker.speak([hello])[0]
    together = speaker.speak([thanks, hello])[1]
    np.testing.assert_array_equal(alone.audio.samples, together.audio.samples)


def test_neutral_controls_leave_the_network_as_it_was(speaker: KokoroSpeaker):
    import onnxruntime
    from affekt_kokoro.controls import Controls
    from affekt_kokoro.weights import KOKORO, MODEL
    from affekt_weights import fetch

    network = speaker._network
    plain = onnxruntime.InferenceSession(fetch(KOKORO) / MODEL, providers=["CPUExecutionProvider"])
    tokens = [network.vocabulary[phoneme] for phoneme in "həlˈO."]
    feed = {
        "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
        "style": network.styles["af_heart"][len(tokens) - 1],
        "speed": np.array([1.0], dtype=np.float32),
    }
    before = plain.run(None, feed)[0].reshape(-1)
    after = network.say("həlˈO.", speaker.stock("af_heart"), Controls())
    assert len(before) == len(after)
    assert np.corrcoef(before, after)[0, 1] > 0.999


def test_one_bad_request_is_refused_before_anything_is_spoken(speaker: KokoroSpeaker):
    requests = [SpeechRequest(text="Hello."), SpeechRequest(text="Hello.", voice="jm_kum")]
    with pytest.raises(
        DataError, match=r'no voice "jm_kum"\. Did you mean "jm_kumo"\?\nTry: one of `affekt speak --list-voices`'
    ):
        speaker.speak(requests)


def test_a_text_in_another_language_is_spoken_with_a_warning(speaker: KokoroSpeaker, caplog: pytest.LogCaptureFixture):
    german, english = speaker.speak([SpeechRequest(text="Das ist schön."), SpeechRequest(text="That is nice.")])
    (record,) = caplog.records
    assert record.getMessage().startswith('the text seems to be in the language "de", and kokoro reads it by English')
    assert german.provenance["text_language"] == "de"
    assert "text_language" not in english.provenance


def test_other_words_than_those_written_are_in_the_provenance(speaker: KokoroSpeaker):
    plain, other = speaker.speak([SpeechRequest(text="Hi."), SpeechRequest(text="[laughs] It is 5 €.<break/> GO!")])
    assert "spoken_text" not in plain.provenance
    assert other.provenance["spoken_text"] == "It is five euros. Go!"


def test_the_default_voice_is_taken_for_english_and_every_word_is_heard(speaker: KokoroSpeaker):
    pytest.importorskip("faster_whisper")
    from affekt_kokoro.measure import Listener
    from affekt_kokoro.normalisation import spoken
    from affekt_kokoro.table import words_heard

    listener = Listener()
    for text, words in (
        ("GET OUT OF MY HOUSE!", "get out of my house"),
        ("Get out of my house right now!", "get out of my house right now"),
        ("[laughs] That was wrapped\nby a mail program.", "that was wrapped by a mail program"),
        ("The ex\u00adample is on www.example.com.", "the example is on w w w dot example dot com"),
        ("It costs $3.50 at 7:30 pm.", "it costs three dollars and fifty cents at seven thirty p m"),
    ):
        (result,) = speaker.speak([SpeechRequest(text=text)])
        assert listener.english(result.audio) > 0.9, text
        assert words_heard(spoken(listener.text(result.audio))) == words


def test_a_misspelt_option_is_refused():
    with pytest.raises(OptionsError, match="voise"):
        KokoroSpeaker.create(voise="jf_alpha")


def test_a_folder_without_the_model_is_refused(tmp_path):
    with pytest.raises(WeightsError, match=r"lacks kokoro\.onnx"):
        KokoroSpeaker(weights=str(tmp_path)).speak([SpeechRequest(text="Hello.")])


def test_a_graph_without_the_seam_is_refused(tmp_path):
    nodes = [onnx.helper.make_node("Identity", ["tokens"], ["audio"])]
    ends = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in ("tokens", "audio")]
    onnx.save(onnx.helper.make_model(onnx.helper.make_graph(nodes, "other", ends[:1], ends[1:])), tmp_path / "a.onnx")
    with pytest.raises(WeightsError, match="not the expected export of Kokoro"):
        splice(tmp_path / "a.onnx", tmp_path / "b.onnx")
    assert not (tmp_path / "b.onnx").exists()


def test_the_spliced_graph_is_valid_and_has_the_prosody_inputs(speaker: KokoroSpeaker):
    names = [tensor.name for tensor in speaker._network.session.get_inputs()]
    assert names == ["tokens", "style", "speed", *INPUTS]
