"""Has the system heard or seen the clips it is measured on? Its components say what their weights learnt from."""

import re
from collections.abc import Iterator
from typing import Any

from affekt import Pipeline

from affekt_benchmark.suites import Suite

UNKNOWN = "unknown"


def trained_on(pipeline: Pipeline) -> dict[str, list[str]]:
    """Slot → what its weights learnt from, for the components that state it; UNKNOWN for a model that does not."""
    slots: dict[str, Any] = {**pipeline.prepare, **pipeline.encoders, "reasoner": pipeline.reasoner}
    if pipeline.fuser is not None:
        slots["fuser"] = pipeline.fuser
    return {slot: list(stated) for slot, part in slots.items() if (stated := _stated(slot, part))}


def _stated(slot: str, part: Any) -> tuple[str, ...]:
    """An encoder learns to hear and see; a reasoner with a model has learnt answers, from something."""
    stated = tuple(getattr(part, "trained_on", None) or ())
    learnt = slot == "reasoner" and "model" in getattr(type(part), "model_fields", {})
    return stated or ((UNKNOWN,) if learnt else ())


def warnings(suite: Suite, split: tuple[str, ...], stated: dict[str, list[str]], folds: bool) -> Iterator[str]:
    """What a reader must know before believing the figures."""
    for slot, names in stated.items():
        for name in names:
            words = re.findall(r"[a-z0-9]+", name.lower())
            if suite.dataset not in words:
                continue
            only = [word for word in words[words.index(suite.dataset) + 1 :] if word in ("train", "training")]
            if only and split and not any("train" in one for one in split):
                continue
            yield (
                f'TRAINED ON THESE SPEAKERS: the slot "{slot}" was trained on {name}, the clips measured here '
                "included. The figures say how well it remembers, not how well it hears strangers."
                + (" Cross-validated: affekt heads evaluate " + suite.dataset + " --cross-validate" if folds else "")
            )
    for slot, names in stated.items():
        if any(UNKNOWN in name for name in names):
            yield (
                f'The slot "{slot}" does not say what it was trained on: the clips measured here may be among it. Its '
                "model card may tell."
            )
