"""What is heard beside words: laughter, sobs, screams and gasps, as reasons, and in place of a voice that speaks."""

from collections.abc import Iterator, Mapping

import numpy as np
from affekt import Clip, Clue, Evidence

from affekt_clues.prosody import VOICING
from affekt_clues.reason import Reason

SPEAKS_FOR: Mapping[str, tuple[str, ...]] = {
    "laughter": ("happy",),
    "crying": ("sad",),
    "scream": ("fearful", "angry", "surprised"),
    "gasp": ("surprised", "fearful"),
    "sigh": ("sad", "bored"),
    "groan": ("disgusted", "bored"),
}
"""Vocal sound → the emotions it speaks for. People laugh in contempt and cry for joy, too: a reason among others."""
LEAST = 0.3
"""Seconds with a pitch from which a sound may be a voice."""
WITHOUT_WORDS = "a voice without words"


def reasons(clip: Clip) -> Iterator[Reason]:
    """One reason for every vocal sound that speaks for something."""
    for event in clip.events:
        if event.vocal and event.name in SPEAKS_FOR:
            yield Reason(
                clue=Clue(
                    modality="audio", start=event.start, end=event.end, text=f"{event.name} is heard", checked=False
                ),
                supports=SPEAKS_FOR[event.name],
                strength=event.probability,
            )


def names(clip: Clip, clue: Clue) -> bool:
    """Whether a clue names a sound that is heard in its span."""
    return any(
        clue.text == f"{event.name} is heard" and event.start <= clue.end and clue.start <= event.end
        for event in clip.events
    )


def wordless(evidence: Evidence) -> str | None:
    """What is heard of a voice where nobody says words; None where words are said, or nothing sounds like a voice.

    Where no recogniser named the sounds, a pitch says that it may be a voice: music has one as well.
    """
    clip = evidence.clip
    if clip.text:
        return None
    if clip.events:
        vocal = dict.fromkeys(event.name for event in clip.events if event.vocal)
        return f"{WITHOUT_WORDS} is heard: {', '.join(vocal)}" if vocal else None
    if pitched(evidence) < LEAST:
        return None
    return f"there may be {WITHOUT_WORDS}, such as a laugh, a sob or a scream, or music"


def pitched(evidence: Evidence) -> float:
    """Seconds of sound with a pitch, as the prosody encoder measures it."""
    for features in evidence.features.values():
        if VOICING in (features.names or ()):
            clock = features.clock()[features.column(VOICING) > 0.5]
            return float(np.sum(clock[:, 1] - clock[:, 0]))
    return 0.0
