"""What the project's own distributions offer: answers a name that is not installed with what to install.

`first_party.yaml` lists it, for names that no installed distribution offers; a test keeps it equal to the workspace.
Plugins of others are not in it, and need not be.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from affekt.registry import Registry

NAMED = 2
"""How many distributions `pip_install` names one by one; a part of `affekt` that has them all stands for more."""


@dataclass(frozen=True, kw_only=True)
class Absence:
    """Why a name of the project's own is not offered here."""

    message: str
    hint: str
    not_installed: tuple[str, ...]
    """The distributions that are to be installed; empty where the one that has the name is installed and fails."""


def why_absent(kind: str, name: str, registry: "Registry") -> Absence | None:
    """Why nothing installed offers this name; None where the project has none either.

    Args:
        kind: a role, or "pipeline", "weights" or "command".
    """
    distributions = distributions_of(kind, name)
    if not distributions:
        return None
    owner, what = distributions[0], f'the {kind} "{name}"'
    for failure in registry.failures:
        if canonicalize_name(failure.distribution) == owner:
            message = f"{what} comes with {owner}, which cannot be loaded: {failure.error.message}"
            return Absence(message=message, hint="affekt doctor", not_installed=())
    installed = registry.distributions()
    if owner in installed:
        message = f"{what} comes with {owner}, and the version that is installed lacks it"
        return Absence(message=message, hint=f"pip install --upgrade {owner}", not_installed=())
    lacking = tuple(distribution for distribution in distributions if distribution not in installed)
    message = f"{what} comes with {owner}, which is not installed"
    return Absence(message=message, hint=pip_install(lacking), not_installed=lacking)


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
