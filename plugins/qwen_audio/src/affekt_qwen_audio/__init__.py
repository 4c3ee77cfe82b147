"""Qwen2-Audio (Chu et al., 2024): an encoder hears the voice, a preparer describes its tone in words."""
