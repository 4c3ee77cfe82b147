"""Faults of wording in descriptions that a model would learn to imitate: leaked numbers, codes and stock phrases."""

import re

QUOTED = re.compile(r"[“\"][^”\"]*[”\"]")
FAULTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("an action unit's code", re.compile(r"\bAU ?\d{1,2}\b", re.IGNORECASE)),
    ("a number", re.compile(r"\d")),
    ("a bracket", re.compile(r"[()\[\]{}<>]")),
    ("markup", re.compile(r"[*_#`|]{1,3}\w|</?\w+>")),
)
STOCK = re.compile(
    r"\b(as an ai|language model|i cannot|i can't|i'm sorry|it is important to note|it's worth noting|in conclusion|"
    r"in summary|a complex interplay|a testament to|delves? into|a rich tapestry|based on the (?:provided|given)|"
    r"the (?:provided|given) (?:clues|information|data|label)|a (?:wide )?range of emotions|sense of unease)\b",
    re.IGNORECASE,
)


def faults(sentence: str) -> tuple[str, ...]:
    """Every fault of a sentence; quotations are what was said, and have none."""
    bare = QUOTED.sub("", sentence)
    names = [name for name, pattern in FAULTS if pattern.search(bare)]
    if "an action unit's code" in names and not re.search(r"\d", re.sub(r"\bAU ?\d+\b", "", bare, flags=re.IGNORECASE)):
        names.remove("a number")  # the code's own digits
    if stock := STOCK.search(bare):
        names.append(f"a stock phrase: {stock[0].lower()}")
    return tuple(names)
