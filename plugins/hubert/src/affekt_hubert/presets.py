"""Recipes as published."""

from affekt_encoding.presets import Preset

PRESETS = {
    "emotion-llama": Preset(
        options={"model": "TencentGameMate/chinese-hubert-large", "layer": -1, "pool": "mean"},
        source="Emotion-LLaMA (arXiv:2406.11161); feature_extraction/audio/extract_transformers_embedding.py of "
        "MERTools/MER2023: chinese-hubert-large, last hidden layer, mean over time, 1024 columns",
    ),
    "english-large": Preset(
        options={"model": "facebook/hubert-large-ls960-ft"},
        source="HuBERT Large, fine-tuned on 960 h of LibriSpeech (arXiv:2106.07447, Table II)",
    ),
}
