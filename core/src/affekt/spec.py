"""A pipeline as data: which component fills which slot, with which options. A YAML file, or a Python object.

    prepare:
      transcript: whisper
    encoders:
      speech: {use: whisper, layers: [2, 3]}
      prosody: prosody
    reasoner: heads
    speaker: kokoro
    device: cuda                  # of every component that has such an option and is given none here

A component may run in another interpreter: `{use: hubert, python: old/bin/python}`, or
`{use: hubert, python: {path: old/bin/python, timeout: 60, memory: 4GB}}`.
Files name components as users do, never Python paths. All problems of a file are reported at once.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from affekt import yaml_file
from affekt.devices import device_of, takes_device
from affekt.discovery import plugins
from affekt.errors import PipelineNotInstalled, SpecError
from affekt.lookup import why_absent
from affekt.pipeline import Pipeline
from affekt.problems import Problem, spec_error, structural
from affekt.registry import Registry
from affekt.requirements import not_installed, requirement_of, unmet
from affekt.roles import Role
from affekt.slots import Use, filled, make, parts
from affekt.suggestions import did_you_mean
from affekt.swapping import still_required, swapped


class PipelineSpec(BaseModel):
    """prepare → encoders → fuser → reasoner → speaker. Any other shape: call the components yourself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = "pipeline"
    device: str | None = Field(default=None, min_length=1)
    """Where every component computes that has an option `device` and is given none of its own."""
    prepare: dict[str, Use] = Field(default_factory=dict)
    """Slot → preparer, in the order they run."""
    encoders: dict[str, Use] = Field(default_factory=dict)
    """Slot → encoder."""
    fuser: Use | None = None
    reasoner: Use
    speaker: Use | None = None
    requires: tuple[str, ...] = ()
    """Distributions and versions the pipeline was saved with."""

    @classmethod
    def read(cls, source: str | Path, registry: Registry | None = None) -> Self:
        """Reads a YAML file, or a pipeline that a plugin ships by its name.

        Raises:
            PipelineNotInstalled: a distribution of the project ships it that is not installed.
            NameTaken: several distributions ship a pipeline of this name.
            SpecError: the file does not exist or has problems, all of them listed.
        """
        path, registry = Path(source), registry or plugins()
        registry.refuse_taken("pipeline", str(source))
        if shipped := registry.pipelines.get(str(source)):
            from importlib.resources import files

            text = files(shipped.info.package).joinpath(shipped.info.path).read_text(encoding="utf-8")
            return cls.parse(text, str(source), registry)
        if not path.is_file():
            if absence := why_absent("pipeline", str(source), registry):
                kind = PipelineNotInstalled if absence.not_installed else SpecError
                raise kind(absence.message, hint=absence.hint)
            names = sorted(registry.pipelines)
            raise SpecError(
                f'"{source}" is neither a file nor a pipeline of a plugin{did_you_mean(str(source), names)}',
                hint=f"a YAML file, or one of {', '.join(names) or '(none installed)'}",
            )
        return cls.parse(path.read_text(encoding="utf-8"), str(source), registry)

    @classmethod
    def parse(cls, text: str, where: str = "pipeline", registry: Registry | None = None) -> Self:
        """Makes a specification from YAML text.

        Raises:
            SpecError: the text has problems, all of them listed with their keys.
        """
        data, mistakes = yaml_file.parse(text)
        problems = [Problem(what) for what in mistakes]
        try:
            spec = cls.model_validate(data)
            if not problems:
                return spec
        except ValidationError as error:
            problems += [structural(cls, problem) for problem in error.errors() if data is not None or not problems]
        if isinstance(data, Mapping):
            for slot, role, use in filled(data.get):
                problems += make(slot, role, use, registry or plugins())[1]
        raise spec_error(where, problems)

    def slots(self) -> Iterator[tuple[str, Role, Use]]:
        """(slot, role, component) in the order they run."""
        yield from filled(self.__getattribute__)

    def swap(self, **changes: Any) -> Self:
        """A copy with other components or options: `swap(speech="hubert")`, `swap(**{"speech.layer": 3})`.

        `None` empties a slot, and a component in a slot that is not there adds it; see `swapping`. A new component
        starts from its own default options; options may stand before or after their component. `device` is the
        pipeline's.
        `requires` stays, except for what only the components that left asked for.

        Raises:
            SpecError: there is no such slot, and nothing that says where a new one belongs.
        """
        registry = plugins()
        data = swapped(self.model_dump(), changes, registry)
        try:
            changed = type(self).model_validate(data)
        except ValidationError as error:
            raise spec_error(self.name, [structural(type(self), problem) for problem in error.errors()]) from error
        before, after = ({(role, use.use) for _, role, use in spec.slots()} for spec in (self, changed))
        return changed.model_copy(update={"requires": tuple(still_required(self.requires, before, after, registry))})

    def problems(self, registry: Registry | None = None) -> list[Problem]:
        """Every problem that only the installed plugins can tell: names, roles, options, versions."""
        return self._components(registry or plugins())[1]

    def _components(self, registry: Registry) -> tuple[list[tuple[str, Role, Any]], list[Problem]]:
        """(slot, role, component) of every slot, and everything that is wrong."""
        names = [slot for slot, _, _ in self.slots()]
        problems = [
            Problem(f'the slot "{name}" stands twice') for name in sorted({n for n in names if names.count(n) > 1})
        ]
        components: list[tuple[str, Role, Any]] = []
        movable = False
        for slot, role, use in self.slots():
            component, wrong = make(slot, role, use, registry, self.device)
            components.append((slot, role, component))
            problems += wrong
            movable = movable or use.python is not None or device_of(component) is not None
        if self.device is not None and not problems and not movable:
            problems.append(Problem(f'device: no component has such an option, so none can move to "{self.device}"'))
        named = {problem.not_installed for problem in problems}
        for line in self.requires:
            if (lacking := not_installed(line)) is None or lacking not in named:
                problems += [Problem(f"requires: {what}", not_installed=lacking) for what in unmet([line])]
        return components, problems

    def check(self, registry: Registry | None = None) -> None:
        """Looks for every problem that only the installed plugins can tell: see `problems`.

        Raises:
            PipelineNotInstalled: components are not installed, and nothing else is wrong.
            SpecError: there are other problems. All are listed, and the hint installs all that is lacking.
        """
        if problems := self.problems(registry):
            raise spec_error(self.name, problems)

    def placed(self, registry: Registry | None = None) -> Self:
        """A copy in which `device` stands with every component that has such an option and is given none.

        A component in another interpreter keeps what the file gives it: only that interpreter knows its options.
        """
        if self.device is None:
            return self
        registry = registry or plugins()
        return self.model_copy(
            update=parts((slot, role, self._placed(role, use, registry)) for slot, role, use in self.slots())
        )

    def _placed(self, role: Role, use: Use, registry: Registry) -> Use:
        if use.python is not None or "device" in use.options or not takes_device(registry.load(role, use.use)):
            return use
        return Use.model_validate({**use.model_dump(), "device": self.device})

    def build(self, registry: Registry | None = None) -> Pipeline:
        """Makes the components and the pipeline. No weights are loaded yet.

        Raises:
            SpecError: see `check`.
        """
        components, problems = self._components(registry or plugins())
        if problems:
            raise spec_error(self.name, problems)
        return Pipeline(name=self.name, **parts(components))

    def to_yaml(self, registry: Registry | None = None) -> str:
        """As a file, with `requires` filled in from what is installed here; other interpreters have their own."""
        registry = registry or plugins()
        local = [(role, use.use) for _, role, use in self.slots() if use.python is None]
        needed = sorted({requirement_of(registry.find(*component)) for component in local})
        return yaml_file.dump(self.model_dump(mode="json", exclude_defaults=True) | {"requires": needed})

    def save(self, path: str | Path) -> None:
        """Writes `to_yaml`."""
        Path(path).write_text(self.to_yaml(), encoding="utf-8")
