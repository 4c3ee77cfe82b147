"""The only base class: options, checked once, that make a component."""

import warnings
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from affekt.errors import OptionsError
from affekt.suggestions import did_you_mean


class Component(BaseModel):
    """Options of a component, frozen; the role's method goes into the subclass.

    Weights belong into a `functools.cached_property`: they load on first use, and neither equality nor pickling
    sees them. pydantic gives the JSON schema, equality, repr and the round trip through a file. Wrong options are
    an `OptionsError` that lists them all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,), protected_namespaces=())

    renamed_options: ClassVar[Mapping[str, str]] = {}
    """Options that had another name: the old one → the new one. The old one warns, and works for one minor version."""

    if not TYPE_CHECKING:  # a type checker sees the signature that pydantic makes of the fields

        def __init__(self, **options: Any) -> None:
            try:
                super().__init__(**_under_new_names(type(self), options))
            except ValidationError as error:
                raise _options_error(type(self), error) from error

    @classmethod
    def create(cls, **options: Any) -> Self:
        """Makes the component, as calling the class does.

        Raises:
            OptionsError: an option is unknown or has a wrong value; all of them are listed.
        """
        return cls(**options)

    def __getstate__(self) -> dict[Any, Any]:
        state = super().__getstate__()
        return {**state, "__dict__": {name: state["__dict__"][name] for name in type(self).model_fields}}


def _under_new_names(kind: type[Component], options: dict[str, Any]) -> dict[str, Any]:
    """The options, those that are given under an old name under the new one, with a warning."""
    for old, new in kind.renamed_options.items():
        if old not in options:
            continue
        if new in options:
            raise OptionsError(f'{kind.__name__}: "{old}" is an old name of "{new}", and both are given', hint=new)
        warnings.warn(
            f'the option "{old}" of {kind.__name__} is called "{new}"; the old name goes with the next minor version',
            DeprecationWarning,
            stacklevel=3,
        )
        options = {new if name == old else name: value for name, value in options.items()}
    return options


def option_problems(kind: type[BaseModel], error: OptionsError | ValidationError) -> list[tuple[str, str]]:
    """Every problem as (option, what is wrong with it), with a suggestion for misspelt options."""
    if isinstance(error, OptionsError):
        return (
            _problems(kind, error.__cause__)
            if isinstance(error.__cause__, ValidationError)
            else [("options", error.message)]
        )
    return _problems(kind, error)


def _options_error(kind: type[Component], error: ValidationError) -> OptionsError:
    listed = "\n".join(f"  {option}: {what}" for option, what in _problems(kind, error))
    options = ", ".join(sorted(kind.model_fields))
    return OptionsError(f"{kind.__name__} refuses its options:\n{listed}", hint=f"one of {options or '(no options)'}")


def _problems(kind: type[BaseModel], error: ValidationError) -> list[tuple[str, str]]:
    problems = []
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            problems.append((key, f"no such option{did_you_mean(key, kind.model_fields)}"))
        else:
            problems.append((key or "options", f"{problem['msg'].lower()}, found {problem['input']!r}"))
    return problems
