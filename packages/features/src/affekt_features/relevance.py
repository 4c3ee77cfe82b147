"""Which fields of a clip an encoder reads, and hence which preparers its features depend on.

Encoders and preparers may say so themselves, by attributes that hold names of fields of a `Clip`:

    class FaceTracker(Component):
        reads: ClassVar[tuple[str, ...]] = ("video", "audio")
        fills: ClassVar[tuple[str, ...]] = ("faces",)

A preparer that does not say what it fills is held to matter to every encoder after it. An encoder that says nothing
reads what its modality suggests, see `READ`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from affekt import Clip, Modality

READ: Mapping[Modality, tuple[str, ...]] = {
    "audio": ("audio",),
    "video": ("video", "faces"),
    "face": ("faces", "video"),
    "text": ("text", "words", "language", "translation"),
}
"""Modality → the fields of a clip that its encoders read."""
ALL = tuple(field.name for field in fields(Clip))


def reads_of(encoder: Any) -> tuple[str, ...]:
    """The fields of a clip that an encoder's features depend on."""
    return tuple(getattr(encoder, "reads", None) or READ[encoder.modality])


def relevant(chain: Sequence[tuple[str, Any]], reads: Sequence[str]) -> tuple[str, ...]:
    """The preparers whose work reaches an encoder, directly or through others, in order.

    Args:
        chain: slot and preparer, in the order they run.
        reads: the fields that the encoder reads.
    """
    needed, slots = set(reads), list[str]()
    for slot, preparer in reversed(chain):
        fills = getattr(preparer, "fills", None)
        if fills is None or needed.intersection(fills):
            slots.append(slot)
            needed.update(getattr(preparer, "reads", ALL))
    return tuple(reversed(slots))
