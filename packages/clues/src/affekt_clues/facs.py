"""Action units in plain words, and the emotions whose prototypes they belong to."""

from collections.abc import Mapping
from types import MappingProxyType

PHRASES: Mapping[str, str] = MappingProxyType(
    {
        "AU01": "the inner brows rise",
        "AU02": "the outer brows rise",
        "AU04": "the brows draw down",
        "AU05": "the upper lids rise",
        "AU06": "the cheeks rise",
        "AU07": "the lids tighten",
        "AU09": "the nose wrinkles",
        "AU10": "the upper lip rises",
        "AU12": "the lip corners rise",
        "AU14": "the mouth dimples",
        "AU15": "the lip corners drop",
        "AU16": "the lower lip drops",
        "AU17": "the chin rises",
        "AU18": "the lips pucker",
        "AU20": "the lips stretch",
        "AU23": "the lips tighten",
        "AU24": "the lips press together",
        "AU26": "the jaw drops",
        "AU45": "the eyes stay shut",
    }
)
"""Action unit → what one sees (Ekman, Friesen & Hager, 2002). Parted lips and gaze are left out: they come with talking
and say nothing by themselves. AU45 is the blink; eyes that stay shut are AU43, told apart by how long they do."""

STAYS: Mapping[str, str] = MappingProxyType(
    {
        "AU01": "the inner brows stay raised",
        "AU02": "the outer brows stay raised",
        "AU04": "the brows stay drawn down",
        "AU05": "the upper lids stay raised",
        "AU07": "the lids stay tight",
        "AU10": "the upper lip stays raised",
        "AU12": "the lip corners stay raised",
        "AU16": "the lower lip stays down",
        "AU20": "the lips stay stretched",
        "AU26": "the jaw stays dropped",
    }
)
"""Action unit → what one sees where it is high all along, so that it has nothing to rise from."""

HIGH: Mapping[str, float] = MappingProxyType(
    {
        "AU01": 0.62,
        "AU02": 0.57,
        "AU04": 0.56,
        "AU05": 0.12,
        "AU07": 0.62,
        "AU10": 0.12,
        "AU12": 0.35,
        "AU16": 0.10,
        "AU20": 0.22,
        "AU26": 0.10,
    }
)
"""Action unit → the level, 0 to 1, from which it is high whatever the face's own rest: the 98th percentile of
`action-units` over neutral faces of RAF-DB (Li et al., 2017), 0.1 at least. Units that hardly ever pass it, in whatever
emotion, have none. `plugins/face/training/neutral_levels.py` prints them."""

PROTOTYPES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "happy": ("AU12", "AU06"),
        "sad": ("AU15", "AU01", "AU04", "AU17", "AU45"),
        "angry": ("AU04", "AU07", "AU23", "AU24", "AU05", "AU10", "AU17"),
        "fearful": ("AU01", "AU02", "AU05", "AU20", "AU04", "AU26"),
        "disgusted": ("AU09", "AU10", "AU16", "AU15"),
        "surprised": ("AU02", "AU01", "AU05", "AU26"),
    }
)
"""Emotion → the action units of its prototype, the most telling first (EMFACS, Friesen & Ekman, 1983, as commonly
tabled; the order is ours). The other emotions have none: a calm or neutral face is one that does not move. Eyes kept
shut are added for sadness: people who weep do so."""

LASTING: Mapping[str, float] = MappingProxyType({"AU45": 1.5})
"""Seconds a unit must stay raised to count, where that is longer than usual: a blink is no reason."""


def code(name: str) -> str:
    """The two-digit name of an action unit: "AU1" and "AU01" are the same."""
    digits = name.removeprefix("AU")
    return f"AU{int(digits):02d}" if name.startswith("AU") and digits.isdigit() else name
