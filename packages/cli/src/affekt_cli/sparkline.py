"""Probabilities as block characters: bars, and lines over time."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from affekt import Moment

BLOCKS = "▁▂▃▄▅▆▇█"
_EIGHTHS = " ▏▎▍▌▋▊▉"


def bar(probability: float, width: int) -> str:
    """A bar that fills `width` columns at a probability of 1, to an eighth of a column."""
    full, eighths = divmod(round(max(0.0, min(1.0, probability)) * width * 8), 8)
    return ("█" * full + (_EIGHTHS[eighths] if eighths else "")).ljust(width)


def sample(timeline: Sequence["Moment"], duration: float, columns: int) -> list[Mapping[str, float]]:
    """The scores in the middle of each column; empty where the timeline has a gap.

    Where moments overlap, the one whose middle is nearest counts.
    """
    sampled: list[Mapping[str, float]] = []
    for column in range(columns if timeline else 0):
        time = (column + 0.5) * duration / columns
        covering = [moment for moment in timeline if moment.start <= time <= moment.end]
        nearest = min(covering, key=lambda moment: abs((moment.start + moment.end) / 2 - time), default=None)
        sampled.append(nearest.scores if nearest else {})
    return sampled


def sparkline(timeline: Sequence[Mapping[str, float]], emotion: str, top: float, colour: str) -> Text:
    """One emotion over time; `top` fills the height. Bright where it is the likeliest, blank in gaps."""
    line = Text()
    for scores in timeline:
        share = min(1.0, scores.get(emotion, 0.0) / top) if top > 0 else 0.0
        block = BLOCKS[round(share * (len(BLOCKS) - 1))] if scores else " "
        likeliest = bool(scores) and max(scores, key=lambda name: scores[name]) == emotion
        line.append(block, style=colour if likeliest else f"dim {colour}")
    return line
