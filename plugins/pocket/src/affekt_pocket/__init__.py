"""Zero-shot cloning on a CPU by Pocket TTS: `bundle` opens a model, `speaker` speaks with it in a lent voice."""
