"""Chinese text to phonemes, by misaki, where it is installed: `pip install "affekt-kokoro[chinese]"`."""

import logging
import re
from functools import lru_cache
from typing import Any

from affekt.errors import DataError, MissingDependency

_SENTENCE = re.compile(r"(?<=[。！？!?；\n])")
_CHARACTER = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")


@lru_cache(maxsize=1)
def reader() -> Any:
    """Words to phonemes with tones, as Kokoro v1.0 learnt them.

    Raises:
        MissingDependency: misaki is not installed.
    """
    try:
        from misaki.zh import ZHG2P  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingDependency(
            f"Chinese is read by misaki, which cannot be imported: {error}", hint='pip install "affekt-kokoro[chinese]"'
        ) from error
    logging.getLogger("jieba").setLevel(logging.WARNING)  # it would say how long its dictionary took
    return ZHG2P()


def phonemes_of(text: str) -> list[str]:
    """Phonemes of each sentence.

    Raises:
        DataError: letters that are no Chinese characters.
        MissingDependency: misaki is not installed.
    """
    foreign = sorted({sign for sign in text if sign.isalpha() and not _CHARACTER.match(sign)})
    if foreign:
        raise DataError(
            f"kokoro reads Chinese here, and cannot pronounce {' '.join(foreign[:10])}", hint="Chinese characters"
        )
    sentences = [sentence.strip() for sentence in _SENTENCE.split(text)]
    read = [reader()(sentence)[0].strip() for sentence in sentences if _spoken(sentence)]
    return [phonemes for phonemes in read if any(sound.isalpha() for sound in phonemes)]


def _spoken(sentence: str) -> bool:
    return any(sign.isalnum() for sign in sentence)
