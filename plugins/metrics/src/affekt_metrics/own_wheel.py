"""The built-in wheel: ours, small, and only for when the official release is not at hand."""

import json
from functools import cache
from importlib import resources

from affekt_metrics.wheels import Wheel, Wheels, compile_wheels


@cache
def own_wheels() -> Wheels:
    """One wheel of eight inner clusters; `own_wheel.json` lists words under middle under inner clusters."""
    wheel = read()
    candidates: dict[str, set[str]] = {}
    for inner, middles in wheel.items():
        for middle, words in middles.items():
            for word in words:
                candidates.setdefault(word, set()).add(word)
            candidates.setdefault(middle, set()).add(middle)
        candidates.setdefault(inner, set()).add(inner)
    return compile_wheels("affekt's built-in wheel", [wheel], {form: sorted(c) for form, c in candidates.items()})


def read() -> Wheel:
    """The wheel of affekt's own words."""
    text = resources.files("affekt_metrics").joinpath("own_wheel.json").read_text(encoding="utf-8")
    wheel: Wheel = json.loads(text)
    return wheel
