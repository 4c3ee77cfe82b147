"""Sentences of a transcript, each with its time. No model is needed to find them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from affekt import Clip, Word

PAUSE = 1.0
"""Seconds of silence that end a sentence without a full stop: transcripts of speech often lack it."""
LONGEST = 60
"""Words of a sentence before it is cut; MiniLM was trained on no more than 256 word pieces."""

_END = re.compile(r"[.!?…。！？]+[\"'”’»)\]]*$")
_NO_END = re.compile(r"(?:\b(?:mr|mrs|ms|dr|prof|st|jr|sr|vs|etc|e\.g|i\.e)|\b[a-hj-z])\.$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """A sentence and when it is said."""

    text: str
    start: float
    """Seconds from the start of the clip."""
    end: float


def sentences(clip: Clip) -> list[Sentence]:
    """The sentences of a clip's transcript, in order; none when it holds no letter or digit.

    Without word times every sentence spans the whole clip: it is not known when it is said.
    """
    if clip.words:
        spoken = [_spoken(group) for group in _groups(clip.words)]
    else:
        untimed = (Word(start=0.0, end=0.0, text=piece) for piece in (clip.text or "").split())
        texts = [_spoken(group).text for group in _groups(untimed)]
        spoken = [Sentence(text=text, start=0.0, end=clip.duration) for text in texts]
    return [sentence for sentence in spoken if re.search(r"\w", sentence.text)]


def _groups(words: Iterable[Word]) -> Iterator[list[Word]]:
    group: list[Word] = []
    for word in words:
        if group and (word.start - group[-1].end >= PAUSE or len(group) >= LONGEST):
            yield group
            group = []
        group.append(word)
        if _ends(word.text.strip()):
            yield group
            group = []
    if group:
        yield group


def _ends(word: str) -> bool:
    return bool(_END.search(word)) and not _NO_END.search(word)


def _spoken(group: Sequence[Word]) -> Sentence:
    text = " ".join(word.text.strip() for word in group if word.text.strip())
    return Sentence(text=text, start=group[0].start, end=max(word.end for word in group))
