"""What is wrong with a pipeline file: every problem with its key, and the error that lists them all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from affekt.errors import PipelineNotInstalled, SpecError
from affekt.lookup import pip_install
from affekt.suggestions import did_you_mean


@dataclass(frozen=True)
class Problem:
    """One problem."""

    text: str
    """A sentence that begins with the key."""
    not_installed: str | None = None
    """The distribution whose installation mends it, where nothing else is wrong."""


def structural(kind: type[BaseModel], problem: Any) -> Problem:
    """What pydantic found wrong with the shape of a file."""
    key = ".".join(str(part) for part in problem["loc"]) or "the file"
    if problem["type"] == "extra_forbidden":
        return Problem(f"{key}: no such key{did_you_mean(key, kind.model_fields)}")
    if problem["type"] == "missing":
        return Problem(f"{key}: this key is needed")
    return Problem(f"{key}: {problem['msg'].lower()}, found {problem['input']!r}")


def spec_error(where: str, problems: Sequence[Problem]) -> SpecError:
    """The error that lists these. Its hint installs everything that is lacking by one command."""
    count = f"{len(problems)} problems" if len(problems) > 1 else "a problem"
    listed = "\n".join(f"  {problem.text}" for problem in problems)
    only_lacking = all(problem.not_installed for problem in problems)
    kind = PipelineNotInstalled if only_lacking else SpecError
    return kind(f"{where} has {count}:\n{listed}", hint=hint(problems))


def hint(problems: Iterable[Problem]) -> str:
    """What to try against these problems."""
    problems = list(problems)
    lacking = [problem.not_installed for problem in problems if problem.not_installed]
    steps = [pip_install(lacking)] if lacking else []
    if len(lacking) < len(problems):
        steps.append("`affekt plugins` lists the components and their options")
    return "; ".join(steps)
