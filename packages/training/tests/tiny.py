"""A tiny random LLaMA with a word tokenizer, and configurations that train it on a few real recordings in seconds."""

import os
from pathlib import Path

import torch
import yaml
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

SHARED = Path(os.environ.get("AFFEKT_SHARED", Path(__file__).parents[3].parent / "shared"))
LABELS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgusted", "surprised", "bored")


def language_model(folder: Path) -> Path:
    """Saved as transformers saves them."""
    letters = [chr(code) for code in range(32, 127)]
    words = [f" {label}" for label in LABELS] + [" emotion", " reason", " The", " person", " feels"]
    vocabulary = {piece: index for index, piece in enumerate(["<s>", "</s>", "<unk>", *letters, *words])}
    merged = Tokenizer(models.Unigram([(piece, -1.0 - len(piece) * 0.01) for piece in vocabulary], unk_id=2))
    merged.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_next")
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=merged,
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        clean_up_tokenization_spaces=False,
    )
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    settings = LlamaConfig(
        vocab_size=len(vocabulary), hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, bos_token_id=0, eos_token_id=1, initializer_range=0.2,
    )  # fmt: skip
    LlamaForCausalLM(settings).save_pretrained(folder)
    return folder


def configuration(llama: Path, out: Path, **changes: object) -> dict[str, object]:
    """A stage over four speakers of EmoDB by prosody alone."""
    speakers = ["emodb-03", "emodb-08", "emodb-09", "emodb-10"]
    told: dict[str, object] = {
        "name": "tiny",
        "out": str(out),
        "language_model": str(llama),
        "fuser": {"use": "linear", "options": {"projections": [
            {"name": "voice_proj", "slot": "prosody", "take": "mean-std", "standardise": True},
        ]}},
        "lora": {"rank": 4, "alpha": 8, "dropout": 0.1, "targets": ["q_proj", "v_proj"]},
        "prompt": {"layout": "short", "template": "{}", "video_tokens": 0, "feature_tokens": 1},
        "labels": list(LABELS),
        "lead": "The person feels {label}.",
        "shows_measured": True,
        "features": {"prosody": {"use": "prosody"}},
        "data": [{
            "set": "emodb", "root": str(SHARED / "data" / "emodb"), "speakers": speakers, "limit": 60,
            "balanced": True, "tasks": [{"task": "emotion"}, {"task": "reason", "answer": "reason", "share": 0.5}],
        }],
        "epochs": 2, "batch": 8, "learning_rate": 0.01, "warmup": 2, "noise": 0.1,
        "validation": {"share": 0.2, "every": 3, "patience": 20},
        "licence": "EmoDB: for research",
    }  # fmt: skip
    return told | changes


def write(told: dict[str, object], file: Path) -> Path:
    """As YAML."""
    file.write_text(yaml.safe_dump(told, sort_keys=False), encoding="utf-8")
    return file
