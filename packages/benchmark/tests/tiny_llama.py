"""A tiny random LLaMA, and Emotion-LLaMA models around it that hear the level of the sound."""

from pathlib import Path

import torch
from affekt_emotion_llama.language import language_model as language
from affekt_emotion_llama.language.prompt import PromptForm
from affekt_emotion_llama.model import EmotionLlama
from affekt_emotion_llama.saved import FuserUse, ModelConfig
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

PROJECTION = {"name": "voice_proj", "slot": "speech"}
FORM = {"layout": "short", "template": "{}", "video_tokens": 0, "feature_tokens": 1}


def language_model(folder: Path) -> Path:
    """Saved as transformers saves them."""
    symbols = ["<s>", "</s>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    pairs = Tokenizer(models.BPE(vocab={symbol: index for index, symbol in enumerate(symbols)}, merges=[]))
    pairs.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    pairs.decoder = decoders.ByteLevel()
    PreTrainedTokenizerFast(tokenizer_object=pairs, bos_token="<s>", eos_token="</s>").save_pretrained(folder)
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    config = LlamaConfig(vocab_size=len(symbols), max_position_embeddings=4096, initializer_range=0.1, **sizes)
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def emotion_llama(llama: Path, labels: tuple[str, ...], folder: Path, seed: int) -> Path:
    """A saved model with a random projection."""
    loaded = language.load(str(llama))
    config = ModelConfig(
        language_model=str(llama), dims={"speech": 1}, hidden=32, labels=labels, prompt=PromptForm.model_validate(FORM),
        fuser=FuserUse(options={"projections": [PROJECTION]}),
    )  # fmt: skip
    torch.manual_seed(seed)
    model = EmotionLlama(
        config=config, fusion=config.fusion(), language_model=loaded.model, tokenizer=loaded.tokenizer
    )  # fmt: skip
    model.save_pretrained(folder)
    return folder
