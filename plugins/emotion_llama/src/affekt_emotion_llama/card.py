"""The model card that is written beside a saved model, from what its configuration says."""

from importlib.metadata import version

from affekt_emotion_llama.saved import MERGED, PACKAGES, ModelConfig

MAIN = ("affekt-core", "affekt-emotion-llama", "torch", "transformers", "peft", "tokenizers", "safetensors")
"""Packages whose versions the card shows."""


def card_of(config: ModelConfig) -> str:
    """A card with the hub's front matter; what was measured is for its trainer to add."""
    slots = "\n".join(f"| `{slot}` | {width} |" for slot, width in config.dims.items())
    packages = ", ".join(f"{name} {version(name)}" for name in MAIN)
    adapters = "with LoRA adapters in `adapter/`, if any"
    if config.merged:
        adapters = f"whole in `{MERGED[config.merged]}`, with its LoRA adapters merged into the weights"
    base = "" if config.language_model.startswith((".", "/")) else f"\nbase_model: {config.language_model}"
    return f"""---
library_name: affekt
tags: [emotion-recognition, affekt, emotion-llama]{base}
---

# Emotion-LLaMA for affekt

Reads fused features of voice, face and words and says which emotion they show, and why. Emotions are inferred by a
machine and may be wrong; inferring them at work or in education is forbidden in the EU (AI Act, Article 5(1)(f)).

* Language model: `{config.language_model}`, {adapters}
* Fuser: `{config.fuser.use}`, {config.prompt.tokens} tokens a clip, prompt layout `{config.prompt.layout}`
* Labels: {", ".join(config.labels)}
* Data it was trained on: {", ".join(config.trained_on) or "not stated"}
* Licence of these data: {config.licence or "not stated"}
* Saved with {packages}; `{PACKAGES}` holds the version of every package that was installed

| Slot | Columns |
|---|---|
{slots}

```yaml
fuser: {{use: {config.fuser.use}, model: THIS_REPOSITORY}}
reasoner: {{use: emotion-llama, model: THIS_REPOSITORY}}
```

Cheng et al., *Emotion-LLaMA*, NeurIPS 2024, [arXiv:2406.11161](https://arxiv.org/abs/2406.11161).
"""
