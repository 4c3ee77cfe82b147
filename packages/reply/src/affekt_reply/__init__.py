"""Answers a recording aloud, and listens to the answer until what was meant is heard in it.

    reply = affekt.respond("clip.mp4", text="I am glad to hear that.", until_felt=True)
    reply.result          # the speech; affekt_voices.write_speech marks, signs and writes it
    reply.attempts        # what was tried and what was heard each time

Nothing is written here. Read in the order data flows: `answering` (what is said), `listening` (the closed loop),
`search` (what is tried next), `neutral` (what is heard in the voice), `wording` (what is heard of the words),
`attempts` (what comes of it).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from affekt_reply.answering import answer, require_writer, respond, written
    from affekt_reply.attempts import Attempt, Reply
    from affekt_reply.listening import closed_loop
    from affekt_reply.neutral import relative_to_neutral

__all__ = [
    "Attempt",
    "Reply",
    "answer",
    "closed_loop",
    "relative_to_neutral",
    "require_writer",
    "respond",
    "written",
]

_HOMES = {
    "Attempt": "attempts",
    "Reply": "attempts",
    "closed_loop": "listening",
    "relative_to_neutral": "neutral",
}


def __getattr__(name: str) -> object:
    # On demand, because listing the plugins imports this package, too.
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'answering')}"), name)
