"""Texts as people write them beside the words that should be heard: `data/written_and_spoken.jsonl`."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from affekt_kokoro.dictionary import is_word

_TOKEN = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_](?!\w)|[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True)
class Example:
    """A text as people write it, and the words that should be heard."""

    written: str
    words: str
    """Lower case, no punctuation; a letter that is spelled is a word."""


def examples() -> Iterator[Example]:
    """The rows of the table."""
    text = files("affekt_kokoro").joinpath("data/written_and_spoken.jsonl").read_text(encoding="utf-8")
    for line in text.splitlines():
        row = json.loads(line)
        yield Example(row["written"], row["spoken"])


def words_heard(normalised: str) -> str:
    """The words of a normalised text as the table writes them: spelled words letter by letter."""
    words: list[str] = []
    for token in _TOKEN.findall(normalised):
        plain = token.replace("’", "'")
        if "." in plain:
            words += plain.lower().replace(".", "")
        elif spelled := re.fullmatch(r"([A-Z]{2,}?)(s?)", plain) if not is_word(plain) else None:
            letters = list(spelled[1].lower())
            words += [*letters[:-1], letters[-1] + spelled[2]]
        else:
            words.append(plain.lower())
    return " ".join(words)
