"""A colour an emotion, readable on light and on dark pages."""

from collections.abc import Iterable

COLOURS = {
    "neutral": "#8b95a1",
    "calm": "#2a9d8f",
    "happy": "#eeae2f",
    "sad": "#4079c9",
    "angry": "#d9483f",
    "fearful": "#8659c6",
    "disgusted": "#6f9c35",
    "surprised": "#e06f9f",
    "bored": "#a98563",
}
OTHERS = ("#3fa7d6", "#ee8434", "#5fad8c", "#b45ea4", "#c2a83e", "#7180b9")


def colours(emotions: Iterable[str]) -> dict[str, str]:
    """Emotion → CSS colour; fixed for the usual nine, by position for others."""
    emotions = list(emotions)
    unusual = [name for name in emotions if name not in COLOURS]
    return {name: COLOURS.get(name) or OTHERS[unusual.index(name) % len(OTHERS)] for name in emotions}
