"""Whisper's weights under the names that its authors gave them."""

import re
from collections.abc import Mapping

from torch import Tensor
from transformers import WhisperConfig

_RENAMED = (
    (r"^model\.", ""),
    (r"embed_tokens", "token_embedding"),
    (r"embed_positions\.weight", "positional_embedding"),
    (r"layers\.", "blocks."),
    (r"encoder_attn_layer_norm", "cross_attn_ln"),
    (r"self_attn_layer_norm", "attn_ln"),
    (r"final_layer_norm", "mlp_ln"),
    (r"encoder_attn\.", "cross_attn."),
    (r"self_attn\.", "attn."),
    (r"k_proj", "key"),
    (r"v_proj", "value"),
    (r"q_proj", "query"),
    (r"out_proj", "out"),
    (r"fc1", "mlp.0"),
    (r"fc2", "mlp.2"),
    (r"^encoder\.layer_norm", "encoder.ln_post"),
    (r"^decoder\.layer_norm", "decoder.ln"),
)


def as_openai(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """transformers' names → those of openai-whisper. The output layer is the embedding and has no name of its own."""
    renamed = {}
    for name, weight in state.items():
        if name == "proj_out.weight":
            continue
        for pattern, new in _RENAMED:
            name = re.sub(pattern, new, name)
        renamed[name] = weight
    return renamed


def dimensions(config: WhisperConfig) -> dict[str, int]:
    """The arguments of openai-whisper's `ModelDimensions`."""
    return {
        "n_mels": config.num_mel_bins,
        "n_audio_ctx": config.max_source_positions,
        "n_audio_state": config.d_model,
        "n_audio_head": config.encoder_attention_heads,
        "n_audio_layer": config.encoder_layers,
        "n_vocab": config.vocab_size,
        "n_text_ctx": config.max_target_positions,
        "n_text_state": config.d_model,
        "n_text_head": config.decoder_attention_heads,
        "n_text_layer": config.decoder_layers,
    }
