"""Emotion-LLaMA (Cheng et al., NeurIPS 2024): encoders' features become tokens of a language model that says why."""
