"""Numbers in words: amounts of money, times, decades, ordinals, decimals, digits among letters.

`before` puts into a common form what Hibari's normaliser would misread, `after` writes out the numbers that it leaves
to the dictionary, so that the text holds all words that are spoken.
"""

import re

from hibari.g2p import numbers as words  # type: ignore[import-untyped]

from affekt_kokoro import digit_groups
from affekt_kokoro.capitals import spelled

_MONEY_SIGNS = {"$": ("dollar", "cent"), "£": ("pound", "penny"), "€": ("euro", "cent")}
_PLURALS = {"penny": "pence"}
_CURRENCIES = {
    "USD": "dollars", "EUR": "euros", "GBP": "pounds", "CHF": "Swiss francs", "JPY": "yen", "INR": "rupees",
    "CAD": "Canadian dollars", "AUD": "Australian dollars", "CNY": "yuan",
}  # fmt: skip
_SUM_OF_MONEY = r"\d+(?:,\d{3})*(?:\.\d+)?"

# Before Hibari's normaliser.
_CLOCK = re.compile(r"(?<![\w:.])(\d{1,2})\s?([ap])\.?\s?m\b\.?", re.IGNORECASE)
_POINTED_TIME = re.compile(r"(?<=\d)\.(?=\d\d\s?[ap]\.?\s?m\b)", re.IGNORECASE)
_SPAN = re.compile(r"(?<=[\dm.])\s?[-–]\s?(?=\d{1,2}(?::\d\d|\s?[ap]\.?m\b))", re.IGNORECASE)
_RANGE = re.compile(r"(?<![\w.\-/$€£])(\d{1,4})\s?[-–]\s?(\d{1,4})(?=%|[.,;:!?)]*(?:\s|$))")
_POINT = re.compile(r"(?<![\w.])\.(?=\d)")
_BILLION = re.compile(r"(?<=\d)\s?bn\b")
_RATING = re.compile(
    r"(?<![\w/.])(?:(\d{1,2}(?:\.\d)?)/(10|100)|(\d\.\d)/(\d)|(\d)/(\d)(?=\s?(?:stars?|points?)\b))(?![\w/])"
)
_HALVES = re.compile(r"(?<![\w/])50/50(?![\w/])")
_ALWAYS = re.compile(r"\b24/7\b")
_HEIGHT = re.compile(r"(?<![\w.])(\d)['’′]\s?(\d{1,2})(?:[\"”″]|''|’’)?(?!\w)")
_MONEY_BEHIND = re.compile(r"(?<![\w.,])(\d+(?:[.,]\d{3})*(?:[.,]\d{2})?)\s?([€£])(?!\w)")
_MONEY_COMMA = re.compile(r"([€£$])\s?(\d+),(\d{2})(?!\d)")
_MONEY_BLANK = re.compile(r"(?<![A-Za-z])([€£$])\s+(?=\d)")
_MEASURED = (
    "million|billion|percent|[Ll]it(?:er|re)s?|[a-z]*met(?:er|re)s?|[a-z]*gram(?:me)?s?|miles?|hours?|minutes?|seconds?|"
    "degrees?|euros?|dollars?|pounds?|times"
)
_DECIMAL_COMMA = re.compile(rf"(?<![\w.,$€£])(0|[1-9]\d*),(\d{{1,2}})(?=\s?(?:%|°|[a-zµ]{{1,3}}\b|(?:{_MEASURED})\b))")
_MINUS = re.compile(r"(?<![\w)])[-−](?=[$£€]?\d)")
_UNITS = re.compile(r"(?<=\d)(\s?)(KM|KG|CM|MM|LBS?|OZ|MPH|KM/H)\b")
_METRES = re.compile(r"(?<![\w.$€£])(\d+(?:\.\d+)?)\s?m(?=[.,;:!?]?(?:\s|$))(?!\s+(?:people|dollars|users))")
_LITRES = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s?(?:l|L)\b(?![.'’]\w)")
_GRAMS = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s?g\b(?![.'’]\w)")
_SPEED = re.compile(r"(?<=\d)\s?m/s\b")
_SQUARE = re.compile(r"(?<=\d)\s?(k|c)?m(²|³)")
_SECONDS = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?) s\b(?![.'’]\w)")
_HOURS = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s?h\b(?![.'’]\w)")
_HOURS_AND_MINUTES = re.compile(r"(?<![\w.])(\d{1,2})\s?h\s?(\d\d)(?!\w)")
_AGE = re.compile(r"(?<=\d)\s?(?:yo\b|y\.\s?o\.|y/o\b)(?!\w)")
_FEET = re.compile(r"(?<![\w.'‘’])(\d{1,2})(['’′]|[\"”″])(?=\s(?:tall|high|long|wide|deep|thick|by|x)\b)")
_INCHES = '"”″'
_UNIT_STOP = re.compile(r"(?<=\d)(\s?(?:ft|in|lbs?|oz|min|mins|sec|secs|hrs?))\.(?=\s+[a-z])")
_CURRENCY = re.compile(
    rf"(?<![\w.,])(?:({'|'.join(_CURRENCIES)})\s?({_SUM_OF_MONEY})|({_SUM_OF_MONEY})\s?({'|'.join(_CURRENCIES)}))(?!\w|[.,]\d)"
)
_MONEY_RANGE = re.compile(r"([$£€])(\d+)\s?[-–]\s?\1?(\d+)(?![\d,]|\.\d)")
_VERSION = re.compile(r"\bv(?=\d+\.\d)")
_THOUSANDS = re.compile(r"(?<![\w.,$£€])(\d+(?:\.\d+)?)(?:k\b|(?<=\d\d)K\b)")
_MILLIONS = re.compile(r"(?<![\w.,$£€])(\d+(?:\.\d+)?)M\b")
_SUM = re.compile(r"(?<=\d)\s?\+\s?(?=\d)")
_ABOUT = re.compile(r"~\s?(?=[\d$£€])")
_TIMES = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s?[x×](?![\w])")
_BY = re.compile(r"(?<=\d)\s?[x×]\s?(?=\d)")
_PRODUCT = re.compile(r"(?<=\d)\s?\*\s?(?=\d)")

# After it.
_AMOUNT = re.compile(r"([$£€])(\d+(?:,\d{3})*)?(?:\.(\d+))?")
_DECADE = re.compile(r"(?<![\w])['’]?((?:1[1-9]|20)?)(\d0)['’]?s\b")
_SHORT_YEAR = re.compile(r"(?<!\w)['’](\d\d)(?!\w)")
_ORDINAL = re.compile(r"(?<![\w.])(\d+(?:,\d{3})*)(?:st|nd|rd|th)\b", re.IGNORECASE)
_MANY_POINTS = re.compile(r"(?<![\w.])\d+(?:\.\d+){2,}(?!\w)")
_PLAIN = re.compile(r"(?<!\w)(?<!\w\.)(\d{1,3}(?:,\d{3})+|\d+)?(\.\d+)?(?!\d)")
_MIXED = re.compile(r"(?<!\w)(?:(?=\w*\d)(?=\w*[^\W\d_])\w+(?:-\w+)*|[^\W\d_]+-\d+\b)")
_DIGITS = re.compile(r"[0-9]+")
"""What no form above knows, as in "a.1"."""
_PERCENT = re.compile(r"\s?%")
_LONGEST = 33
"""Digits of the largest number with a name; more are said one by one."""


def before(text: str) -> str:
    """What Hibari's normaliser would misread, in a form that it reads."""
    text = digit_groups.grouped(text)
    text = _ALWAYS.sub("twenty four seven", text)
    text = _HALVES.sub("fifty fifty", _RATING.sub(_rated, text))
    text = _HEIGHT.sub(r"\1 foot \2", text)
    text = _BILLION.sub(" billion", _POINT.sub("point ", text))
    text = _SPAN.sub(" to ", _POINTED_TIME.sub(":", text))
    text = _CLOCK.sub(lambda at: f"{at[1]} {at[2].upper()}.M{'.' if at[0].endswith('.') else ''}", text)
    text = _CURRENCY.sub(lambda sum: f"{sum[2] or sum[3]} {_CURRENCIES[sum[1] or sum[4]]}", text)
    text = _FEET.sub(lambda size: f"{size[1]} {'inches' if size[2] in _INCHES else 'feet'}", text)
    text = _AGE.sub(
        " years old",
        _HOURS_AND_MINUTES.sub(
            lambda time: f"{time[1]} {_counted('hour', time[1])} {time[2]}", _UNIT_STOP.sub(r"\1", text)
        ),
    )
    text = _MONEY_RANGE.sub(r"\2 to \1\3", text)
    text = _RANGE.sub(r"\1 to \2", text)
    text = _MONEY_COMMA.sub(r"\1\2.\3", text)
    text = _MONEY_BEHIND.sub(lambda match: f"{match[2]}{_pointed(match[1])}", text)
    text = _MONEY_BLANK.sub(r"\1", text)
    text = _DECIMAL_COMMA.sub(r"\1.\2", text)
    text = _UNITS.sub(lambda unit: unit[0].lower(), text)
    text = _SPEED.sub(" meters per second", text)
    text = _SQUARE.sub(lambda unit: f" {'square' if unit[2] == '²' else 'cubic'} {_PREFIX[unit[1]]}meters", text)
    for pattern, unit in (
        (_METRES, "meter"),
        (_LITRES, "liter"),
        (_GRAMS, "gram"),
        (_SECONDS, "second"),
        (_HOURS, "hour"),
    ):
        text = pattern.sub(lambda match, unit=unit: f"{match[1]} {unit}{'' if match[1] == '1' else 's'}", text)  # type: ignore[misc]
    text = _MILLIONS.sub(r"\1 million", _THOUSANDS.sub(r"\1 thousand", _VERSION.sub("version ", text)))
    text = _ABOUT.sub("about ", _SUM.sub(" plus ", text))
    text = _BY.sub(" by ", text)
    text = _PRODUCT.sub(" times ", text)
    text = _TIMES.sub(lambda match: f"{match[1]} {_counted('time', match[1])}", text)
    return _MINUS.sub("minus ", text)


_SHORT_UNITS = (
    (_METRES, "meter"), (_LITRES, "liter"), (_GRAMS, "gram"), (_SECONDS, "second"), (_HOURS, "hour")
)  # fmt: skip
_PREFIX = {"k": "kilo", "c": "centi", None: ""}


def after(text: str) -> str:
    """Every number that is left, in words."""
    text = _AMOUNT.sub(_amount, text)
    text = _PERCENT.sub(" percent", text)
    text = _DECADE.sub(_decade, text)
    text = _SHORT_YEAR.sub(lambda match: _two(match[1]), text)
    text = _ORDINAL.sub(lambda match: _plain(words.ordinal(int(match[1].replace(",", "")))), text)
    text = _MANY_POINTS.sub(lambda match: " point ".join(_number(part) for part in match[0].split(".")), text)
    text = _MIXED.sub(_mixed, text)
    text = _PLAIN.sub(lambda match: _decimal(match[1] or "", match[2] or "") if match[0] else "", text)
    return _DIGITS.sub(lambda match: f" {_number(match[0])} ", text)


def _plain(written: str) -> str:
    """As people say it: "two hundred five", without hyphens, commas and "and"."""
    return " ".join(word for word in re.split(r"[^a-z]+", written) if word and word != "and")


def _rated(match: re.Match[str]) -> str:
    mark, of = [group for group in match.groups() if group]
    return f"{mark} out of {of}"


def _pointed(written: str) -> str:
    """ "1.200,50" and "5,50" with a point."""
    return re.sub(r"[.,](?=\d{3})", "", written).replace(",", ".")


def _number(digits: str) -> str:
    """A whole number: digits one by one where it begins with 0 or is beyond all names, a year where it may be one."""
    plain = digits.replace(",", "")
    if (plain[0] == "0" and len(plain) > 1) or len(plain) > _LONGEST:
        return " ".join(words.ONES[int(digit)] for digit in plain)
    if len(digits) == 4 and digits.isdigit() and "1001" <= digits <= "2199":
        return _plain(words.year(int(digits)))
    return _plain(words.cardinal(int(plain)))


def _decimal(integer: str, fraction: str) -> str:
    """Every digit behind the point is said, also a last zero."""
    behind = " ".join(words.ONES[int(digit)] for digit in fraction[1:])
    return f"{_number(integer) if integer else ''}{f' point {behind}' if behind else ''}".strip()


def _amount(match: re.Match[str]) -> str:
    unit, small = _MONEY_SIGNS[match[1]]
    integer, cents = (match[2] or "").replace(",", ""), match[3] or ""
    if not integer and not cents:
        return f" {unit}s "
    if len(integer) > _LONGEST or (cents and len(cents) != 2):
        return f"{_decimal(integer, '.' + cents if cents else '')} {unit}s"
    parts = []
    if int(integer or 0) or not int(cents or 0):
        parts.append(f"{_plain(words.cardinal(int(integer or 0)))} {_counted(unit, int(integer or 0))}")
    if int(cents or 0):
        parts.append(f"{_plain(words.cardinal(int(cents)))} {_counted(small, int(cents))}")
    return " and ".join(parts)


def _counted(unit: str, count: int | str) -> str:
    return unit if str(count) == "1" else _PLURALS.get(unit, f"{unit}s")


def _decade(match: re.Match[str]) -> str:
    century = _plain(words.cardinal(int(match[1]))) + " " if match[1] else ""
    if match[2] == "00":
        return ("two thousand" if match[1] == "20" else f"{century}hundred") + "s"
    tens = "tens" if match[2] == "10" else words.TENS[int(match[2][0])][:-1] + "ies"
    return century + tens


def _two(digits: str) -> str:
    return f"oh {words.ONES[int(digits[1])]}" if digits[0] == "0" else _plain(words.cardinal(int(digits)))


def _mixed(match: re.Match[str]) -> str:
    """Digits among letters: "MP three", "F sixteen", "B two B"."""
    pieces = re.findall(r"\d+|[^\W\d_]+", match[0])
    return " ".join(_number(piece) if piece.isdigit() else _letters(piece) for piece in pieces)


def _letters(piece: str) -> str:
    """Two capitals beside a number are letters, even where they make a word: "PS five"."""
    return spelled(piece) if len(piece) == 2 and piece.isupper() else piece
