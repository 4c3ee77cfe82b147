"""The slots of a pipeline: the component that each names, its options, what can be wrong with them, and their order."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from affekt.component import option_problems
from affekt.devices import takes_device
from affekt.errors import (
    AffektError,
    ComponentNotInstalled,
    MissingDependency,
    OptionsError,
    PluginError,
    SpecError,
    described,
)
from affekt.lookup import distributions_of
from affekt.problems import Problem
from affekt.registry import Registry
from affekt.roles import SECTIONS, SINGLE, Role


class Use(BaseModel):
    """A component by name, and its options; perhaps the interpreter it runs in."""

    model_config = ConfigDict(frozen=True, extra="allow")

    use: str
    python: str | dict[str, Any] | None = None
    """Another interpreter to run it in: a path, or a path with limits, as affekt-isolation reads them."""

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, value: Any) -> Any:
        return {"use": value} if isinstance(value, str) else value

    @property
    def options(self) -> dict[str, Any]:
        """The component's own: everything but its name and its interpreter."""
        return dict(self.model_extra or {})

    def create(self, role: Role, registry: Registry) -> Any:
        """Makes the component, or its stand-in for another interpreter, whose process starts on the first call.

        Raises:
            ComponentNotFound, NameTaken, PluginFailed, OptionsError: see `Registry.create`.
            MissingDependency: `python` is given and nothing that starts other interpreters is installed.
        """
        if self.python is not None:
            stand_in = registry.function("isolation", "running a component in another interpreter")
            return stand_in(role, self.use, self.options, self.python)
        return registry.create(role, self.use, **self.options)


def make(slot: str, role: Role, use: Any, registry: Registry, device: str | None = None) -> tuple[Any, list[Problem]]:
    """The component of one slot, or everything that is wrong with it, each with its key.

    Args:
        use: a `Use`, or the data of one; what is no use at all is told by the check of the file's structure.
        device: where it computes, if it has such an option and is given none.
    """
    try:
        parsed = Use.model_validate(use)
        kind = None if parsed.python is not None else registry.load(role, parsed.use)
    except ValidationError:
        return None, []
    except ComponentNotInstalled as error:
        return None, [Problem(f"{slot}: {error.message}", not_installed=distributions_of(role, parsed.use)[0])]
    except AffektError as error:
        return None, [Problem(f"{slot}: {error.message}")]
    where = slot if kind else f"{slot}.python"
    try:
        if kind is None:
            return parsed.create(role, registry), []
        given = {"device": device} if device is not None and takes_device(kind) else {}
        return kind(**{**given, **parsed.options}), []
    except OptionsError as error:
        return None, [Problem(f"{where}.{option}: {what}") for option, what in option_problems(kind or Use, error)]
    except (MissingDependency, PluginError, SpecError) as error:
        return None, [Problem(f"{where}: {error.message} ({error.hint})")]
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return None, [Problem(f'{slot}: "{parsed.use}" raised {described(error)} when it was made')]


def filled(get: Callable[[str], Any]) -> Iterator[tuple[str, Role, Any]]:
    """(slot, role, what is in it) of everything that a pipeline holds, in the order it runs.

    Args:
        get: part of a pipeline → its content. The pipeline may be data, a specification or components.
    """
    for section, role in SECTIONS.items():
        slots = get(section)
        for slot, content in slots.items() if isinstance(slots, Mapping) else ():
            yield slot, role, content
    for role in SINGLE:
        if (content := get(role)) is not None:
            yield role, role, content


def parts(contents: Iterable[tuple[str, Role, Any]]) -> dict[str, Any]:
    """Part of a pipeline → its content: what `filled` yields, put together again."""
    sections = {role: section for section, role in SECTIONS.items()}
    pipeline: dict[str, Any] = {section: {} for section in SECTIONS} | dict.fromkeys(SINGLE)
    for slot, role, content in contents:
        if role in sections:
            pipeline[sections[role]][slot] = content
        else:
            pipeline[role] = content
    return pipeline
