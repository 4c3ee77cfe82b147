"""The only base class: options, checked once, that make a component."""

from functools import cached_property
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from affekt.errors import OptionsError
from affekt.suggestions import did_you_mean


class Component(BaseModel):
    """Options of a component, frozen; the role's method goes into the subclass.

    Weights belong into a `functools.cached_property`: they load on first use, and neither equality nor pickling
    sees them. pydantic gives the JSON schema, equality, repr and the round trip through a file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,), protected_namespaces=())

    @classmethod
    def create(cls, **options: Any) -> Self:
        """Checks the options and makes the component.

        Raises:
            OptionsError: an option is unknown or has a wrong value; all of them are listed.
        """
        try:
            return cls(**options)
        except ValidationError as error:
            problems = list(option_problems(cls, error))
            raise OptionsError(
                f"{cls.__name__} refuses its options:\n" + "\n".join(f"  {key}: {what}" for key, what in problems),
                hint=f"one of {sorted(cls.model_fields)}",
            ) from error

    def __getstate__(self) -> dict[Any, Any]:
        state = super().__getstate__()
        return {**state, "__dict__": {name: state["__dict__"][name] for name in type(self).model_fields}}


def option_problems(kind: type[Component], error: ValidationError) -> list[tuple[str, str]]:
    """Every problem as (option, what is wrong with it), with a suggestion for misspelt options."""
    problems = []
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            problems.append((key, f"no such option{did_you_mean(key, kind.model_fields)}"))
        else:
            problems.append((key, f"{problem['msg'].lower()}, found {problem['input']!r}"))
    return problems
