"""Tunes MiniLM to what texts express: the lines it learns from, then the network, then training, then the head.

`python -m affekt_training.texts OUT` runs it; `encoder: {use: minilm-emotions, adapter: FILE}` and
`reasoner: {use: goemotions, model: FILE}` use what it writes.
"""
