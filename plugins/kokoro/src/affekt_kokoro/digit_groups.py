"""Digits in groups: dates, phone and card numbers, ratios, and thousands apart by points or blanks."""

import re

from hibari.g2p import numbers as words  # type: ignore[import-untyped]

_PHONE = re.compile(
    r"(?<![\w.])(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,4}\)|\d{2,4})[ .-]\d{3}[ .-]?\d{4}(?![\w-])"
    r"|(?<![\w.])\+\d[\d ]{6,}\d|(?<![\w.,])0\d{2,4}[ /-]\d{4,8}(?!\w)"
    r"|(?<![\w.,])0\d{2,4}(?: \d{2,4}){2,4}(?![\w,])|(?<![\w.,])[1-9]\d\d \d{3} (?!000)\d{3}(?! ?\d)"
)
_CODE = re.compile(r"(?<![\w.-])\d+(?:-\d+){2,}(?![\w-])|(?<![\w.,])\d{4}(?: \d{4}){2,3}(?! ?\d)")
"""As of a book or a card: digits with hyphens, or in fours."""
_DATES = (
    re.compile(r"(?<![\w.])(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>(?:19|20)\d\d)(?![\w.])"),
    re.compile(r"(?<![\w/])(?P<year>(?:19|20)\d\d)/(?P<month>\d{1,2})/(?P<day>\d{1,2})(?![\w/])"),
    re.compile(r"(?<![\w-])(?P<month>\d{1,2})-(?P<day>\d{1,2})-(?P<year>(?:19|20)\d\d)(?![\w-])"),
)
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_RATIO = re.compile(r"(?<![\w:.,])(\d+):(\d)(?![\w:]|[.,]\d)")
"""Minutes have two digits."""
_BLANK_THOUSANDS = re.compile(r"(?<![\w.,+])(?<!\d )(?:[1-9]\d?(?: \d{3}){2,}|[1-9]\d{0,2}(?: \d{3})* 000)(?! ?\d)")
_POINT_THOUSANDS = re.compile(
    r"(?<![\w.,])[1-9]\d{0,2}(?:(?:\.\d{3}){2}|(?:\.\d{3})+(?=,\d{1,2}(?!\d|,\d)))(?![\w]|\.\d)"
)
_EUROPEAN = re.compile(r"(?<=\d),(\d{1,2})(?!\d|,\d)")


def grouped(text: str) -> str:
    """Groups of digits as they are said, or as one number that is read as such."""
    for date in _DATES:
        text = date.sub(_iso, text)
    text = _PHONE.sub(lambda match: one_by_one(match[0]), text)
    text = _CODE.sub(lambda match: match[0] if _ISO.fullmatch(match[0]) else one_by_one(match[0]), text)
    text = _BLANK_THOUSANDS.sub(lambda match: match[0].replace(" ", ","), text)
    text = _RATIO.sub(r"\1 to \2", text)
    return _joined(text)


def one_by_one(written: str) -> str:
    """Each digit by itself, groups apart."""
    sign = "plus " if written.startswith("+") else ""
    groups = re.findall(r"\d+", written)
    return sign + ", ".join(" ".join(words.ONES[int(digit)] for digit in group) for group in groups)


def _iso(match: re.Match[str]) -> str:
    day, month = int(match["day"]), int(match["month"])
    return f"{match['year']}-{month:02}-{day:02}" if 0 < day <= 31 and 0 < month <= 12 else match[0]


def _joined(text: str) -> str:
    """ "1.000.000" and "1.234,56" as English writes them."""
    parts, end = [], 0
    for match in _POINT_THOUSANDS.finditer(text):
        parts += [text[end : match.start()], match[0].replace(".", ",")]
        end = match.end()
        if decimals := _EUROPEAN.match(text, end):
            parts.append(f".{decimals[1]}")
            end = decimals.end()
    return "".join([*parts, text[end:]])
