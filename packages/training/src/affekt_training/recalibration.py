"""Temperatures for cross-validated figures that are chosen without the fold they are used on."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from affekt_training.calibration import TEMPERATURES, probabilities
from affekt_training.cross_validation import HeldOut, gathered
from affekt_training.measures import measures


def recalibrated(parts: Sequence[Mapping[str, HeldOut]], chosen: Sequence[str]) -> dict[str, HeldOut]:
    """The folds as `gathered` joins them, each at a further temperature that was chosen without it.

    It is the one at which the worst calibrated of some data sets is best, on the other folds.

    Args:
        chosen: the data sets that are looked at.
    """
    rescaled = []
    for fold, part in enumerate(parts):
        others = gathered([other for index, other in enumerate(parts) if index != fold])
        temperature = min(TEMPERATURES, key=lambda value: max(_error(others[name], value) for name in chosen))
        rescaled.append({name: replace(held, scores=held.scores / temperature) for name, held in part.items()})
    return gathered(rescaled)


def _error(held: HeldOut, temperature: float) -> float:
    return measures(probabilities(held.scores, held.named, temperature), held.truth)["ece"]
