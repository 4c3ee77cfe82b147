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

    def difference(self, found: "TrainedWith") -> str | None:
        """How another encoder differs; None where it gives the features that the model learnt from."""
        if self.use != found.use:
            return f'"{found.use}", and the model was trained with "{self.use}"'
        told = [
            f"{name} {_said(found.options.get(name))}, and the model was trained with {_said(value)}"
            for name, value in self.options.items()
            if found.options.get(name) != value
        ]
        return f'"{self.use}" with {"; ".join(told)}' if told else None


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
        slot, found = next((slot, described[slot]["name"]) for slot in differing)
        raise SpecError(
            f"the {model} cannot read these encoders, which it was not trained with:\n{listed}",
            hint=f"affekt fit --set {slot}={found} --data DATASET -o mine.yaml trains what reads them",
        )


def _said(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
