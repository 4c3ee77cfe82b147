import re

import numpy as np
import pytest
import torch
from affekt import AudioSignal, Clip, OptionsError, WeightsError, plugins
from affekt_weights import UnsafeWeights
from s3prl.upstream.wavlm.WavLM import WavLM, WavLMConfig
from torch.nn.functional import layer_norm
from transformers import WavLMConfig as TransformersConfig
from transformers import WavLMModel

RATE = 16_000


def clip_of(seconds, seed=0):
    samples = 0.1 * np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return Clip(id=str(seed), audio=AudioSignal(samples=samples.astype(np.float32), sample_rate=RATE))


def make(path, **options):
    return plugins().create("encoder", "wavlm", model=str(path), **options)


RENAMED = (
    (r"^(feature_extractor\.conv_layers\.\d+)\.0\.", r"\1.conv."),
    (r"^(feature_extractor\.conv_layers\.\d+)\.2\.(?:1\.)?", r"\1.layer_norm."),
    (r"^layer_norm\.", "feature_projection.layer_norm."),
    (r"^post_extract_proj\.", "feature_projection.projection."),
    (r"^mask_emb$", "masked_spec_embed"),
    (r"^encoder\.pos_conv\.0\.(?:weight_g|parametrizations\.weight\.original0)$",
     "encoder.pos_conv_embed.conv.parametrizations.weight.original0"),
    (r"^encoder\.pos_conv\.0\.(?:weight_v|parametrizations\.weight\.original1)$",
     "encoder.pos_conv_embed.conv.parametrizations.weight.original1"),
    (r"^encoder\.pos_conv\.0\.bias$", "encoder.pos_conv_embed.conv.bias"),
    (r"self_attn_layer_norm\.", "layer_norm."),
    (r"self_attn\.grep_linear", "attention.gru_rel_pos_linear"),
    (r"self_attn\.grep_a", "attention.gru_rel_pos_const"),
    (r"self_attn\.relative_attention_bias", "attention.rel_attn_embed"),
    (r"self_attn\.", "attention."),
    (r"\.fc1\.", ".feed_forward.intermediate_dense."),
    (r"\.fc2\.", ".feed_forward.output_dense."),
)  # fmt: skip
"""s3prl's names → those of transformers."""


def as_transformers(path):
    checkpoint = torch.load(path, weights_only=True)
    config, state = WavLMConfig(checkpoint["cfg"]), {}
    for name, weight in checkpoint["model"].items():
        for pattern, new in RENAMED:
            name = re.sub(pattern, new, name)
        state[name] = weight
    convolutions = eval(config.conv_feature_layers)  # of the test's own checkpoint
    network = WavLMModel(
        TransformersConfig(
            hidden_size=config.encoder_embed_dim,
            num_hidden_layers=config.encoder_layers,
            num_attention_heads=config.encoder_attention_heads,
            intermediate_size=config.encoder_ffn_embed_dim,
            conv_dim=[width for width, _, _ in convolutions],
            conv_kernel=[kernel for _, kernel, _ in convolutions],
            conv_stride=[stride for _, _, stride in convolutions],
            conv_bias=config.conv_bias,
            feat_extract_norm="layer" if config.extractor_mode == "layer_norm" else "group",
            do_stable_layer_norm=config.layer_norm_first,
            num_conv_pos_embeddings=config.conv_pos,
            num_conv_pos_embedding_groups=config.conv_pos_groups,
            num_buckets=config.num_buckets,
            max_bucket_distance=config.max_distance,
        )
    ).eval()
    network.load_state_dict(state)
    return network, config


@pytest.mark.parametrize("kind", ["base", "large"])
def test_every_layer_equals_that_of_transformers(kind, tiny):
    network, config = as_transformers(tiny(kind))
    clip = clip_of(1.5)
    sound = torch.from_numpy(clip.audio.samples)
    prepared = layer_norm(sound, sound.shape) if config.normalize else sound
    with torch.inference_mode():
        wanted = network(prepared[None], output_hidden_states=True)
    states = [*wanted.hidden_states[:3], wanted.last_hidden_state]
    (found,) = make(tiny(kind), layer=(0, 1, 2, -1)).encode([clip])
    np.testing.assert_allclose(found.values, torch.cat(states, dim=-1)[0].numpy(), atol=1e-6)
    assert found.values.shape == (74, 4 * 48)


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_a_lower_layer_is_the_same_without_the_blocks_above(layer, tiny):
    clip = clip_of(1.0)
    (alone,) = make(tiny("large"), layer=layer).encode([clip])
    (among,) = make(tiny("large"), layer=(0, 1, 2, 3)).encode([clip])
    np.testing.assert_array_equal(alone.values, among.values[:, 48 * layer : 48 * (layer + 1)])


def test_clips_of_any_length_give_what_each_gives_alone(tiny):
    encoder = make(tiny("base"))
    clips = [clip_of(seconds, seed) for seed, seconds in enumerate((1.0, 0.97, 1.0, 0.5))]
    for alone, together in zip((encoder.encode([clip])[0] for clip in clips), encoder.encode(clips), strict=True):
        np.testing.assert_allclose(together.values, alone.values, atol=1e-5)


def test_half_precision_stays_close(tiny):
    (exact,) = make(tiny("large")).encode([clip_of(1.0)])
    (rough,) = make(tiny("large"), dtype="bfloat16").encode([clip_of(1.0)])
    assert rough.values.dtype == np.float32
    assert np.corrcoef(exact.values.ravel(), rough.values.ravel())[0, 1] > 0.99


class Trap:
    def __reduce__(self):
        return (exec, ("raise SystemExit('code in a checkpoint ran')",))


@pytest.mark.parametrize("trap", ["pickle", "settings"])
def test_a_checkpoint_with_code_is_refused_and_not_run(trap, tiny, tmp_path):
    found = torch.load(tiny("base"), weights_only=True)
    if trap == "pickle":
        found["model"]["mask_emb"] = Trap()
    else:
        found["cfg"]["conv_feature_layers"] = "__import__('os')._exit(7)"
    torch.save(found, tmp_path / "trap.pt")
    with pytest.raises(UnsafeWeights, match=r"could run code|evaluates as Python"):
        make(tmp_path / "trap.pt").encode([clip_of(1.0)])


def test_what_is_no_checkpoint_of_wavlm_is_refused(tiny, tmp_path):
    (tmp_path / "text.pt").write_text("not a checkpoint")
    torch.save({"state_dict": {}}, tmp_path / "other.pt")
    whole = torch.load(tiny("base"), weights_only=True)
    del whole["model"]["mask_emb"]
    torch.save(whole, tmp_path / "partial.pt")
    for name, complaint in [("text", "damaged"), ("other", "found state_dict"), ("partial", "mask_emb")]:
        with pytest.raises(WeightsError, match=complaint):
            make(tmp_path / f"{name}.pt").encode([clip_of(1.0)])
    with pytest.raises(WeightsError, match="neither a file nor a file of the hub"):
        make(tmp_path / "absent.pt").encode([clip_of(1.0)])
    with pytest.raises(WeightsError, match="neither a file nor a file of the hub"):
        make("models/WavLM-Large.pt").encode([clip_of(1.0)])
    with pytest.raises(OptionsError, match="from 0 to 3"):
        make(tiny("base"), layer=4).encode([clip_of(1.0)])


# WavLM's Table I (arXiv:2110.13900): 94.70M and 316.62M parameters with the heads of pre-training, which checkpoints
# for features leave out. The settings are the `cfg` of Microsoft's
# WavLM-Base+.pt and WavLM-Large.pt (github.com/microsoft/unilm/tree/master/wavlm).
BASE = {"relative_position_embedding": True, "gru_rel_pos": True, "max_distance": 800}
LARGE = BASE | {
    "encoder_layers": 24, "encoder_embed_dim": 1024, "encoder_ffn_embed_dim": 4096, "encoder_attention_heads": 16,
    "extractor_mode": "layer_norm", "layer_norm_first": True, "normalize": True,
}  # fmt: skip


@pytest.mark.parametrize(("settings", "width", "millions"), [(BASE, 768, 94.4), (LARGE, 1024, 315.5)])
def test_the_published_sizes_have_the_published_widths_and_parameters(settings, width, millions, monkeypatch):
    # s3prl draws its first weights on the CPU, which the meta device cannot; the numbers do not matter here.
    monkeypatch.setattr("s3prl.upstream.wavlm.WavLM.init_bert_params", lambda module: None)
    with torch.device("meta"):
        network = WavLM(WavLMConfig(settings)).eval()
        states, _ = network.extract_features(torch.zeros(1, RATE))
    assert states.shape == (1, 49, width)
    assert sum(weight.numel() for weight in network.parameters()) / 1e6 == pytest.approx(millions, abs=0.1)
