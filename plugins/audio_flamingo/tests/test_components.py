import numpy as np
import pytest
import torch
from affekt import AudioSignal, Clip, WeightsError, plugins
from affekt_audio_flamingo.describer import AudioFlamingoDescriber
from affekt_audio_flamingo.encoder import AudioFlamingoEncoder
from transformers import AudioFlamingo3ForConditionalGeneration, AutoProcessor
from transformers.models.audioflamingo3.configuration_audioflamingo3 import AudioFlamingo3EncoderConfig
from transformers.models.audioflamingo3.modeling_audioflamingo3 import AudioFlamingo3Encoder

RATE = 16_000


def clip_of(seconds, seed=0):
    samples = 0.1 * np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return Clip(id=str(seed), audio=AudioSignal(samples=samples.astype(np.float32), sample_rate=RATE))


def test_the_features_are_what_the_language_model_hears(tiny):
    network = AudioFlamingo3ForConditionalGeneration.from_pretrained(tiny).eval()
    processor = AutoProcessor.from_pretrained(tiny)
    clip = clip_of(2.0)
    given = processor(text=["<sound>"], audio=[clip.audio.samples], sampling_rate=RATE, return_tensors="pt")
    heard = []
    network.model.audio_tower.register_forward_hook(lambda *call: heard.append(call[2].last_hidden_state))
    with torch.inference_mode():
        network(**given)
    (found,) = plugins().create("encoder", "audio-flamingo", model=str(tiny)).encode([clip])
    assert found.values.shape == (50, 24)
    assert found.hop == 0.04
    np.testing.assert_allclose(found.values, heard[0][0, :50].numpy(), atol=1e-5)


def test_the_describer_asks_about_the_sound_and_notes_the_answer(tiny):
    describer = AudioFlamingoDescriber(model=str(tiny), dtype="float32", most_tokens=8)
    before = Clip(id="a", audio=clip_of(1.0).audio, notes=("a note",))
    (after,) = describer.prepare([before])
    (said,) = describer.describe([before])
    assert after.notes == ("a note", f"Audio Flamingo 3 on the voice: {said}")
    tone = (0.3 * np.sin(2 * np.pi * 220 * np.arange(RATE) / RATE)).astype(np.float32)
    (other,) = describer.describe([Clip(id="tone", audio=AudioSignal(samples=tone, sample_rate=RATE))])
    (asked,) = AudioFlamingoDescriber(model=str(tiny), dtype="float32", most_tokens=8, question="Who?").describe(
        [before]
    )
    assert len({said, other, asked}) == 3, "the answer depends on sound and question"


def test_a_folder_without_the_encoder_or_the_processor_is_refused(tiny, tmp_path):
    (tmp_path / "config.json").write_text(
        (tiny / "config.json").read_text().replace('"hidden_size": 24', '"hidden_size": 32')
    )
    (tmp_path / "model.safetensors").write_bytes((tiny / "model.safetensors").read_bytes())
    with pytest.raises(WeightsError, match="holds no whole AudioFlamingo3Encoder"):
        AudioFlamingoEncoder(model=str(tmp_path)).encode([clip_of(1.0)])
    (tmp_path / "config.json").write_text((tiny / "config.json").read_text())
    with pytest.raises(WeightsError, match="has no processor"):
        AudioFlamingoDescriber(model=str(tmp_path)).describe([clip_of(1.0)])


def test_the_published_encoder_has_the_published_width_and_size(monkeypatch):
    # The mask is looked into while it is made, and on the meta device it holds nothing.
    module = "transformers.models.audioflamingo3.modeling_audioflamingo3"
    monkeypatch.setattr(f"{module}.create_bidirectional_mask", lambda **_: None)
    # audio_config in config.json of huggingface.co/nvidia/audio-flamingo-3-hf; AF-Whisper starts from Whisper large-v3
    # (arXiv:2507.08128, section 3.1): 637M parameters.
    config = AudioFlamingo3EncoderConfig(
        num_mel_bins=128, num_hidden_layers=32, num_attention_heads=20, intermediate_size=5120, hidden_size=1280,
        max_source_positions=1500,
    )  # fmt: skip
    with torch.device("meta"):
        network = AudioFlamingo3Encoder(config).eval()
        assert network(torch.zeros(1, 128, 3000), torch.ones(1, 3000)).last_hidden_state.shape == (1, 750, 1280)
    assert sum(weight.numel() for weight in network.parameters()) / 1e6 == pytest.approx(637.0, abs=0.1)
