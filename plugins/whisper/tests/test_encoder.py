import subprocess
import sys

import numpy as np
import pytest
import torch
from affekt import Clip, Features, Missing, OptionsError, WeightsError, plugins
from affekt_weights import find
from affekt_whisper.ctranslate2_file import read_arrays
from transformers import WhisperConfig, WhisperFeatureExtractor, WhisperModel

RATE = 16_000


def sound(seconds, seed=0):
    return (0.1 * np.random.default_rng(seed).standard_normal(int(seconds * RATE))).astype(np.float32)


def make(model, layer=(1, 2), **options):
    return plugins().create("encoder", "whisper", model=str(model), layer=layer, **options)


def test_thirty_seconds_give_what_transformers_gives(tiny, clip_of):
    samples = sound(30)
    mel = WhisperFeatureExtractor()(samples, sampling_rate=RATE, return_tensors="pt").input_features
    with torch.no_grad():
        wanted = WhisperModel.from_pretrained(tiny).encoder.eval()(mel, output_hidden_states=True).hidden_states
    (found,) = make(tiny, layer=(0, 1, -1), window=30).encode([clip_of(samples)])
    for place, layer in enumerate((0, 1, 2)):
        columns = found.values[:, place * 16 : (place + 1) * 16]
        np.testing.assert_allclose(columns, wanted[layer][0].numpy(), atol=1e-5)


def test_a_row_lasts_twenty_milliseconds_and_none_is_about_padding(tiny, clip_of):
    short, odd, long = make(tiny).encode([clip_of(sound(1.0)), clip_of(sound(2.345)), clip_of(sound(31.0))])
    assert short.values.shape == (50, 32)
    assert odd.clock()[-1, 1] == pytest.approx(2.345, abs=0.02)
    assert long.clock()[-1, 1] == pytest.approx(31.0, abs=0.02)


def test_windows_of_long_sound_join_without_a_seam(tiny, clip_of):
    samples = sound(14.0)
    (whole,) = make(tiny, layer=(0,), window=30).encode([clip_of(samples)])
    (cut,) = make(tiny, layer=(0,), window=6).encode([clip_of(samples)])
    assert cut.values.shape == whole.values.shape
    # Layer 0 knows its position in the window, so only its pattern can agree: rows of the first window are the same.
    np.testing.assert_allclose(cut.values[:150], whole.values[:150], atol=0.05)


def test_sound_at_another_rate_is_resampled(tiny, clip_of):
    (found,) = make(tiny).encode([clip_of(sound(3.0), rate=48_000)])
    assert found.clock()[-1, 1] == pytest.approx(1.0, abs=0.02)


def test_a_batch_gives_what_single_clips_give(tiny, clip_of):
    encoder, clips = make(tiny), [clip_of(sound(1.0, 1)), clip_of(sound(0.5, 2))]
    for one, both in zip((encoder.encode([clip])[0] for clip in clips), encoder.encode(clips), strict=True):
        np.testing.assert_array_equal(one.values, both.values)


def test_silence_and_no_sound_are_missing_with_a_reason(tiny, clip_of):
    silent, none, short = make(tiny).encode(
        [clip_of(np.zeros(RATE)), Clip(id="b", missing={"audio": "no audio track"}), clip_of(sound(0.05))]
    )
    assert "silent" in silent.reason
    assert none == Missing(reason="no audio track")
    assert "lasts only 0.050 s" in short.reason


def test_a_layer_that_the_model_lacks_is_refused(tiny, clip_of):
    with pytest.raises(OptionsError, match=r"no layer \[7\]\nTry: from 0 to 2"):
        make(tiny, layer=(1, 7)).encode([clip_of(sound(1.0))])


def test_a_folder_without_a_model_is_refused(tmp_path, clip_of):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(WeightsError, match="neither"):
        make(tmp_path).encode([clip_of(sound(1.0))])


def test_a_truncated_ctranslate2_file_is_refused(real_weights, tmp_path):
    whole = (real_weights / "model.bin").read_bytes()[:2_000_000]
    for size in (0, 1, 30, 1000, 1_999_999):
        (tmp_path / "model.bin").write_bytes(whole[:size])
        with pytest.raises(WeightsError, match="cannot be read"):
            read_arrays(tmp_path / "model.bin")


def test_the_real_encoder_is_converted_once_and_hears_the_statement(real_weights, statement, clip_of):
    encoder = plugins().create("encoder", "whisper", layer=(3,))
    (found,) = encoder.encode([clip_of(statement)])
    assert isinstance(found, Features)
    assert found.values.shape == (437, 512)
    np.testing.assert_allclose(found.values[100, :4], PINNED, atol=0.02)
    assert list(find("whisper-base").parent.glob("whisper-base-*+transformers-encoder-1/model.safetensors"))


PINNED = [0.1237, 0.5823, 0.9989, 0.4313]
"""The statement's row at 2 s, so that a change of the conversion or of the windows is noticed."""


def test_files_that_say_layers_are_still_read(tiny):
    encoder = plugins().create("encoder", "whisper", model=str(tiny), layers=[1, 2])
    assert encoder == make(tiny)
    assert encoder.model_dump()["layer"] == (1, 2)


def test_the_published_large_model_has_the_published_width_and_size():
    # config.json of huggingface.co/openai/whisper-large-v3; 1550M parameters (arXiv:2212.04356, Table 1), of which the
    # encoder has 637M.
    large = WhisperConfig(
        vocab_size=51866, num_mel_bins=128, d_model=1280, encoder_layers=32, encoder_attention_heads=20,
        encoder_ffn_dim=5120, decoder_layers=32, decoder_attention_heads=20, decoder_ffn_dim=5120,
    )  # fmt: skip
    with torch.device("meta"):
        network = WhisperModel(large).eval()
        assert network.encoder(torch.zeros(1, 128, 3000)).last_hidden_state.shape == (1, 1500, 1280)
    assert sum(weight.numel() for weight in network.parameters()) / 1e6 == pytest.approx(1543.5, abs=0.1)
    assert sum(weight.numel() for weight in network.encoder.parameters()) / 1e6 == pytest.approx(637.0, abs=0.1)


def test_listing_imports_no_framework():
    code = "import affekt_whisper.plugin as p, sys; list(p.affekt_components()); list(p.affekt_weights())\n"
    code += "assert not {'torch', 'transformers', 'faster_whisper', 'ctranslate2'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
