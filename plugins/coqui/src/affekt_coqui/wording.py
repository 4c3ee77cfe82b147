"""A text as sentences that a network takes at once. Nothing that can be said is lost, or there is an error."""

import re
import unicodedata
from collections.abc import Callable

import pysbd  # type: ignore[import-untyped]
from affekt import DataError

MOST = 20_000
"""Characters of a text: about 25 minutes of speech."""
_MARKUP = re.compile(r"</?[A-Za-z!?][^<>]*>|<!--")
_CLAUSE = re.compile(r"(?<=[,;:،、，；—])\s*")


def sentences(text: str, language: str, fits: Callable[[str], bool]) -> list[str]:
    """The sentences of a text, those that do not fit in pieces.

    Raises:
        DataError: there is nothing to say, it is too long, or it is markup.
    """
    if len(text) > MOST:
        raise DataError(f"the text has {len(text):,} characters, more than {MOST:,}", hint="several texts")
    if markup := _MARKUP.search(text):
        raise DataError(f"coqui reads no markup, found {markup[0][:40]!r}", hint="plain text")
    text = "".join(sign for sign in text if not _is_picture(sign))
    parts = [part.strip() for line in text.splitlines() for part in _split(line, language)]
    spoken = [part for part in parts if any(sign.isalnum() for sign in part)]
    if not spoken:
        shown = f"{text[:40]!r}" if text.strip() else "no text"
        raise DataError(f"there is nothing to say: found {shown}", hint="a text with words or numbers")
    return [piece for sentence in spoken for piece in _pieces(sentence, fits)]


def require_sayable(letters: set[str], family: str, language: str) -> None:
    """Raises a DataError that shows the letters that a model would leave out."""
    if letters:
        shown = " ".join(sorted(letters)[:10])
        raise DataError(f'this {family} model has no sound for {shown} in "{language}"', hint="its own alphabet")


def _is_picture(sign: str) -> bool:
    """Emoji and other symbols without a reading, and invisible signs; the joiners of scripts stay."""
    return (
        unicodedata.category(sign) in ("So", "Sk", "Cs", "Co", "Cc", "Cn") or sign in "\ufe0f\u200d\u2066\u2067\u2069"
    )


def _split(line: str, language: str) -> list[str]:
    language = language.split("-")[0]
    segmented_as = language if language in pysbd.languages.LANGUAGE_CODES else "en"
    parts = pysbd.Segmenter(language=segmented_as, clean=False).segment(line)
    # Its rules have been seen to drop what they do not expect.
    return parts if _bare("".join(parts)) == _bare(line) else re.split(r"(?<=[.!?…。！？؟])\s+", line)


def _bare(text: str) -> str:
    return "".join(text.split())


def _pieces(sentence: str, fits: Callable[[str], bool]) -> list[str]:
    """Halves what does not fit: at a clause, else between words, else anywhere."""
    if fits(sentence) or len(sentence) < 2:
        return [sentence]
    for parts, between in ((_CLAUSE.split(sentence), " "), (sentence.split(" "), " "), (list(sentence), "")):
        parts = [part for part in parts if part]
        if len(parts) > 1:
            middle = _nearest_to_middle(parts)
            halves = between.join(parts[:middle]), between.join(parts[middle:])
            return [piece for half in halves for piece in _pieces(half, fits)]
    return [sentence]


def _nearest_to_middle(parts: list[str]) -> int:
    """How many of the parts make about half of the whole; at least one, and not all."""
    half, length, best, least = sum(map(len, parts)) / 2, 0, 1, float("inf")
    for count, part in enumerate(parts[:-1], start=1):
        length += len(part)
        if abs(length - half) < least:
            best, least = count, abs(length - half)
    return best
