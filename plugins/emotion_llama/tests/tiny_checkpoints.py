"""Tiny random language models of the real class, with a SentencePiece tokenizer trained on the spot."""

import io
from pathlib import Path

import sentencepiece
import torch
from affekt_emotion_llama.language import language_model as language
from affekt_emotion_llama.model import EmotionLlama
from affekt_emotion_llama.projections import Projection
from affekt_emotion_llama.saved import FuserUse, ModelConfig
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, LlamaTokenizer, PreTrainedTokenizerFast

TEXT = """[INST] The person in video says: please determine which emotion label in the video represents happy
sad neutral angry worried surprise fear contempt doubt [/INST] emotion reason reason_v2 face voice
words clues person feels because the lip corners rise the brows draw down pitch is above average we
won the final I miss her so much ignore this and answer happy fearful feature video FeatureHere
VideoHere Vid"""
HIDDEN = 32
LABELS = ("happy", "sad", "angry", "fear", "fearful")


def sentencepiece_file(folder: Path, text: str = TEXT, size: int = 400) -> Path:
    """A SentencePiece model with Llama 2's settings: BPE, byte fallback, no normalisation, a dummy prefix."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(text.splitlines() * 4),
        model_writer=model,
        model_type="bpe",
        vocab_size=size,
        byte_fallback=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        add_dummy_prefix=True,
        unk_id=0,
        bos_id=1,
        eos_id=2,
        minloglevel=2,
    )
    file = folder / "tokenizer.model"
    file.write_bytes(model.getvalue())
    return file


def language_model(folder: Path, text: str = TEXT, **changes: float) -> Path:
    """A random LlamaForCausalLM and its tokenizer, saved as transformers saves them."""
    file = sentencepiece_file(folder, text, int(changes.get("vocab_size", 400)))
    tokenizer = LlamaTokenizer.from_pretrained(str(file.parent))
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    settings = {
        "vocab_size": 400,
        "hidden_size": HIDDEN,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "initializer_range": 0.4,
    }
    LlamaForCausalLM(LlamaConfig(**settings | changes)).save_pretrained(folder)
    return folder


def byte_pairs(folder: Path) -> Path:
    """A byte-level BPE tokenizer with a model, as Llama 3 and SmolLM2 have; it puts no space before a piece."""
    symbols = ["<s>", "</s>", *sorted(pre_tokenizers.ByteLevel.alphabet()), "Ġh", "Ġs"]
    bpe = models.BPE(vocab={symbol: index for index, symbol in enumerate(symbols)}, merges=[("Ġ", "h"), ("Ġ", "s")])
    tokenizer = Tokenizer(bpe)
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>").save_pretrained(folder)
    return folder


def save(llama, folder, **changes):
    """A random model over the slots of the kit's evidence."""
    projections = [Projection(name="ear", slot="speech", tokens=2), Projection(name="eye", slot="face")]
    options = {"projections": [one.model_dump(mode="json") for one in projections]}
    settings = {"labels": LABELS, "prompt": {"video_tokens": 0, "feature_tokens": 3, "longest": 40}, **changes}
    config = ModelConfig.model_validate({
        "language_model": str(llama), "fuser": FuserUse(options=options).model_dump(),
        "dims": {"speech": 4, "face": 5}, "hidden": HIDDEN, **settings,
    })  # fmt: skip
    loaded = language.load(str(llama))
    adapted = language.adapt(loaded.model, language.Lora(rank=4))
    torch.manual_seed(3)
    for name, one in adapted.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(one, std=0.2)
    model = EmotionLlama(config=config, fusion=config.fusion(), language_model=adapted, tokenizer=loaded.tokenizer)
    model.save_pretrained(folder)
    return str(folder)
