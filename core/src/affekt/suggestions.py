"""Did you mean: the nearest known name for a misspelt one."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(wrong: str, names: Iterable[str]) -> str:
    """`'. Did you mean "hubert"?'`, or nothing when no known name is near."""
    near = get_close_matches(wrong, list(names), n=1, cutoff=0.6)
    return f'. Did you mean "{near[0]}"?' if near else ""
