"""Emotion-LLaMA (Cheng et al., NeurIPS 2024): encoders' features become tokens of a language model that says why.

Read on in `streams` and `projections` (features as tokens), `linear`, `attention` and `conv_attention` (fusers, by
`fusing`), `gating` and `opinions`, `model` (all as one object), `saved` and `card` (on disk), `upstream` and
`gguf_export` (other formats), `language` (the language model), `reasoner`, and `explaining` (what a person reads).
"""
