"""Written text to spoken words: `cleaning`, `addresses`, `capitals`, and `numbers` around Hibari's normaliser.

Hibari's own reads times, dates, units, currencies, abbreviations, fractions, ranges and Roman numerals; the rest of
what real texts hold is read here.
"""

import re
import unicodedata
from itertools import pairwise

from hibari.g2p import numbers as names  # type: ignore[import-untyped]
from hibari.g2p.normalize import normalize  # type: ignore[import-untyped]

from affekt_kokoro import addresses, capitals, numbers
from affekt_kokoro.cleaning import cleaned
from affekt_kokoro.dictionary import is_word

_HYPHENATED = re.compile(r"(?<!\w)([^\W\d_]+)-\n([^\W\d_]+)")
_RUN_ON = re.compile(r"(?<=[a-z]{2})([.!?])(?=[A-Z][a-z]|I\b)|(?<=[^\W\d_])([!?,;])(?=[^\W\d_])")
_REPEATED = re.compile(r"([!?])[!?]+|([,;:])[,;:]+|(\.)\.(?!\.)")
_DASHES = re.compile(r"(?<=\w)\s*--+\s*(?=\w)")
_ALTERNATIVES = re.compile(r"(?<![\w/])([^\W\d_]+)/([^\W\d_]+)(?![\w/])")
_LETTERS_ONLY = re.compile(r"(?<![\w.@'’-])[b-df-hj-np-tv-xz]{2,5}(?![\w@'’-])")
_SHORT_FORMS = {
    "e.g.": "for example", "i.e.": "that is", "etc.": "et cetera", "etc": "et cetera",
    "w/": "with", "w/o": "without", "btw": "by the way", "imo": "in my opinion", "imho": "in my humble opinion",
    "idk": "I don't know", "thx": "thanks", "pls": "please", "plz": "please", "omw": "on my way",
    "tbh": "to be honest", "ppl": "people", "rn": "right now", "tmrw": "tomorrow", "b/c": "because",
    "dept.": "department", "resp.": "respectively",
    "№": "number", "≈": "about", "≤": "at most", "≥": "at least", "omg": "OMG", "∞": "infinity", "℃": "degrees Celsius",
}  # fmt: skip
"""Short form → words; a full stop that ended the sentence as well stays."""
_BEFORE_NUMBERS = {
    "p.": "page", "Tel.": "telephone", "tel.": "telephone", "ext.": "extension", "Ext.": "extension",
    "Eq.": "equation", "eq.": "equation", "Sec.": "section", "sec.": "section", "ca.": "circa", "c.": "circa",
}  # fmt: skip
"""Short forms that are such before a number alone."""
_BEFORE_NUMBER = re.compile(rf"(?<![\w.@/])(?:{'|'.join(re.escape(short) for short in _BEFORE_NUMBERS)})\s?(?=\+?\d)")
_DAYS = {
    "Mon": "Monday", "Tue": "Tuesday", "Tues": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday", "Thur": "Thursday",
    "Thurs": "Thursday", "Fri": "Friday", "Sat": "Saturday", "Sun": "Sunday",
}  # fmt: skip
_DAY = "|".join(_DAYS)
_FROM_DAY_TO_DAY = re.compile(rf"\b({_DAY})\.?\s?[-–]\s?({_DAY})\b\.?(?!\w)")
_DAY_BEFORE_DATE = re.compile(rf"\b({_DAY})\.?(?=,? \d)")
_TITLES = {"Mr": "Mister", "Mrs": "Missus", "Dr": "Doctor"}
"""What Hibari leaves to its dictionary, once the full stop is gone."""
_TITLE = re.compile(r"\b(?:Mr|Mrs|Dr)\b(?!\.)")
_SHORT = re.compile(
    r"(?<![\w.@/])(?:"
    + "|".join(re.escape(short) for short in sorted(_SHORT_FORMS, key=len, reverse=True))
    + r")(?![\w/])"
)
_NO_SHORT_FORM = re.compile(r"\b(no|Sun|Jan|Mar|Sat|Mon|Wed)\.(?=[\"”’)]*(?:\s*$|\s+[A-Z“\"]))")
"""The end of a sentence ("I said no.") where Hibari would read "number", "Sunday" or "January"."""
_SHARP = re.compile(r"(?<=\b[A-G])#(?!\w)")
_SIGNS = {"&": "and", "@": "at", ">=": "≥", "<=": "≤", "!=": "is not", "->": "to"}
_SIGN = re.compile(r"\s*(?:&(?!\w+;)|>=|<=|!=|->)\s*|(?:(?<=\s)|^)@\s+|(?<=\w)@(?=\w)")
_FIRM = re.compile(r"(?<!\w)[A-Z]{1,3}&[A-Z]{1,3}(?!\w)")
_NUMBER_NAMES = "|".join(name for name in (*names.ONES, *names.TENS, "minus") if name)
_NUMBER_FIRST = re.compile(rf"((?:[!?]|(?<![A-Z])\.)[\"”’)]*\s)({_NUMBER_NAMES})\b")
_BEGINNINGS = (
    "He|She|It|They|We|You|I|The|An?|This|That|These|But|And|So|In|On|At|There|What|Who|How|Why|When|Then|My|Our"
)
_INITIALS = re.compile(rf"\b(?![AP]\.M\.)((?:[A-Z]\.)+[A-Z])\.(?=\s+(?!(?:{_BEGINNINGS})\b)[A-Z])")
"""Initials and countries before a name ("U.S. Army"): no sentence ends there."""
_ACCENTED = re.compile(r"[^\W\d_]*[^\W\d_\x00-\x7f][^\W\d_]*")
_MONTH = re.compile(r"\b(?:january|february|march|april|june|july|august|september|october|november|december)\b(?= \d)")


def spoken(text: str) -> str:
    """The words that a text stands for, with the punctuation that gives them pauses; a line a paragraph.

    Blanks at the ends stay, where the next piece of a marked-up text begins.
    """
    lines = "\n".join(line for line in map(_line, _unhyphenated(cleaned(text)).split("\n")) if line)
    before, after = (" " if text[:1].isspace() else ""), (" " if text[-1:].isspace() else "")
    return f"{before}{lines}{after}"


def _unhyphenated(text: str) -> str:
    """Words that a line end parted: together where the dictionary has them so."""

    def joined(match: re.Match[str]) -> str:
        return match[1] + match[2] if is_word(match[1] + match[2]) else f"{match[1]}-{match[2]}"

    return _HYPHENATED.sub(joined, text)


def _line(text: str) -> str:
    text = _SHARP.sub(" sharp", addresses.spelled_out(text))
    text = _RUN_ON.sub(r"\g<0> ", text)
    text = _REPEATED.sub(lambda match: match[0] if match[3] else "?" if "?" in match[0] else match[0][0], text)
    text = _DASHES.sub(" — ", text)
    text = capitals.lowered(capitals.shortened(_ACCENTED.sub(_without_accents, text)))
    text = _FIRM.sub(lambda firm: " and ".join(map(capitals.spelled, firm[0].split("&"))), text)
    text = _SIGN.sub(lambda sign: f" {_SIGNS[sign[0].strip()]} ", text)
    text = _MONTH.sub(lambda month: month[0].capitalize(), text)
    text = _BEFORE_NUMBER.sub(lambda short: f"{_BEFORE_NUMBERS[short[0].strip()]} ", text)
    text = _FROM_DAY_TO_DAY.sub(lambda days: f"{_DAYS[days[1]]} to {_DAYS[days[2]]}", text)
    text = _DAY_BEFORE_DATE.sub(lambda day: _DAYS[day[1]], text)
    text = _short_forms(numbers.before(text))
    text = _NO_SHORT_FORM.sub(r"\1 .", text)
    text = _TITLE.sub(lambda title: _TITLES[title[0]], normalize(text))
    text = numbers.after(_ALTERNATIVES.sub(_alternatives, _short_forms(text)))
    text = _LETTERS_ONLY.sub(lambda word: word[0] if _can_be_said(word[0]) else word[0].upper(), text)
    text = _NUMBER_FIRST.sub(
        lambda match: match[1] + match[2].capitalize(), text.replace("+", " plus ").replace("√", " the square root of ")
    )
    text = _INITIALS.sub(r"\1", text)
    text = text.replace("](", "] (")  # else what stands in the parentheses would be taken for phonemes
    return re.sub(r"\s+([,.;:!?])", r"\1", re.sub(r"\s+", " ", text)).strip()


def _without_accents(match: re.Match[str]) -> str:
    """The word as the dictionary has it: "café" stands there as "cafe"."""
    plain = "".join(sign for sign in unicodedata.normalize("NFD", match[0]) if not unicodedata.combining(sign))
    return plain if is_word(plain) and not is_word(match[0]) else match[0]


def _short_forms(text: str) -> str:
    def written_out(match: re.Match[str]) -> str:
        following = text[match.end() :]
        stop = "." if match[0].endswith(".") and (not following.strip() or re.match(r"\s+[A-Z]", following)) else ""
        return _SHORT_FORMS[match[0]] + stop

    return _SHORT.sub(written_out, text)


def _alternatives(match: re.Match[str]) -> str:
    first, second = match[1], match[2]
    if (first, second) == ("and", "or"):
        return "and or"
    return f"{first} or {second}" if first.islower() and second.islower() else f"{first} {second}"


def _can_be_said(word: str) -> bool:
    """Words without a vowel are letters ("pdf"), unless the dictionary has them or they imitate a sound ("brr")."""
    return is_word(word) or any(first == second for first, second in pairwise(word))
