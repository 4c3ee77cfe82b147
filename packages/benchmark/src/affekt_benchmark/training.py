"""Has the system heard or seen the clips it is measured on? Its components say what their weights learnt from."""

import re
from collections.abc import Iterator
from typing import Any

from affekt import Pipeline

from affekt_benchmark.suites import Suite


def trained_on(pipeline: Pipeline) -> dict[str, list[str]]:
    """Slot → what its weights learnt from, for the components that state it."""
    slots: dict[str, Any] = {**pipeline.prepare, **pipeline.encoders, "reasoner": pipeline.reasoner}
    if pipeline.fuser is not None:
        slots["fuser"] = pipeline.fuser
    return {slot: list(stated) for slot, part in slots.items() if (stated := getattr(part, "trained_on", None))}


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
    if any("unknown" in name for names in stated.values() for name in names):
        yield "Some weights do not say what they were trained on."
