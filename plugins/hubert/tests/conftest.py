import pytest
import torch
from transformers import HubertConfig, HubertModel, Wav2Vec2FeatureExtractor

KINDS = {
    "base": {"feat_extract_norm": "group", "do_stable_layer_norm": False},
    "large": {"feat_extract_norm": "layer", "do_stable_layer_norm": True, "conv_bias": True},
}


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """Random HuBERTs of both kinds, with HuBERT's own convolutions in time, saved as transformers saves them."""

    def make(kind):
        folder = tmp_path_factory.getbasetemp() / f"hubert-{kind}"
        if not folder.is_dir():
            torch.manual_seed(0)
            config = HubertConfig(
                hidden_size=32, num_hidden_layers=3, num_attention_heads=4, intermediate_size=64, conv_dim=(16,) * 7,
                num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=4, initializer_range=0.2, **KINDS[kind],
            )  # fmt: skip
            HubertModel(config).save_pretrained(folder)
            Wav2Vec2FeatureExtractor().save_pretrained(folder)
        return folder

    return make
