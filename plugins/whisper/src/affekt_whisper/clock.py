"""How Whisper's rows lie on samples. Imports no framework."""

SAMPLE_RATE = 16_000
ROW = 320
"""Samples a row: a mel frame lasts 10 ms, and the second convolution takes every other one."""
