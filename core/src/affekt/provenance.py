"""How an answer came about: each slot's component, its options, its distribution and version, its weights."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from affekt.component import Component
from affekt.discovery import plugins
from affekt.targets import Announced

if TYPE_CHECKING:
    from affekt.pipeline import Pipeline


def provenance(pipeline: "Pipeline") -> dict[str, dict[str, Any]]:
    """Slot → plain data for JSON. What is not a plugin's component has no name, distribution or weights."""
    announced = {found.info.target: found for found in plugins().components.values()}
    return {slot: _describe(part, announced) for slot, role, part in pipeline.slots() if role != "speaker"}


def _describe(component: Any, announced: Mapping[str, Announced]) -> dict[str, Any]:
    if callable(told := getattr(component, "stands_for", None)):  # a stand-in knows what runs elsewhere
        other: dict[str, Any] = told()
        return {**other, "weights": [_weights(name) for name in other["weights"]]}
    target = f"{type(component).__module__}:{type(component).__qualname__}"
    options = component.model_dump(mode="json", fallback=repr) if isinstance(component, Component) else {}
    found = announced.get(target)
    return {
        "target": target,
        "name": found.info.name if found else None,
        "options": options,
        "distribution": found.distribution if found else None,
        "version": found.version if found else None,
        "weights": [_weights(name) for name in _in_use(component, found)],
    }


def _in_use(component: Any, found: Announced | None) -> tuple[str, ...]:
    """What the component says it uses with its options, else what its default options need."""
    names: tuple[str, ...] = found.info.weights if found else ()
    return getattr(component, "weights_in_use", names)


def _weights(name: str) -> dict[str, Any]:
    known = plugins().weights.get(name)
    info = known.info if known else None
    return {
        "name": name,
        "licence": getattr(info, "licence", None),
        "restrictions": getattr(info, "restrictions", None) or None,
        "trained_on": [str(data) for data in getattr(info, "trained_on", ())],
    }
