"""Whisper (Radford et al., 2022): the preparer `whisper` writes words down, the encoder `whisper` hears the voice."""
