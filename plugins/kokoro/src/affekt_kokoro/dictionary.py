"""The dictionary of English words and their sounds, misaki's as it comes with Hibari."""

from functools import lru_cache

from hibari.g2p import G2P  # type: ignore[import-untyped]


@lru_cache(maxsize=2)
def reader(*, british: bool = False) -> G2P:
    """The reader that turns letters into phonemes."""
    return G2P(british=british)


def is_word(written: str, *, exactly: bool = False) -> bool:
    """Whether the dictionary has the word in any case, also with "s", "ed" or "ing", unless `exactly`."""
    plain = written.lower().replace("’", "'")
    lexicon = reader().lexicon
    if plain in ("a", "i") or plain in lexicon.golds or plain in lexicon.silvers:
        return True
    if exactly or len(plain) < 4:
        return False
    endings = (lexicon.stem_s, lexicon.stem_ed, lexicon.stem_ing)
    return any(ending(plain, "NN", None, None)[0] for ending in endings)


def known_form(written: str) -> str:
    """A word in capitals as the dictionary writes it: "MY" is "my", "JOHN" is "John"."""
    plain, lexicon = written.lower(), reader().lexicon
    if plain in ("i", "i'm", "i’m", "i'll", "i’ll", "i've", "i’ve", "i'd", "i’d"):
        return "I" + plain[1:]
    for words in (lexicon.golds.d, lexicon.silvers.d):
        if plain in words:
            return plain
        if plain.capitalize() in words:
            return plain.capitalize()
    return plain
