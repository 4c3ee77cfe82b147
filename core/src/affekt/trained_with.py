"""Which encoders a model was trained with: by name and by the options that change what comes out, not by width.

A fuser or reasoner whose model was trained on features has a method `encoders()`, slot → `TrainedWith`; a pipeline with
other encoders in these slots is refused before anything is encoded.
"""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from affekt.errors import SpecError

HOW_NOT_WHAT = frozenset({"device", "batch", "batch_size", "threads"})
"""Options that change where and how fast features are computed, and not what they are."""


class TrainedWith(BaseModel):
    """An encoder by name, and those of its options that features depend on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    use: str
    options: dict[str, Any] = Field(default_factory=dict)

    @classmethod
    def of(cls, described: Mapping[str, Any]) -> "TrainedWith":
        """An encoder as `provenance` describes it."""
        options = {name: value for name, value in described["options"].items() if name not in HOW_NOT_WHAT}
        return cls(use=described["name"] or described["target"], options=options)

    def difference(self, other: "TrainedWith") -> str | None:
        """How another encoder differs; None where it gives the features that the model learnt from."""
        if self.use != other.use:
            return f'"{other.use}", and the model was trained with "{self.use}"'
        differences = [
            f"{name} {_as_json(other.options.get(name))}, and the model was trained with {_as_json(value)}"
            for name, value in self.options.items()
            if other.options.get(name) != value
        ]
        return f'"{self.use}" with {"; ".join(differences)}' if differences else None


def require_encoders(model: str, wanted: Mapping[str, TrainedWith], described: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuses encoders that a model was not trained with; a slot that the pipeline lacks is the model's affair.

    Args:
        model: who asks, such as "reasoner".
        described: slot → component of the pipeline, as `provenance` describes it.

    Raises:
        SpecError: all slots with other encoders are listed.
    """
    differing = {
        slot: why
        for slot, trained in wanted.items()
        if slot in described and (why := trained.difference(TrainedWith.of(described[slot])))
    }
    if differing:
        listed = "\n".join(f"  {slot}: {why}" for slot, why in differing.items())
        slot, name = next((slot, described[slot]["name"]) for slot in differing)
        raise SpecError(
            f"the {model} cannot read these encoders, which it was not trained with:\n{listed}",
            hint=f"affekt fit --set {slot}={name} --data DATASET -o mine.yaml trains what reads them",
        )


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
