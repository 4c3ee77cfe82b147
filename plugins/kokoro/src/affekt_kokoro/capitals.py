"""Words in capitals, and drawn-out ones: which are said, and which are spelled."""

import re
from itertools import product

from affekt_kokoro.dictionary import is_word, known_form

_CAPITALS = re.compile(r"(?<![\w.@#/&-])(?:A|[A-Z]{2,})(?:['’][A-Z]{1,2})?(?![\w@/&]|\.[A-Za-z])")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_DRAWN_OUT = re.compile(r"(?<![\w.@#/])[A-Za-z]*([A-Za-z])\1{2,}[A-Za-z]*(?![\w@/])", re.IGNORECASE)
_ROMAN = re.compile(r"[IVXLCDM]+")
_BREAK = re.compile(r"[.!?\n]")

SPELLED = frozenset({"US", "ID", "AI", "LA", "UN", "PR", "MA", "PA"})
"""Acronyms whose letters also make a word: spelled unless everything around is in capitals, too."""
SPELLED_AFTER = {
    "IT": frozenset(["the", "an", "our", "your", "their", "my", "his", "her", "in", "of", "from", "for"]),
    "WHO": frozenset({"the"}),
    "SAT": frozenset(["the", "my", "her", "his", "an"]),
    "LED": frozenset(["the", "an", "a"]),
}
"""Acronyms that are spelled after these words only."""
_DEPARTMENT = frozenset([
    "department", "support", "team", "guy", "guys", "security", "staff", "manager", "specialist", "industry"
])  # fmt: skip


def lowered(text: str) -> str:
    """Shouted words as words: "GET OUT" is said, "FBI" is spelled, "NASA" is a word of the dictionary."""
    words = list(_WORD.finditer(text))
    number_at = {word.start(): number for number, word in enumerate(words)}

    def read(match: re.Match[str]) -> str:
        number = number_at.get(match.start())
        if number is None:
            return match[0]
        before = _neighbour(text, words, number, -1)
        after = _neighbour(text, words, number, 1)
        return _read(match[0], before, after, number == 0 or before is None)

    return _CAPITALS.sub(read, text)


def spelled(word: str) -> str:
    """The word as Hibari spells it whatever it means, and without a stop that would end the sentence."""
    return ".".join(word)


def _neighbour(text: str, words: list[re.Match[str]], number: int, step: int) -> str | None:
    """The next word of the same sentence."""
    if not 0 <= number + step < len(words):
        return None
    first, second = sorted((words[number], words[number + step]), key=lambda word: word.start())
    return None if _BREAK.search(text, first.end(), second.start()) else words[number + step][0]


def _read(word: str, before: str | None, after: str | None, begins: bool) -> str:
    stem = re.split("['’]", word)[0]
    if not is_word(word) and not is_word(stem):
        return word
    shouted = any(_is_shouted(other) for other in (before, after))
    if word == "A":  # an article, not the letter
        return "a" if shouted and before else word
    if not shouted and (stem in SPELLED or (stem in SPELLED_AFTER and _is_acronym(stem, before, after))):
        return spelled(stem) + word[len(stem) :].lower()
    form = known_form(word)
    return form[:1].upper() + form[1:] if begins else form


def _is_shouted(word: str | None) -> bool:
    """In capitals, and a word that nobody writes so unless shouting."""
    return word is not None and len(word) > 1 and word.isupper() and is_word(word) and word not in SPELLED


def _is_acronym(word: str, before: str | None, after: str | None) -> bool:
    return (before or "").lower() in SPELLED_AFTER[word] or (word == "IT" and (after or "") in _DEPARTMENT)


def shortened(text: str) -> str:
    """Drawn-out words in the spelling of the dictionary: "sooo" is "so", "cooool" is "cool"."""
    return _DRAWN_OUT.sub(lambda match: _shortened(match[0]), text)


def _shortened(word: str) -> str:
    if is_word(word, exactly=True) or _ROMAN.fullmatch(word) or len(set(word.lower())) == 1:
        return word
    runs = [run[0] for run in re.finditer(r"([A-Za-z])\1*", word, re.IGNORECASE)]
    options = [(run[:2], run[:1]) if len(run) > 2 else (run,) for run in runs]
    spellings = ["".join(choice) for choice in product(*options[:8])] if len(options) <= 24 else []
    best = next((spelling for spelling in spellings if is_word(spelling)), None)
    return best or "".join(run[:2] for run in runs)
