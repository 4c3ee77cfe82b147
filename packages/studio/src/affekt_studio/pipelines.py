"""Which pipelines a studio offers, and which changes to them a request may make."""

from collections.abc import Mapping
from typing import Any

from affekt import PipelineSpec, Use, plugins

from affekt_studio.config import StudioConfig
from affekt_studio.errors import BadRequest

PEOPLE = "people"
"""The slot of a preparer that tells people apart, as `affekt analyze --people` fills it."""


def read(config: StudioConfig, name: str | None, changes: Mapping[str, Any]) -> PipelineSpec:
    """The specification that a request asks for.

    A change empties a slot (null), puts an installed component there (its name), or sets an option to a number or a
    truth value, and `language` to two letters. Other texts are refused as options: they could name files, addresses or
    programs. The slot `people` may be added, with a preparer that tells people apart.

    Args:
        name: one of the studio's; None takes its first.

    Raises:
        BadRequest: the studio does not offer it, or the change is none that is allowed.
        SpecError: there is no such slot, or the pipeline has problems.
    """
    name = name or next(iter(config.pipelines))
    if name not in config.pipelines:
        raise BadRequest(f'there is no pipeline "{name}" here', hint=f"one of {', '.join(config.pipelines)}")
    spec = PipelineSpec.read(config.pipelines[name])
    if PEOPLE not in spec.prepare and isinstance(who := changes.get(PEOPLE), str):
        prepare = {
            slot: Use.model_validate({**part.model_dump(), "everybody": True}) if part.use == "face-track" else part
            for slot, part in spec.prepare.items()
        }
        spec = spec.model_copy(update={"prepare": {**prepare, PEOPLE: Use(use=who)}})
    for key, value in changes.items():
        if not _is_allowed(spec, key, value):
            raise BadRequest(
                f"the change {key}={value!r} is none that a request may make",
                hint="null, the name of an installed component, or a number or truth value for SLOT.OPTION",
            )
    return spec.swap(**changes) if changes else spec


def _is_allowed(spec: PipelineSpec, key: str, value: Any) -> bool:
    slot, _, option = key.partition(".")
    if option == "language":
        return isinstance(value, str) and len(value) == 2 and value.isascii() and value.isalpha()
    if option:
        return isinstance(value, bool | int | float) and option not in ("use", "python")
    if value is None:
        return True
    roles = {name: role for name, role, _ in spec.slots()}
    return isinstance(value, str) and slot in roles and (roles[slot], value) in plugins().components


def describe(config: StudioConfig) -> list[dict[str, Any]]:
    """Every pipeline with its slots and components, and those of them that are not installed. Imports no component."""
    described: list[dict[str, Any]] = []
    for name, source in config.pipelines.items():
        spec = PipelineSpec.read(source)
        slots = [{"slot": slot, "role": role, "component": use.use} for slot, role, use in spec.slots()]
        absent = [use.use for _, role, use in spec.slots() if (role, use.use) not in plugins().components]
        described.append({"name": name, "slots": slots, "not_installed": absent})
    return described


def components() -> list[dict[str, Any]]:
    """Every installed component: role, name, what it is, its distribution and weights."""
    return [
        {
            "role": role, "name": name, "summary": entry.info.summary, "distribution": entry.distribution,
            "version": entry.version, "weights": list(entry.info.weights), "licence": entry.info.licence,
        }
        for (role, name), entry in sorted(plugins().components.items())
    ]  # fmt: skip
