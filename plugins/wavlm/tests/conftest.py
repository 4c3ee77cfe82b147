import pytest
import torch
from s3prl.upstream.wavlm.WavLM import WavLM, WavLMConfig

TINY = {
    "encoder_layers": 3, "encoder_embed_dim": 48, "encoder_ffn_embed_dim": 96, "encoder_attention_heads": 4,
    "conv_feature_layers": "[(32,10,5)] + [(32,3,2)] * 4 + [(32,2,2)] * 2", "conv_pos": 16, "conv_pos_groups": 4,
    "relative_position_embedding": True, "gru_rel_pos": True, "max_distance": 800,
}  # fmt: skip
KINDS = {
    "base": TINY,
    "large": TINY | {"extractor_mode": "layer_norm", "layer_norm_first": True, "normalize": True},
}


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """Random WavLMs of both kinds in s3prl's own checkpoint format."""

    def make(kind):
        path = tmp_path_factory.getbasetemp() / f"wavlm-{kind}.pt"
        if not path.is_file():
            torch.manual_seed(0)
            config = WavLMConfig(KINDS[kind])
            model = WavLM(config)
            with torch.no_grad():
                for name, weight in model.named_parameters():  # norms and gates begin as ones and would hide mistakes
                    if weight.dim() == 1 or "grep_a" in name:
                        weight.add_(torch.randn_like(weight) * 0.05)
            torch.save({"cfg": vars(config), "model": model.state_dict()}, path)
        return path

    return make
