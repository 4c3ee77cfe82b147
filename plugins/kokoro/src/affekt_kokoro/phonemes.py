"""Words to sentences of phonemes, by Hibari's port of misaki. `normalisation` says which words; `chinese` is apart."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from affekt.errors import DataError
from hibari.tts import Hibari  # type: ignore[import-untyped]

from affekt_kokoro.chinese import phonemes_of
from affekt_kokoro.dictionary import reader
from affekt_kokoro.markup import Piece, pieces
from affekt_kokoro.normalisation import spoken

LANGUAGES = ("en", "zh")
OTHERS = {
    "es": "Spanish",
    "fr": "French",
    "hi": "Hindi",
    "it": "Italian",
    "ja": "Japanese",
    "pt": "Portuguese",
}
"""Languages of voices, which say English with their accent: there are no phonemes for the languages themselves."""
LONGEST_TEXT = 20_000
"""Characters: about twenty minutes of speech, which a request gives back as one sound."""
_VOWELS = "AIOQWYaeiouæɑɐɒɔəɚɛɜɪʊʌᵊᵻ"
_VOWEL = re.compile(f"[{_VOWELS}]")
_STRESSED = re.compile(f"ˈ[{_VOWELS}]")
_WORD = re.compile(r"(?<!\w)[^\W\d_]+(?:['’][^\W\d_]+)*(?!\w)")
_CLAUSE = re.compile(r"(?<=[,;:—])\s+")
_ENDLESS_WORD = re.compile(r"[^\W\d_]{25,}")
"""Hibari forgets what comes after 24 letters of a word it does not know."""


@dataclass(frozen=True)
class Sentence:
    """What the network says at once."""

    phonemes: str
    pause: float = 0.0
    """Seconds of silence asked for after it."""


def sentences(text: str, language: str, longest: int, *, british: bool = False) -> list[Sentence]:
    """Phonemes of each sentence, none longer than `longest`. Emoji and other symbols without a reading are passed over.

    `text` may hold the two elements of `markup`: a break ends a sentence, and emphasised words are lengthened.

    Args:
        british: words are said as the British say them; else as Americans do.

    Raises:
        DataError: another language, nothing in the text can be spoken, it is too long, or a tag is not understood.
    """
    if (plain := language.split("-")[0].lower()) not in LANGUAGES:
        has_voices = f", though it has voices of {OTHERS[plain]}" if plain in OTHERS else ""
        raise DataError(
            f'kokoro does not speak "{language}": it knows no phonemes for it{has_voices}',
            hint=f"language {', '.join(LANGUAGES)}",
        )
    if len(text) > LONGEST_TEXT:
        raise DataError(
            f"the text has {len(text):,} characters, and kokoro speaks {LONGEST_TEXT:,} at once", hint="several parts"
        )
    parts = list(pieces(text))
    if plain == "zh":
        return _spoken(parts, text, lambda stretch: _chinese(stretch, longest))
    letters = {sign for part in parts for sign in unicodedata.normalize("NFKC", part.text) if sign.isalpha()}
    if foreign := sorted(sign for sign in letters if not _is_latin(sign)):
        shown = " ".join(foreign[:10])
        raise DataError(f"kokoro reads English and cannot pronounce {shown}", hint="text in Latin letters")
    return _spoken(parts, text, lambda stretch: _stretch(stretch, longest, british))


def _spoken(parts: Sequence[Piece], text: str, read: Callable[[Sequence[Piece]], list[Sentence]]) -> list[Sentence]:
    """The sentences of all stretches, with the breaks between them."""
    spoken: list[Sentence] = []
    for stretch in _between_breaks(parts):
        spoken += read(stretch)
        if spoken and (pause := stretch[-1].pause):
            spoken[-1] = replace(spoken[-1], pause=spoken[-1].pause + pause)
    if not spoken:
        given = f"{text[:40]!r}" if text.strip() else "no text"
        raise DataError(f"there is nothing to say: found {given}", hint="a text with words or numbers")
    return spoken


def _chinese(parts: Sequence[Piece], longest: int) -> list[Sentence]:
    """Sentences without a break between; emphasis is passed over."""
    read = phonemes_of("".join(part.text for part in parts))
    return [Sentence(piece) for phonemes in read for piece in _pieces(phonemes, longest)]


def words(text: str) -> str:
    """The words that are spoken, without marks of emphasis; a line a paragraph.

    Raises:
        DataError: a tag is not understood.
    """
    parts = (words_of(part.text) if part.text else " " for part in pieces(text))
    return re.sub(" {2,}", " ", "".join(parts)).strip()


def _between_breaks(parts: Sequence[Piece]) -> Iterator[list[Piece]]:
    stretch: list[Piece] = []
    for part in parts:
        stretch.append(part)
        if part.pause:
            yield stretch
            stretch = []
    if stretch:
        yield stretch


def _stretch(parts: Sequence[Piece], longest: int, british: bool) -> list[Sentence]:
    """Sentences without a break between."""
    # Abbreviations are written out first: the full stop of "Jan. 5th" ends no sentence.
    plain = ((words_of(part.text), part.emphasised) for part in parts)
    written = "".join(_emphasised(words, british) if emphasised else words for words, emphasised in plain)
    read = [_read(sentence, british) for sentence in Hibari.split_sentences(written)]
    spoken = [phonemes for phonemes in read if any(sound.isalpha() for sound in phonemes)]
    return [Sentence(piece) for phonemes in spoken for piece in _pieces(phonemes, longest)]


def words_of(text: str) -> str:
    """The words of a piece of text; very long ones in parts that Hibari reads whole."""
    return _ENDLESS_WORD.sub(_in_parts, spoken(text))


def _in_parts(word: re.Match[str]) -> str:
    if reader().lexicon.is_known(word[0].lower(), "NN"):
        return word[0]
    count = -(-len(word[0]) // 24)
    edges = [len(word[0]) * part // count for part in range(count + 1)]
    return "-".join(word[0][begin:end] for begin, end in pairwise(edges))


def _emphasised(text: str, british: bool) -> str:
    """Each word with its own phonemes, the stressed vowel long and no longer secondary."""

    def stressed(word: re.Match[str]) -> str:
        strong = _read(word[0], british).replace("ˌ", "ˈ")
        strong = strong if "ˈ" in strong else _VOWEL.sub(r"ˈ\g<0>", strong, count=1)
        long = _STRESSED.sub(r"\g<0>ː", strong)
        return f"[{word[0]}](/{long}/)"

    return _WORD.sub(stressed, text)


def _read(sentence: str, british: bool) -> str:
    return str(reader(british=british)(sentence, normalize_text=False)).strip()


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
