"""Moved to `affekt_reply`; the old path goes with the next minor version."""

from affekt.moved import moved

NAMES = ("Attempt", "Reply", "answer", "closed_loop", "require_writer", "respond", "written")
__getattr__ = moved(__name__, {name: f"affekt_reply:{name}" for name in NAMES})
