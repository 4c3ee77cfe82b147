"""Published recipes as named sets of options: `{use: hubert, preset: emotion-llama}`. Imports no framework."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from affekt.suggestions import did_you_mean


@dataclass(frozen=True, kw_only=True)
class Preset:
    """Options of a component as somebody published them."""

    options: Mapping[str, Any]
    source: str
    """Where the recipe stands: paper, section or file."""


def with_preset(given: Any, presets: Mapping[str, Preset]) -> Any:
    """The options with those of the preset filled in where they are not given; for a `before` validator.

        @model_validator(mode="before")
        @classmethod
        def _fill(cls, given: Any) -> Any:
            return with_preset(given, PRESETS)

    Raises:
        ValueError: there is no such preset; pydantic turns it into a problem of the component's options.
    """
    if not isinstance(given, Mapping) or (name := given.get("preset")) is None:
        return given
    if name not in presets:
        raise ValueError(f'no preset "{name}"{did_you_mean(str(name), presets)}; one of {", ".join(presets)}')
    return {**presets[name].options, **given}
