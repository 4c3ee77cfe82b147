import numpy as np
import pytest
import torch
from affekt import AudioSignal, Clip, Missing, WeightsError, plugins
from affekt_qwen_audio.describer import QwenAudioDescriber
from affekt_qwen_audio.encoder import QwenAudioEncoder
from transformers import AutoProcessor, Qwen2AudioForConditionalGeneration
from transformers.models.qwen2_audio.configuration_qwen2_audio import Qwen2AudioEncoderConfig
from transformers.models.qwen2_audio.modeling_qwen2_audio import Qwen2AudioEncoder

RATE = 16_000


def clip_of(seconds, seed=0):
    samples = 0.1 * np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return Clip(id=str(seed), audio=AudioSignal(samples=samples.astype(np.float32), sample_rate=RATE))


def test_the_features_are_what_the_language_model_hears(tiny):
    network = Qwen2AudioForConditionalGeneration.from_pretrained(tiny).eval()
    processor = AutoProcessor.from_pretrained(tiny)
    clip = clip_of(2.0)
    given = processor(text=["<|AUDIO|>"], audio=[clip.audio.samples], sampling_rate=RATE, return_tensors="pt")
    heard = []
    network.model.audio_tower.register_forward_hook(lambda *call: heard.append(call[2].last_hidden_state))
    with torch.inference_mode():
        network(**given)
    (found,) = plugins().create("encoder", "qwen-audio", model=str(tiny)).encode([clip])
    assert found.values.shape == (50, 16)
    assert found.hop == 0.04
    np.testing.assert_allclose(found.values, heard[0][0, :50].numpy(), atol=1e-5)


def test_lower_layers_share_the_clock_and_long_sound_is_heard_in_parts(tiny):
    encoder = plugins().create("encoder", "qwen-audio", model=str(tiny), layer=(0, 1, 2))
    short, long = encoder.encode([clip_of(1.0), clip_of(31.0)])
    assert short.values.shape == (25, 48)
    assert long.values.shape == (775, 48)
    (alone,) = plugins().create("encoder", "qwen-audio", model=str(tiny), layer=1).encode([clip_of(1.0)])
    np.testing.assert_allclose(alone.values, short.values[:, 16:32], atol=1e-6)


def test_the_describer_asks_about_the_sound_and_notes_the_answer(tiny):
    describer = QwenAudioDescriber(model=str(tiny), dtype="float32", most_tokens=8)
    before = Clip(id="a", audio=clip_of(1.0).audio, notes=("a note",))
    (after,) = describer.prepare([before])
    (said,) = describer.describe([before])
    assert after.notes == ("a note", f"Qwen2-Audio on the voice: {said}")
    tone = (0.3 * np.sin(2 * np.pi * 220 * np.arange(RATE) / RATE)).astype(np.float32)
    (other,) = describer.describe([Clip(id="tone", audio=AudioSignal(samples=tone, sample_rate=RATE))])
    (asked,) = QwenAudioDescriber(model=str(tiny), dtype="float32", most_tokens=8, question="Who?").describe([before])
    assert len({said, other, asked}) == 3, "the answer depends on sound and question"


def test_where_nothing_is_heard_nothing_is_described(tiny):
    describer = QwenAudioDescriber(model=str(tiny))
    silent = Clip(id="b", missing={"audio": "no audio track"})
    assert describer.describe([silent]) == [Missing(reason="no audio track")]
    assert describer.prepare([silent]) == [silent]


def test_a_folder_without_the_encoder_or_the_processor_is_refused(tiny, tmp_path):
    (tmp_path / "config.json").write_text((tiny / "config.json").read_text().replace('"d_model": 16', '"d_model": 24'))
    (tmp_path / "model.safetensors").write_bytes((tiny / "model.safetensors").read_bytes())
    with pytest.raises(WeightsError, match="holds no whole Qwen2AudioEncoder"):
        QwenAudioEncoder(model=str(tmp_path)).encode([clip_of(1.0)])
    (tmp_path / "config.json").write_text((tiny / "config.json").read_text())
    with pytest.raises(WeightsError, match="has no processor"):
        QwenAudioDescriber(model=str(tmp_path)).describe([clip_of(1.0)])


def test_the_published_encoder_has_the_published_width_and_size():
    # audio_config in config.json of huggingface.co/Qwen/Qwen2-Audio-7B-Instruct; the encoder is that of Whisper
    # large-v3, from which the report starts (arXiv:2407.10759, section 2): 637M parameters.
    config = Qwen2AudioEncoderConfig(
        num_mel_bins=128, encoder_layers=32, encoder_attention_heads=20, encoder_ffn_dim=5120, d_model=1280,
        max_source_positions=1500,
    )  # fmt: skip
    with torch.device("meta"):
        network = Qwen2AudioEncoder(config).eval()
        assert network(torch.zeros(1, 128, 3000)).last_hidden_state.shape == (1, 750, 1280)
    assert sum(weight.numel() for weight in network.parameters()) / 1e6 == pytest.approx(637.0, abs=0.1)
