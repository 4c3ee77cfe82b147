"""Moved to `affekt_reply.wording`; the old path goes with the next minor version."""

from affekt.moved import moved

__getattr__ = moved(__name__, {name: f"affekt_reply.wording:{name}" for name in ("word_error_rate", "words_of")})
