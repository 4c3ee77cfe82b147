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
    announced = {entry.info.target: entry for entry in plugins().components.values()}
    return {slot: _describe(part, announced) for slot, role, part in pipeline.slots() if role != "speaker"}


def _describe(component: Any, announced: Mapping[str, Announced]) -> dict[str, Any]:
    if callable(stands_for := getattr(component, "stands_for", None)):  # a stand-in knows what runs elsewhere
        other: dict[str, Any] = stands_for()
        return {**other, "weights": [_weights(name) for name in other["weights"]]}
    target = f"{type(component).__module__}:{type(component).__qualname__}"
    options = component.model_dump(mode="json", fallback=repr) if isinstance(component, Component) else {}
    entry = announced.get(target)
    return {
        "target": target,
        "name": entry.info.name if entry else None,
        "options": options,
        "distribution": entry.distribution if entry else None,
        "version": entry.version if entry else None,
        "weights": [_weights(name) for name in _in_use(component, entry)],
    }


def _in_use(component: Any, entry: Announced | None) -> tuple[str, ...]:
    """What the component says it uses with its options, else what its default options need."""
    names: tuple[str, ...] = entry.info.weights if entry else ()
    return getattr(component, "weights_in_use", names)


def _weights(name: str) -> dict[str, Any]:
    entry = plugins().weights.get(name)
    info = entry.info if entry else None
    return {
        "name": name,
        "licence": getattr(info, "licence", None),
        "restrictions": getattr(info, "restrictions", None) or None,
        "trained_on": [str(data) for data in getattr(info, "trained_on", ())],
    }
