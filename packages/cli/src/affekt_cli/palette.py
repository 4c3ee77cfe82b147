"""A colour an emotion for the terminal; the report has its own, for light and dark pages."""

COLOURS = {
    "neutral": "grey62",
    "calm": "dark_cyan",
    "happy": "gold1",
    "sad": "dodger_blue1",
    "angry": "red1",
    "fearful": "medium_purple1",
    "disgusted": "chartreuse3",
    "surprised": "hot_pink",
    "bored": "tan",
}
OTHERS = ("cyan", "orange1", "spring_green2", "orchid", "khaki1")


def colour_of(emotion: str, emotions: list[str]) -> str:
    """A fixed colour for the usual nine emotions, and one by position for any other."""
    unusual = [name for name in emotions if name not in COLOURS]
    return COLOURS.get(emotion) or OTHERS[unusual.index(emotion) % len(OTHERS)]
