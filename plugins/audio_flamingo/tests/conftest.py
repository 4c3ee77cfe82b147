import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    AudioFlamingo3Config,
    AudioFlamingo3ForConditionalGeneration,
    AudioFlamingo3Processor,
    PreTrainedTokenizerFast,
    WhisperFeatureExtractor,
)

TEMPLATE = """{% for message in messages %}<|im_start|>{{ message['role'] }}
{% for part in message['content'] %}{% if part['type'] == 'audio' %}<sound>{% else %}{{ part['text'] }}{% endif %}\
{% endfor %}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""
"""Of the shape that the published checkpoint's chat template has."""


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """A random Audio Flamingo 3 of two layers a part with a processor of its own, saved as transformers saves them."""
    folder = tmp_path_factory.mktemp("audio-flamingo")
    special = ["<sound>", "<|im_start|>"]
    letters = {letter: index for index, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    spelling = Tokenizer(models.BPE(vocab=letters, merges=[]))
    spelling.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    spelling.decoder = decoders.ByteLevel()
    words = PreTrainedTokenizerFast(
        tokenizer_object=spelling,
        additional_special_tokens=special,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
    )
    config = AudioFlamingo3Config(
        audio_config={
            "model_type": "audioflamingo3_encoder", "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2,
            "intermediate_size": 32, "num_mel_bins": 80,
        },
        text_config={
            "model_type": "qwen2", "vocab_size": len(words), "hidden_size": 32, "intermediate_size": 64,
            "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1,
        },
        audio_token_id=words.convert_tokens_to_ids("<sound>"),
    )  # fmt: skip
    torch.manual_seed(0)
    network = AudioFlamingo3ForConditionalGeneration(config)
    with torch.no_grad():
        for weight in network.parameters():
            weight.mul_(8)  # as drawn, sounds would hardly differ
    network.generation_config.eos_token_id = words.eos_token_id
    network.generation_config.pad_token_id = words.pad_token_id
    network.save_pretrained(folder)
    processor = AudioFlamingo3Processor(WhisperFeatureExtractor(feature_size=80), words, chat_template=TEMPLATE)
    processor.save_pretrained(folder)
    return folder
