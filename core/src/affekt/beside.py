"""Moved to `affekt_reply`; the old path goes with the next minor version."""

from affekt.moved import moved

__getattr__ = moved(__name__, {"beside": "affekt_reply:relative_to_neutral"})
