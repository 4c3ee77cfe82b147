"""Tiny random models of the real classes, saved and loaded as real ones are."""

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2_5_VLProcessor,
    Qwen2VLImageProcessor,
    Qwen2VLVideoProcessor,
    VideoLlavaConfig,
    VideoLlavaForConditionalGeneration,
    VideoLlavaImageProcessor,
    VideoLlavaProcessor,
    VideoLlavaVideoProcessor,
)

WORDS = (
    "USER", ":", "ASSISTANT", "Which", "one", "of", "these", "emotions", "does", "the", "person", "feel", "neutral",
    "calm", "happy", "sad", "angry", "fearful", "disgusted", "surprised", "bored", "?", "Answer", "with", "word", ".",
    ",", "The", "says", "In", "or", "two", "sentences", "which", "clues", "in", "video", "show", "it",
)  # fmt: skip
LLAMA = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}


def tokenizer(special):
    vocabulary = {word: index for index, word in enumerate(dict.fromkeys(["<unk>", "<s>", "</s>", *special, *WORDS]))}
    inner = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    made = PreTrainedTokenizerFast(tokenizer_object=inner, unk_token="<unk>", bos_token="<s>", eos_token="</s>")
    made.add_special_tokens({"additional_special_tokens": list(special)})
    return made, vocabulary


@pytest.fixture(scope="session")
def video_llava(tmp_path_factory):
    folder = tmp_path_factory.mktemp("video_llava")
    words, vocabulary = tokenizer(["<image>", "<video>"])
    vision = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2,
              "image_size": 28, "patch_size": 14, "projection_dim": 32, "model_type": "clip_vision_model"}  # fmt: skip
    config = VideoLlavaConfig(
        vision_config=vision,
        text_config={**LLAMA, "vocab_size": len(words), "model_type": "llama"},
        image_token_index=vocabulary["<image>"],
        video_token_index=vocabulary["<video>"],
    )
    torch.manual_seed(0)
    VideoLlavaForConditionalGeneration(config).save_pretrained(folder)
    size = {"size": {"shortest_edge": 28}, "crop_size": {"height": 28, "width": 28}}
    VideoLlavaProcessor(
        image_processor=VideoLlavaImageProcessor(**size), video_processor=VideoLlavaVideoProcessor(**size),
        tokenizer=words, patch_size=14,
    ).save_pretrained(folder)  # fmt: skip
    return folder


@pytest.fixture(scope="session")
def qwen(tmp_path_factory):
    folder = tmp_path_factory.mktemp("qwen")
    special = ["<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|video_pad|>", "<|image_pad|>"]
    words, vocabulary = tokenizer(special)
    config = Qwen2_5_VLConfig(
        text_config={
            **LLAMA, "vocab_size": len(words), "num_key_value_heads": 2, "model_type": "qwen2_5_vl_text",
            "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [1, 1, 2]},
        },
        vision_config={
            "depth": 2, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2, "out_hidden_size": 32,
            "patch_size": 14, "fullatt_block_indexes": [1], "window_size": 56,
        },
        image_token_id=vocabulary["<|image_pad|>"], video_token_id=vocabulary["<|video_pad|>"],
        vision_start_token_id=vocabulary["<|vision_start|>"], vision_end_token_id=vocabulary["<|vision_end|>"],
    )  # fmt: skip
    torch.manual_seed(0)
    Qwen2_5_VLForConditionalGeneration(config).save_pretrained(folder)
    size = {"size": {"shortest_edge": 28 * 28, "longest_edge": 56 * 56}}
    Qwen2_5_VLProcessor(
        image_processor=Qwen2VLImageProcessor(**size), video_processor=Qwen2VLVideoProcessor(**size), tokenizer=words,
    ).save_pretrained(folder)  # fmt: skip
    return folder
