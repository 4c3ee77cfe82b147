"""The language model and what it reads and writes.

`language_model` loads one, with weights of one byte by `int8`; `prompt` and `sequence` make of a clip what it reads,
`scoring` gives labels their probabilities, `generation` writes free text by `decoding`, `conversation` asks it alone.
"""
