"""What makes two results the same: the decoded contents of a clip, and the component, its version, options and weights.

A key names what an encoder hears or sees, not the file that it came from: media bytes and decode parameters lead to it
through `contents`. So a film that is only renamed or repacked is not computed again, and features that were extracted
from files are found for clips in memory.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from affekt import Clip, Component, Modality, Registry, plugins

from affekt_features.relevance import READ
from affekt_features.weights import contents_of_option, contents_of_weights

WHERE_NOT_WHAT = frozenset({"device", "batch_size"})
"""Options that say where and how fast a component computes, not what: features of a GPU serve on a CPU."""

_seen: "WeakKeyDictionary[Clip, dict[tuple[str, ...], str]]" = WeakKeyDictionary()


def contents(clip: Clip, modality: Modality, reads: Sequence[str] | None = None) -> str:
    """SHA-256 of what a clip holds for an encoder; remembered while the clip lives.

    Args:
        reads: the fields that the encoder reads; those of its modality when None.
    """
    hashes, names = _seen.setdefault(clip, {}), tuple(READ[modality] if reads is None else reads)
    if (modality, *names) not in hashes:
        state = hashlib.sha256(modality.encode())
        for field in names:
            _feed(state, field, getattr(clip, field))
        _feed(state, "missing", clip.missing.get(modality))
        hashes[modality, *names] = state.hexdigest()
    return hashes[modality, *names]


def _feed(state: Any, name: str, value: Any) -> None:
    """Every part with its name and length, so that no two values look alike."""
    if isinstance(value, np.ndarray):
        array = np.ascontiguousarray(value)
        state.update(f"{name}:{array.dtype.str}{array.shape};".encode())
        state.update(array.reshape(-1).view(np.uint8) if array.size else b"")
    elif isinstance(value, tuple):
        state.update(f"{name}:tuple {len(value)};".encode())
        for item in value:
            _feed(state, name, item)
    elif hasattr(value, "__dataclass_fields__"):
        state.update(f"{name}:{type(value).__name__};".encode())
        for field in value.__dataclass_fields__:
            _feed(state, field, getattr(value, field))
    else:
        text = repr(value).encode()
        state.update(f"{name}:{len(text)};".encode() + text)


def describe(component: Any, registry: Registry | None = None) -> dict[str, Any]:
    """A component as plain data: its name, distribution and version, options, and the hashes of its weights.

    Raises:
        WeightsError: its weights are neither here nor to be had.
    """
    registry = registry or plugins()
    if callable(delegate := getattr(component, "stands_for", None)):
        facts = delegate()
        facts = {key: facts.get(key) for key in ("target", "name", "options", "distribution", "version")}
        facts["target"] = facts["target"] or type(component).__name__
    else:
        target = f"{type(component).__module__}:{type(component).__qualname__}"
        announced = next((a for a in registry.components.values() if a.info.target == target), None)
        facts = {
            "target": target,
            "name": announced.info.name if announced else None,
            "options": component.model_dump(mode="json", fallback=repr) if isinstance(component, Component) else {},
            "distribution": announced.distribution if announced else None,
            "version": announced.version if announced else None,
        }
    options = {key: value for key, value in facts["options"].items() if key not in WHERE_NOT_WHAT}
    return {**facts, "options": options, "weights": dict(_weights(facts, options, registry))}


def _weights(facts: Mapping[str, Any], options: Mapping[str, Any], registry: Registry) -> Iterator[tuple[str, str]]:
    named = {str(value) for value in options.values() if isinstance(value, str)}
    for announced in registry.components.values():
        if announced.info.target == facts["target"]:
            # What the defaults need counts unless an option names something else in its place.
            for name in announced.info.weights:
                if name in named or "model" not in options:
                    yield name, contents_of_weights(name)
    for option, value in sorted(options.items()):
        if isinstance(value, str) and (hashed := contents_of_option(option, value, options.get("revision"))):
            yield f"{option}={value}" if "/" not in value else option, hashed


def key_of(contents: str, described: Mapping[str, Any]) -> str:
    """The key of a component's features of these contents."""
    return digest({"contents": contents, "component": described})


def digest(data: Any) -> str:
    """SHA-256 of plain data; the order of keys does not matter."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
