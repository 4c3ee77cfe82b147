"""Changes to a pipeline: other components and options in its slots, slots that are new, and slots that are emptied.

    spec.swap(speech="hubert")                                  # another component in a slot
    spec.swap(speech="hubert", **{"speech.layer": 3})           # with an option, in any order
    spec.swap(energy="loudness")                                # a new slot, an encoder's because of what fills it
    spec.swap(**{"prepare.talk": "whisper"})                    # a new slot, where the component has several roles
    spec.swap(words=None)                                       # an empty slot

A new preparer runs after those that are there.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any

from packaging.utils import canonicalize_name

from affekt.errors import SpecError
from affekt.lookup import component_not_found
from affekt.registry import Registry
from affekt.requirements import unmet
from affekt.roles import SECTIONS, SINGLE
from affekt.suggestions import did_you_mean


def swapped(data: dict[str, Any], changes: Mapping[str, Any], registry: Registry) -> dict[str, Any]:
    """A specification with these changes.

    Args:
        data: the specification as plain data; it is changed in place.
        changes: slot → component, slot.option → value, or "device" → device.

    Raises:
        SpecError: there is no such slot, and nothing that says where a new one belongs.
    """
    holders = {slot: data[section] for section in SECTIONS for slot in data[section]}
    holders |= dict.fromkeys(SINGLE, data)
    options: list[tuple[str, str, Any]] = []
    for key, value in changes.items():
        section, slot, option = _parts(key, holders)
        if option:
            options.append((slot, option, value))
        elif key == "device" and key not in holders:
            data[key] = value
        else:
            _fill(data, holders, section, slot, value, registry)
    for slot, option, value in options:
        if slot not in holders:
            raise _no_slot(slot, holders)
        if holders[slot].get(slot) is None:
            raise SpecError(f'the slot "{slot}" is empty, so it has no option "{option}"', hint=f"{slot}=NAME")
        holders[slot][slot][option] = value
    return data


def _parts(key: str, holders: Mapping[str, Any]) -> tuple[str, str, str]:
    """The section where the key names one, the slot, and the option where the key names one."""
    section, _, name = key.partition(".")
    if section not in SECTIONS or section in holders or not name:
        section, name = "", key
    slot, _, option = name.partition(".")
    return section, slot, option


def _fill(
    data: dict[str, Any], holders: dict[str, Any], section: str, slot: str, value: Any, registry: Registry
) -> None:
    """Puts a component into a slot, which may be new, or empties it."""
    use = None if value is None else _use(slot, value)
    if slot not in holders:
        if use is None:
            raise _no_slot(slot, holders)
        holders[slot] = data[section or _section_for(slot, use, holders, registry)]
    elif section and holders[slot] is not data[section]:
        raise SpecError(f'the slot "{slot}" stands in another section than "{section}"', hint=f'"{slot}" alone')
    if use is None and holders[slot] is not data:
        holders[slot].pop(slot, None)
    else:
        holders[slot][slot] = use


def _section_for(slot: str, use: Mapping[str, Any], holders: Mapping[str, Any], registry: Registry) -> str:
    """The section of a new slot, by the role of its component. A slot that may be misspelt is not taken as new."""
    name = use.get("use")
    if did_you_mean(slot, holders) or not isinstance(name, str):
        raise _no_slot(slot, holders)
    sections = [section for section, role in SECTIONS.items() if (role, name) in registry.components]
    if not sections:
        absent = component_not_found(tuple(SECTIONS.values()), name, registry)
        raise SpecError(f'there is no slot "{slot}", and nothing to fill a new one: {absent.message}', hint=absent.hint)
    if len(sections) > 1:
        raise SpecError(
            f'"{name}" is a preparer and an encoder, so the new slot "{slot}" may belong to either',
            hint=" or ".join(f'"{section}.{slot}"' for section in sections),
        )
    return sections[0]


def _no_slot(slot: str, holders: Mapping[str, Any]) -> SpecError:
    return SpecError(
        f'there is no slot "{slot}"{did_you_mean(slot, holders)}',
        hint=f'one of {", ".join(holders)}; a new one is "encoders.{slot}" or "prepare.{slot}"',
    )


def _use(slot: str, value: Any) -> dict[str, Any]:
    """As a mapping that later changes can add options to."""
    if isinstance(value, str):
        return {"use": value}
    if isinstance(value, Mapping):
        return dict(value)
    raise SpecError(f"{slot} should be a component's name, found {value!r}", hint=f'{slot}="hubert"')


def still_required(
    requires: Iterable[str], before: Set[tuple[str, str]], after: Set[tuple[str, str]], registry: Registry
) -> Iterator[str]:
    """The requirements that stay when components, given as (role, name), become others."""
    left, kept = registry.owners(before - after), registry.owners(after)
    for line in requires:
        # A component that is not installed here may have brought any requirement that is not met here.
        orphan = None in left and any(unmet([line]))
        owner = canonicalize_name(re.split(r"[^\w.-]", line.strip())[0])
        if owner in kept or not (orphan or owner in left):
            yield line
