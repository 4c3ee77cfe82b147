import numpy as np
import pytest
import torch
from affekt import AudioSignal, Clip, OptionsError, PipelineSpec, plugins
from affekt_hubert.encoder import HubertEncoder
from transformers import HubertConfig, HubertModel, Wav2Vec2FeatureExtractor

RATE = 16_000


def clip_of(seconds, seed=0):
    samples = 0.1 * np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return Clip(id=str(seed), audio=AudioSignal(samples=samples.astype(np.float32), sample_rate=RATE))


def make(folder, **options):
    return plugins().create("encoder", "hubert", model=str(folder), **options)


@pytest.mark.parametrize("kind", ["base", "large"])
def test_every_layer_is_what_transformers_gives(kind, tiny):
    clip = clip_of(1.5)
    prepared = Wav2Vec2FeatureExtractor()(clip.audio.samples, sampling_rate=RATE, return_tensors="pt").input_values
    with torch.inference_mode():
        wanted = HubertModel.from_pretrained(tiny(kind)).eval()(prepared, output_hidden_states=True)
    (found,) = make(tiny(kind), layer=(0, 1, 2, -1)).encode([clip])
    states = [*wanted.hidden_states[:3], wanted.last_hidden_state]
    np.testing.assert_allclose(found.values, torch.cat(states, dim=-1)[0].numpy(), atol=1e-5)
    assert found.values.shape == (74, 128)
    assert found.clock()[0, 0] == pytest.approx(0.0025)
    assert found.hop == 0.02


@pytest.mark.parametrize("kind", ["base", "large"])
def test_clips_of_like_length_give_what_each_gives_alone(kind, tiny):
    encoder = make(tiny(kind))
    clips = [clip_of(seconds, seed) for seed, seconds in enumerate((1.0, 0.97, 1.0, 0.5, 0.96))]
    for alone, together in zip((encoder.encode([clip])[0] for clip in clips), encoder.encode(clips), strict=True):
        np.testing.assert_allclose(together.values, alone.values, atol=2e-5)


def test_long_sound_is_heard_in_windows_that_join(tiny):
    clip = clip_of(11.0)
    (whole,) = make(tiny("large"), layer=0).encode([clip])
    (cut,) = make(tiny("large"), layer=0, window=5).encode([clip])
    assert cut.values.shape == whole.values.shape
    apart = np.abs(cut.values - whole.values).max(axis=1)
    # Each window is normed by itself, so values move a little; at a seam they must not move more than elsewhere.
    assert apart.max() < 0.1 * np.abs(whole.values).max()


def test_the_recipe_of_emotion_llama_is_one_row_of_the_last_layer(tiny):
    recipe = HubertEncoder(preset="emotion-llama")
    assert (recipe.model, recipe.layer, recipe.pool) == ("TencentGameMate/chinese-hubert-large", -1, "mean")
    clip = clip_of(1.0)
    (row,) = make(tiny("large"), preset="emotion-llama").encode([clip])
    (rows,) = make(tiny("large")).encode([clip])
    np.testing.assert_allclose(row.values, rows.values.mean(axis=0, keepdims=True), atol=1e-6)
    np.testing.assert_allclose(row.clock(), [[0.0025, 0.9825]])


def test_half_precision_and_a_lower_layer_stay_close(tiny):
    clip = clip_of(1.0)
    (exact,) = make(tiny("large"), layer=1).encode([clip])
    (rough,) = make(tiny("large"), layer=1, dtype="bfloat16").encode([clip])
    assert rough.values.dtype == np.float32
    assert np.corrcoef(exact.values.ravel(), rough.values.ravel())[0, 1] > 0.99


def test_a_layer_or_preset_that_is_not_there_is_refused(tiny):
    with pytest.raises(OptionsError, match="from 0 to 3"):
        make(tiny("base"), layer=4).encode([clip_of(1.0)])
    spec = PipelineSpec(encoders={"speech": {"use": "hubert", "preset": "emotion-lama"}}, reasoner="loud-is-excited")
    with pytest.raises(ValueError, match='did you mean "emotion-llama"'):
        spec.check()


# Published configurations: huggingface.co/facebook/hubert-base-ls960, huggingface.co/facebook/hubert-large-ls960-ft and
# huggingface.co/TencentGameMate/chinese-hubert-large (config.json); sizes in HuBERT's Table I (arXiv:2106.07447): 95M
# and 317M parameters with the heads of pre-training, which HubertModel leaves out.
LARGE = HubertConfig(
    hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096,
    conv_bias=True, feat_extract_norm="layer", do_stable_layer_norm=True,
)  # fmt: skip


@pytest.mark.parametrize(("config", "width", "millions"), [(HubertConfig(), 768, 94.4), (LARGE, 1024, 315.4)])
def test_the_published_sizes_have_the_published_widths_and_parameters(config, width, millions):
    with torch.device("meta"):
        network = HubertModel(config).eval()
        assert network(torch.zeros(1, RATE)).last_hidden_state.shape == (1, 49, width)
    assert sum(weight.numel() for weight in network.parameters()) / 1e6 == pytest.approx(millions, abs=0.1)
