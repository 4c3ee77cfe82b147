"""What a text carries for the eye, taken out before it is read: signs of no width, emoji, Markdown, line ends.

Stage directions ("[laughs]") go the same way; which words make one is `directions`' work.
"""

import re
import unicodedata
from collections.abc import Iterator

from affekt_kokoro.directions import is_direction

_UNSEEN = dict.fromkeys((0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF))
"""Soft hyphens, zero-width blanks and joiners, marks of direction."""
_KEPT = "…²³™®©°ªº№½¼¾⅓⅔⅛⅜⅝⅞"
"""Compatibility signs that have a reading of their own."""
_LINE_END = re.compile("\r\n|[\r\u2028]")
_BLANKS = re.compile(r"[ \t]{2,}")
_FRACTION = re.compile(r"(\d)([½¼¾⅓⅔⅛⅜⅝⅞])")
_HALF = re.compile(r"(?<![\d\w])½-(?=[a-z])")
_NARROW = re.compile(r"(?<=\d)[\u00a0\u2009\u202f](?=\d{3}(?!\d))")
"""Blanks that keep thousands together."""
_RAISED = re.compile("(?<=[0-9])[⁰¹⁴⁵⁶⁷⁸⁹][⁰¹²³⁴⁵⁶⁷⁸⁹]*|(?<=[0-9])[²³][⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_NOTE = re.compile("(?<=[a-z]{3})[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_ENTITIES = {"&amp;": "&", "&quot;": '"', "&apos;": "'", "&#39;": "'", "&nbsp;": " "}
_ENTITY = re.compile("|".join(_ENTITIES))
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])[`´ʼ′](?=[^\W\d_])")
_EMOTICON = re.compile(
    r"(?<!\S)(?:[:;=8][-'^]?[)(\]\[DPpOo3/\\|*]+|<3+|</3|[xX]D+|\^_*\^|-_+-|T_T|¯\\_\(ツ\)_/¯)(?=[\s.,!?]|$)"
)
_CODE = re.compile(r"`+([^`\n]+)`+")
_LINK = re.compile(r"!?\[([^\[\]\n]+)\]\([^)\s]*\)")
_STRONG = re.compile(r"(?<![\w*_~])(\*{1,3}|_{1,3}|~~)(?=\S)([^*_~\n]+?)(?<=\S)\1(?![\w*_~])")
_HEAD = re.compile(r"[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|(?:[-*+•‣·–][ \t]+|\d{1,3}[.)][ \t]+(?=[^\W\d_])))")
_RULE = re.compile(r"[ \t]*(?:[-*_=][ \t]*){3,}")
_CITATION = re.compile(r"(?<=\S)\s?\[\d+(?:[-–, ]+\d+)*\]")
_PARAGRAPH = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_ENDS = tuple(".!?:;,…—–\"”'’)")
_LOOSE = frozenset([
    "a", "an", "and", "as", "at", "but", "by", "for", "from", "if", "in", "into", "is", "its", "my", "no",
    "not", "of", "on", "or", "our", "so", "than", "that", "the", "their", "this", "to", "was", "we", "were",
    "with", "your", "you", "i", "he", "she", "it", "they", "who", "which", "are", "be", "been", "has", "have",
    "had", "will", "would", "can", "could"
])  # fmt: skip
"""Words after which no phrase ends."""
_LONG_LINE = 40
"""Characters: a line of so many was wrapped, whatever begins the next one."""

_DIRECTION = re.compile(
    r"[ \t]*(?:\[(?P<square>[^\[\]\n]{1,60})\]|\((?P<round>[^()\n]{1,60})\)"
    r"|(?<![\w*])\*(?P<star>[^*\n]{1,60})\*(?![\w*]))"
)


def cleaned(text: str) -> str:
    """The text for the ear: each line a paragraph, or an item of a list."""
    return "\n".join(paragraph for paragraph in _paragraphs(_plain(text)) if paragraph.strip())


def _plain(text: str) -> str:
    text = _LINE_END.sub("\n", text.translate(_UNSEEN)).replace("\u2029", "\n\n")
    text = _APOSTROPHE.sub("’", _ENTITY.sub(lambda match: _ENTITIES[match[0]], text))
    text = _NARROW.sub(",", _HALF.sub("half-", text))
    text = _RAISED.sub(lambda power: f"^{unicodedata.normalize('NFKC', power[0])}", _NOTE.sub("", text))
    text = unicodedata.normalize("NFC", _FRACTION.sub(r"\1 and \2", text))
    text = "".join(sign if sign in _KEPT else unicodedata.normalize("NFKC", sign) for sign in text)
    text = _BLANKS.sub(" ", text)
    text = _EMOTICON.sub(" ", text)
    text = _CITATION.sub("", text)
    text = _DIRECTION.sub(_without_direction, _CODE.sub(r"\1", _LINK.sub(r"\1", text)))
    for _ in range(2):  # bold within italics
        text = _STRONG.sub(r"\2", text)
    return "".join(" " if _is_picture(sign) else sign for sign in text)


def _is_picture(sign: str) -> bool:
    pictures = ("So", "Sk", "Mn", "Me", "Co", "Cn")
    return not sign.isascii() and sign not in _KEPT and unicodedata.category(sign) in pictures


def _without_direction(match: re.Match[str]) -> str:
    square, inside = match["square"], match["square"] or match["round"] or match["star"]
    if is_direction(inside, "[" if square else match[0].strip()[0]):
        return ""
    return match[0].replace("[", "").replace("]", "") if square else match[0]


def _paragraphs(text: str) -> Iterator[str]:
    for block in _PARAGRAPH.split(text.strip("\n")):
        joined = ""
        for line in block.split("\n"):
            if _RULE.fullmatch(line):
                continue
            head = _HEAD.match(line)
            if head and not head[0].lstrip().startswith(">"):
                yield joined
                joined = line[head.end() :]
                if head[0].lstrip().startswith("#"):
                    yield joined
                    joined = ""
            else:
                joined = _joined(joined, line[head.end() :] if head else line)
        yield joined


def _joined(before: str, line: str) -> str:
    """The line after what came before: a wrapped line goes on, a short one before a capital is a phrase of its own."""
    before, line = before.rstrip(), line.strip()
    if not before or not line:
        return before or line
    if before.endswith("-") and before[-2:-1].isalpha() and line[:1].islower():
        return before + "\n" + line  # one word or two: the dictionary decides
    last = re.sub(r"\W", "", before.split()[-1]).lower()
    goes_on = line[0].islower() or before.endswith(_ENDS) or last in _LOOSE
    wrapped = goes_on or len(before.rpartition("\n")[2]) >= _LONG_LINE
    return before + (" " if wrapped else ", ") + line
