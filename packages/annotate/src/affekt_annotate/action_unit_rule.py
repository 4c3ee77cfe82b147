"""The paper's rule from action units to a first label (Emotion-LLaMA, Cheng et al., 2024, Table 10).

The paper states no threshold; the least share of an emotion's units and the height from which a unit counts as present
are those of the authors' later tool. Nothing is named neutral by this rule: a face without a match has no label.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType

UNITS_OF: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "happy": ("AU06", "AU12", "AU14"),
        "angry": ("AU04", "AU05", "AU07", "AU23", "AU10", "AU17"),
        "worried": ("AU28", "AU20"),
        "surprise": ("AU01", "AU02", "AU05", "AU26"),
        "sad": ("AU04", "AU01", "AU14", "AU15"),
        "fear": ("AU01", "AU02", "AU04", "AU05", "AU07", "AU20", "AU26"),
        "doubt": ("AU25",),
        "contempt": ("AU12", "AU10", "AU15", "AU17"),
    }
)
"""Emotion, in MERR's words → its action units. MERR has no word for disgust, and no units for neutral."""


def candidates(
    units: Mapping[str, float],
    *,
    least_share: float = 0.5,
    while_talking: bool = False,
    without: Collection[str] = (),
) -> dict[str, float]:
    """Emotion → score, the likeliest first: the mean height of its units, absent ones counting as 0.

    Args:
        units: action unit → height, of the units that are present; 1 for each where only their names are known.
        least_share: share of the emotion's units that must be present; units that no detector here knows do not count.
        while_talking: whether AU25 alone, the parted lips of anyone who speaks, names doubt.
        without: units that the detector does not have (AU28 has no height in OpenFace). An emotion of which it has
            fewer than half is not named.
    """
    scores: dict[str, tuple[float, int]] = {}
    for emotion, all_units in UNITS_OF.items():
        own = [unit for unit in all_units if unit not in without]
        there = [unit for unit in own if unit in units]
        named = bool(there) and len(own) >= len(all_units) / 2 and len(there) >= least_share * len(own)
        if not named or (emotion == "doubt" and not while_talking):
            continue
        scores[emotion] = (sum(units[unit] for unit in there) / len(own), len(there))
    # Of two equal scores the one that more units speak for; then the order of the paper's table.
    ranked = sorted(scores, key=lambda emotion: scores[emotion], reverse=True)
    return {emotion: round(scores[emotion][0], 6) for emotion in ranked}
