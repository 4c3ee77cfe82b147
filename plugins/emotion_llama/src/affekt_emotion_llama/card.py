"""The model card that is written beside a saved model, from what its configuration says."""

from affekt_emotion_llama.saved import ModelConfig


def card_of(config: ModelConfig) -> str:
    """A card with the hub's front matter; what was measured is for its trainer to add."""
    slots = "\n".join(f"| `{slot}` | {width} |" for slot, width in config.dims.items())
    base = "" if config.language_model.startswith((".", "/")) else f"\nbase_model: {config.language_model}"
    return f"""---
library_name: affekt
tags: [emotion-recognition, affekt, emotion-llama]{base}
---

# Emotion-LLaMA for affekt

Reads fused features of voice, face and words and says which emotion they show, and why. Emotions are inferred by a
machine and may be wrong; inferring them at work or in education is forbidden in the EU (AI Act, Article 5(1)(f)).

* Language model: `{config.language_model}`, with LoRA adapters in `adapter/`
* Fuser: `{config.fuser.use}`, {config.prompt.tokens} tokens a clip, prompt layout `{config.prompt.layout}`
* Labels: {", ".join(config.labels)}
* Licence of the data it was trained on: {config.licence or "not stated"}

| Slot | Columns |
|---|---|
{slots}

```yaml
fuser: {{use: {config.fuser.use}, model: THIS_REPOSITORY}}
reasoner: {{use: emotion-llama, model: THIS_REPOSITORY}}
```

Cheng et al., *Emotion-LLaMA*, NeurIPS 2024, [arXiv:2406.11161](https://arxiv.org/abs/2406.11161).
"""
