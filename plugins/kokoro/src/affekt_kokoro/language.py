"""Finds out that a text is not in English, so that it is not read by English rules without a word."""

import re
from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]

from affekt_kokoro.dictionary import is_word

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LAUGHTER = re.compile(r"[bm]?w?a?(?:h+[aeiou]+)+h*")
_KNOWN = 0.75
"""Share of the words that an English text has in the dictionary at least; the others are names and slang."""
_FOREIGN, _LIKELY = 0.4, 0.35
_SURE = 0.7
"""Where less than `_FOREIGN` of the words are English, another language is believed from `_LIKELY` on, else from
`_SURE`. Lists of names stay far below."""
_LIKE_ENGLISH = frozenset({"en", "pcm"})
"""English, and the Pidgin of Nigeria, which shares its words."""


def other_language(text: str) -> str | None:
    """ISO 639 code of the language that a text is in, where that is clearly not English; None else.

    The dictionary decides first: nobody waits for the identifier whose words are English.
    """
    words = [word for word in _WORD.findall(text) if len(word) > 1 and not _is_laughter(word)]
    share_known = sum(map(is_word, words)) / len(words) if words else 1.0
    if share_known > _KNOWN:
        return None
    language, probability = _identifier().classify(text.lower())
    believed = probability >= (_LIKELY if share_known < _FOREIGN else _SURE)
    return str(language) if believed and language not in _LIKE_ENGLISH else None


def _is_laughter(word: str) -> bool:
    """ "hahaha" and "hehe" are in no language."""
    return len(word) > 3 and _LAUGHTER.fullmatch(word.lower()) is not None


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
