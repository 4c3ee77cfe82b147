"""Two elements of SSML, and nothing else: `<break time="300ms"/>` and `<emphasis>words</emphasis>`.

No XML parser reads the text, so there are no entities, no declarations, no comments, and nothing outside is ever looked
up. Whatever else looks like a tag (`<` before a letter, `/`, `!` or `?`) is refused by name rather than read aloud; a
`<` before anything else, as in "3 < 4", is a sign of the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from affekt.errors import DataError

LONGEST_BREAK = 10.0
"""The longest break, in seconds."""
_TAG = re.compile(r"<[A-Za-z/!?][^<>]*>?")
_BREAK = re.compile(r"""<break(?:\s+time=(["'])(\d{1,5}(?:\.\d{1,3})?)(ms|s)\1)?\s*/>""")
_OPEN = re.compile(r"""<emphasis(?:\s+level=(["'])(?:moderate|strong)\1)?\s*>""")
_HINT = '<break time="300ms"/> and <emphasis>words</emphasis> are understood; write other text without < >'


@dataclass(frozen=True)
class Piece:
    """Some of the text; where there is none, only a pause."""

    text: str
    emphasised: bool = False
    pause: float = 0.0
    """Seconds of silence after it, beside what the sentence needs."""


def pieces(text: str) -> Iterator[Piece]:
    """The text in the order it is spoken.

    Raises:
        DataError: a tag is unknown, unclosed or nested, or a break is too long.
    """
    end, emphasised = 0, False
    for match in _TAG.finditer(text):
        if before := text[end : match.start()]:
            yield Piece(before, emphasised)
        end, tag = match.end(), match[0]
        if broken := _BREAK.fullmatch(tag):
            yield Piece("", pause=_seconds(tag, broken[2], broken[3]))
        elif not emphasised and _OPEN.fullmatch(tag):
            emphasised = True
        elif emphasised and tag == "</emphasis>":
            emphasised = False
        else:
            raise DataError(f'"{tag[:40]}" is not spoken', hint=_HINT)
    if emphasised:
        raise DataError("<emphasis> is not closed", hint=_HINT)
    if remainder := text[end:]:
        yield Piece(remainder)


def _seconds(tag: str, number: str | None, unit: str | None) -> float:
    seconds = 0.5 if number is None else float(number) / (1000 if unit == "ms" else 1)
    if seconds > LONGEST_BREAK:
        raise DataError(f'"{tag}" is a break of more than {LONGEST_BREAK:.0f} s', hint="a shorter one")
    return seconds
