"""Recipes as published."""

from affekt_encoding.presets import Preset

PRESETS = {
    "large": Preset(
        options={"model": "s3prl/converted_ckpts/wavlm_large.pt"},
        source="WavLM Large (arXiv:2110.13900, Table I); the checkpoint of s3prl's own entry `wavlm_large`",
    ),
    "base": Preset(
        options={"model": "s3prl/converted_ckpts/wavlm_base.pt"},
        source="WavLM Base, 960 h of LibriSpeech (arXiv:2110.13900, Table I); s3prl's entry `wavlm_base`",
    ),
}
