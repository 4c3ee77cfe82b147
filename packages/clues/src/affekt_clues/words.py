"""What is said, as a clue quotes it."""

import re

from affekt import Clip, Evidence

LONGEST = 14
"""Words of a quotation; longer sentences are cut."""


def words_between(evidence: Evidence, begin: float, end: float) -> str:
    """What is said in a span; all of it where the words have no times."""
    if not evidence.clip.words or end <= begin:
        return evidence.clip.text or ""
    words = [
        word.text.strip() for word in evidence.clip.words if begin - 0.05 <= (word.start + word.end) / 2 <= end + 0.05
    ]
    return " ".join(words)


def quote(text: str) -> str:
    """Short enough to be read at a glance."""
    words = re.sub(r"\s+", " ", text).strip(' "“”').split(" ")
    return " ".join(words) if len(words) <= LONGEST else " ".join(words[:LONGEST]) + " …"


def cited(clip: Clip, quotation: str) -> str:
    """A quotation as a clue: “…”, and that it is a translation where it is one."""
    wording = f"the words “{quotation}”"
    if clip.translation is None or not clip.is_translated:
        return wording
    return f"{wording} (translated by {clip.translation.source} from {clip.translation.original})"
