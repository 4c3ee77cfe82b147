"""Open-vocabulary labels as data sets write them: `"['happy', 'relieved']"`."""

import re
from collections.abc import Iterable

from affekt_metrics.pairs import tidied

SEPARATORS = re.compile("""['",]""")


def parse(written: str | Iterable[str]) -> tuple[str, ...]:
    """The words of a written list, or of a list; blanks and empty items are dropped.

    As MERTools reads them, an apostrophe separates too, so that "don't care" is two words.
    """
    if not isinstance(written, str):
        return tuple(tidied(written))
    return tuple(tidied(SEPARATORS.split(written.strip().removeprefix("[").removesuffix("]"))))


def parse_groups(written: str | Iterable[Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    """Synonym groups: `"[['joyful', 'happy'], ['sad']]"`, or the lists themselves."""
    if not isinstance(written, str):
        return tuple(parse(group) for group in written)
    inner = written.strip().removeprefix("[").removesuffix("]")
    groups = [parse(group) for group in re.findall(r"\[([^\[\]]*)\]", inner)]
    return tuple(group for group in groups if group)
