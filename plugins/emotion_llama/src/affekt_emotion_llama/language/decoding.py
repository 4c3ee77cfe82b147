"""One token through a LLaMA whose weights have one byte, without what transformers does beside the arithmetic.

With such weights, half of the time of a token went into hooks, masks and views. The layers, their weights and the cache
are transformers' own; only a single token of a single sequence goes this way.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from transformers import DynamicCache, LlamaForCausalLM, PreTrainedModel

from affekt_emotion_llama.language.int8 import Int8Linear, is_quantised, stack


@dataclass(frozen=True)
class Layer:
    """The parts of a decoder layer."""

    input_norm: Tensor
    queries_keys_values: Int8Linear
    output: Int8Linear
    middle_norm: Tensor
    gate_up: Int8Linear
    down: Int8Linear


class Decoder:
    """Adds token after token to a sequence that transformers has begun to read."""

    def __init__(self, model: PreTrainedModel) -> None:
        self.model: Any = model
        self.layers = [_layer(layer) for layer in self.model.model.layers]
        config: Any = model.config
        self.queries, self.keys = config.num_attention_heads, config.num_key_value_heads
        self.width, self.epsilon = config.head_dim, config.rms_norm_eps

    @staticmethod
    def fits(model: PreTrainedModel) -> bool:
        """Whether a decoder computes what the model itself would."""
        return type(model) is LlamaForCausalLM and is_quantised(model) and model.config.hidden_act == "silu"

    def next_logits(self, token: Tensor, cache: DynamicCache) -> Tensor:
        """Logits [vocabulary] behind one more token, whose keys and values are added to the cache.

        Args:
            token: its embedding [hidden].
        """
        x = token[None]
        position = torch.tensor([[cache.get_seq_length()]])
        cosine, sine = self.model.model.rotary_emb(x, position)
        for index, layer in enumerate(self.layers):
            projected = layer.queries_keys_values.of_row(self._normed(x, layer.input_norm))
            heads = projected.view(1, -1, 1, self.width)
            rotated = _rotated(heads[:, : self.queries + self.keys], cosine, sine)
            keys, values = cache.update(rotated[:, self.queries :], heads[:, self.queries + self.keys :], index)
            mixed = functional.scaled_dot_product_attention(
                rotated[:, : self.queries], keys, values, enable_gqa=self.queries != self.keys
            )
            x = x + layer.output.of_row(mixed.view(1, -1))
            gate, up = layer.gate_up.of_row(self._normed(x, layer.middle_norm)).chunk(2, dim=-1)
            x = x + layer.down.of_row(functional.silu(gate) * up)
        logits: Tensor = self.model.lm_head.of_row(self._normed(x, self.model.model.norm.weight))
        return logits[0]

    def _normed(self, x: Tensor, weight: Tensor) -> Tensor:
        return functional.rms_norm(x, weight.shape, weight, self.epsilon)


def _layer(layer: Any) -> Layer:
    attention, feed_forward = layer.self_attn, layer.mlp
    return Layer(
        input_norm=layer.input_layernorm.weight,
        queries_keys_values=stack([attention.q_proj, attention.k_proj, attention.v_proj]),
        output=attention.o_proj,
        middle_norm=layer.post_attention_layernorm.weight,
        gate_up=stack([feed_forward.gate_proj, feed_forward.up_proj]),
        down=feed_forward.down_proj,
    )


def _rotated(heads: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Rotary positions (Su et al., 2021), halves side by side as in transformers."""
    first, second = heads.chunk(2, dim=-1)
    return heads * cosine + torch.cat((-second, first), dim=-1) * sine
