"""Why a name is not found: misspelt, of another role, not installed, of a plugin that fails, or of several.

`first_party.yaml` lists the names that the project's own distributions offer, so that one that is not installed is
answered with what to install; a test keeps it equal to the workspace. Plugins of others are not in it, and need not be.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml
from packaging.utils import canonicalize_name

from affekt.errors import ComponentNotFound, ComponentNotInstalled, NameTaken
from affekt.suggestions import did_you_mean

if TYPE_CHECKING:
    from affekt.registry import Registry

NAMED = 2
"""How many distributions `pip_install` names one by one; a part of `affekt` that has them all stands for more."""


def component_not_found(roles: Collection[str], name: str, registry: "Registry") -> ComponentNotFound:
    """The error for a component that is looked for in these roles, and that nothing installed offers."""
    for absence in filter(None, (why_absent(role, name, registry) for role in roles)):
        kind = ComponentNotInstalled if absence.not_installed else ComponentNotFound
        return kind(absence.message, hint=absence.hint)
    what = next(iter(roles)) if len(roles) == 1 else "component"
    installed = sorted({other for role, other in registry.components if role in roles})
    other_roles = [role for role, other in registry.components if other == name]
    suggestion = did_you_mean(name, {*installed}.union(*map(names_of, roles)))
    if other_roles:
        suggestion = f". That is the name of {'an' if other_roles[0][0] in 'aeiou' else 'a'} {other_roles[0]}"
    return ComponentNotFound(
        f'there is no {what} "{name}"{suggestion}',
        hint=f"one of {', '.join(installed) or '(none installed)'}; `affekt plugins` says what failed to load",
    )


def name_taken(kind: str, name: str, distributions: Sequence[str]) -> NameTaken:
    """The error for a name that several distributions announce, or one of them several times.

    Args:
        kind: a role, or "pipeline", "weights" or "command".
    """
    owners = sorted(set(distributions))
    if len(owners) == 1:
        message = f'{kind} "{name}" is announced {len(distributions)} times by {owners[0]}; none is used'
        return NameTaken(message, hint=f"another version of {owners[0]}")
    message = f'{kind} "{name}" is announced by {" and ".join(owners)}; neither is used'
    return NameTaken(message, hint=f"pip uninstall {', or '.join(owners)}")


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
        if canonicalize_name(failure.distribution) == owner and not isinstance(failure.error, NameTaken):
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
    distributions = _table().get(kind, {}).get(name, ())
    return (distributions,) if isinstance(distributions, str) else tuple(distributions)


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
