import subprocess
import sys

import numpy as np
import onnx
import pytest
from affekt import DataError, OptionsError, SpeechRequest, WeightsError
from affekt_kokoro.controls import controls_for
from affekt_kokoro.speaker import VOICES, KokoroSpeaker
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
        "style": network.style("jf_alpha", len(tokens)),
        "speed": np.array([1.0], dtype=np.float32),
    }
    before = plain.run(None, feed)[0].reshape(-1)
    after = network.say("həlˈO.", "jf_alpha", Controls())
    assert len(before) == len(after)
    assert np.corrcoef(before, after)[0, 1] > 0.999


def test_one_bad_request_is_refused_before_anything_is_spoken(speaker: KokoroSpeaker):
    requests = [SpeechRequest(text="Hello."), SpeechRequest(text="Hello.", voice="jm_kum")]
    with pytest.raises(DataError, match=r'no voice "jm_kum"\. Did you mean "jm_kumo"\?\nTry: one of jf_alpha'):
        speaker.speak(requests)


def test_the_listed_voices_are_the_packaged_ones(speaker: KokoroSpeaker):
    assert set(speaker._network.styles) == set(VOICES)


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
