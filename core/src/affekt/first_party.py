"""What the project's own distributions offer: answers a name that is not installed with what to install.

`first_party.yaml` lists it, for names that no installed distribution offers; a test keeps it equal to the workspace.
Plugins of others are not in it, and need not be.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

NAMED = 2
"""How many distributions `pip_install` names one by one; a part of `affekt` that has them all stands for more."""


def distributions_of(kind: str, name: str) -> tuple[str, ...]:
    """The distribution that offers a name, then the others that a pipeline of this name needs; empty for none."""
    found = _table().get(kind, {}).get(name, ())
    return (found,) if isinstance(found, str) else tuple(found)


def names_of(kind: str) -> Iterator[str]:
    """All names of a kind that the project's distributions offer."""
    yield from _table().get(kind, {})


def pip_install(distributions: Iterable[str]) -> str:
    """One command that installs these: `pip install affekt-hubert`, `pip install "affekt[emotion-llama]"`."""
    wanted = sorted(set(distributions))
    always = set(_table()["parts"]["affekt"])
    parts = {part: always | set(added) for part, added in _table()["parts"].items()}
    sufficient = [part for part, content in parts.items() if content.issuperset(wanted)]
    if len(wanted) <= NAMED or not sufficient:
        return f"pip install {' '.join(wanted)}"
    smallest = min(sufficient, key=lambda part: len(parts[part]))
    return f'pip install "{smallest}"' if "[" in smallest else f"pip install {smallest}"


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = yaml.safe_load(files("affekt").joinpath("first_party.yaml").read_text(encoding="utf-8"))
    return table
