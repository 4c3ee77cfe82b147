"""Whisper (Radford et al., 2022): the preparer `whisper` writes words down, the encoder `whisper` hears the voice.

The preparer: `transcript`, by one of three engines (`through_faster_whisper`, `through_transformers`,
`through_openai_whisper`) that give what `spoken` says; `languages`, `alignment` and `repetition` are what they share.
The encoder: `encoder`, whose rows lie as `clock` says. Weights: `weights`, `checkpoint`, and `conversion` from what
`ctranslate2_file` reads, under `openai_names` or transformers' own.
"""
