"""English text to sentences of phonemes, by Hibari's port of misaki: numbers, dates, money and units are read out."""

import re
import unicodedata
from functools import lru_cache

from affekt.errors import DataError
from hibari.g2p import G2P
from hibari.g2p.normalize import normalize
from hibari.tts import Hibari

LANGUAGES = ("en",)
_CLAUSE = re.compile(r"(?<=[,;:—])\s+")


@lru_cache(maxsize=1)
def _reader() -> G2P:
    return G2P()


def sentences(text: str, language: str, longest: int) -> list[str]:
    """Phonemes of each sentence, none longer than `longest`. Emoji and other symbols without a reading are passed over.

    Raises:
        DataError: another language, or nothing in the text can be spoken.
    """
    if language.split("-")[0].lower() not in LANGUAGES:
        raise DataError(f'kokoro does not speak "{language}"', hint=f"language {', '.join(LANGUAGES)}")
    if foreign := sorted({sign for sign in text if sign.isalpha() and not _is_latin(sign)}):
        shown = " ".join(foreign[:10])
        raise DataError(f"kokoro reads English and cannot pronounce {shown}", hint="text in Latin letters")
    # Abbreviations are written out first: the full stop of "Jan. 5th" ends no sentence.
    written_out = "\n".join(normalize(line) for line in text.splitlines())
    read = [_read(sentence) for sentence in Hibari.split_sentences(written_out)]
    spoken = [phonemes for phonemes in read if any(sound.isalpha() for sound in phonemes)]
    if not spoken:
        found = f"{text[:40]!r}" if text.strip() else "no text"
        raise DataError(f"there is nothing to say: found {found}", hint="a text with words or numbers")
    return [piece for phonemes in spoken for piece in _pieces(phonemes, longest)]


def _read(sentence: str) -> str:
    # T is the American flap of "letter". The voices are Japanese and flap it so softly that it is heard as "ladder".
    return str(_reader()(sentence)).strip().replace("T", "t")


def _is_latin(letter: str) -> bool:
    # Unicode names the script first; ª and º are letters too, and are read as symbols.
    return unicodedata.name(letter, "").startswith(("LATIN", "FEMININE", "MASCULINE", "MODIFIER"))


def _pieces(phonemes: str, longest: int) -> list[str]:
    """Splits what the network cannot take at once: at clauses, else at words, else anywhere."""
    if len(phonemes) <= longest:
        return [phonemes]
    for parts in (_CLAUSE.split(phonemes), phonemes.split(" ")):
        if len(parts) > 1:
            middle = _nearest_to_middle(parts)
            first, second = " ".join(parts[:middle]), " ".join(parts[middle:])
            return [*_pieces(first, longest), *_pieces(second, longest)]
    return [phonemes[start : start + longest] for start in range(0, len(phonemes), longest)]


def _nearest_to_middle(parts: list[str]) -> int:
    """How many of the parts make about half of the whole; at least one, and not all."""
    half = sum(map(len, parts)) / 2
    lengths = [sum(len(part) for part in parts[:count]) for count in range(1, len(parts))]
    return 1 + min(range(len(lengths)), key=lambda count: abs(lengths[count] - half))
