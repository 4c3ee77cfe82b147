"""A candidate reason: a clue, what it speaks for and how strongly. `selection` decides which are told."""

from dataclasses import dataclass

from affekt import Clue


@dataclass(frozen=True, kw_only=True)
class Reason:
    """A clue before it is checked and chosen."""

    clue: Clue
    supports: tuple[str, ...]
    """The emotions it speaks for."""
    strength: float
    """0 to 1; comparable within a modality."""
