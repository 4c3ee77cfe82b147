"""Tunes Whisper's encoder to emotion: recordings, then their spectrograms, then the network, then training.

`python -m affekt_training.tuning` runs it; `encoder: {use: whisper, adapter: FILE}` uses what it writes.
"""
