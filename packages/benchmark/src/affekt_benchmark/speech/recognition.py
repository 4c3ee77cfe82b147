"""How often the emotion that was meant is heard where the words say nothing of it, and how that compares to chance.

By itself, as the pipeline judges any recording; and in a forced choice among the emotions that are spoken, as people
are asked in listening tests: by itself, and beside the same sentence said neutrally (`affekt.beside`). "Neutral" may be
answered and is then wrong, for neutral speech is not counted. So chance is one in as many emotions as are counted: that
of a guesser who never answers "neutral".
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from affekt_speech_metrics.intervals import Estimate, estimate
from scipy.stats import binomtest  # type: ignore[import-untyped]

Row = Mapping[str, Any]
BESIDE = "beside its neutral, forced choice"
WAYS: Mapping[str, Callable[[Row], bool]] = {
    "by itself, everyday shares": lambda row: row["felt_alone"],
    "by itself, forced choice": lambda row: forced(row) == row["emotion"],
    BESIDE: lambda row: grew(row) == row["emotion"],
}
"""Way of listening → whether what was meant is heard in a row."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A share of utterances, beside chance."""

    way: str
    intensity: float | None
    """The intensity that was asked for; None for all of them."""
    rate: Estimate
    """The interval draws voice and emotion: sentences and intensities of one belong together."""
    chance: float
    margin: float
    """Rate less chance."""
    p: float
    """The chance of hearing so many by guessing: exact binomial, every utterance standing alone."""


def heard(rows: Sequence[Row]) -> list[Heard]:
    """Every way of listening over all intensities, and beside neutral at each."""
    grid = [row for row in rows if row["part"] == "prosody" and row["emotion"] != "neutral"]
    levels = sorted({row["intensity"] for row in grid})
    asked: list[tuple[str, float | None]] = [(way, None) for way in WAYS]
    asked += [(BESIDE, level) for level in levels if len(levels) > 1]
    return [_heard(grid, way, level) for way, level in asked] if grid else []


def _heard(grid: Sequence[Row], way: str, intensity: float | None) -> Heard:
    some = [row for row in grid if intensity in (None, row["intensity"])]
    values = [float(WAYS[way](row)) for row in some]
    rate = estimate(values, [(row["voice"], row["emotion"]) for row in some])
    guessed = chance(some)
    p = binomtest(round(sum(values)), len(values), guessed, alternative="greater").pvalue
    return Heard(way=way, intensity=intensity, rate=rate, chance=guessed, margin=rate.mean - guessed, p=float(p))


def chance(rows: Sequence[Row]) -> float:
    """The chance of hearing what was meant by guessing among the emotions that were meant."""
    return 1 / len({row["emotion"] for row in rows})


def forced(row: Row) -> str:
    """The likeliest of the answers that are allowed."""
    return str(max(row["shares"], key=lambda emotion: row["scores"][emotion]))


def grew(row: Row) -> str:
    """What is heard beside neutral."""
    return str(max(row["shares"], key=lambda emotion: row["shares"][emotion]))


def confusions(rows: Sequence[Row]) -> dict[str, Counter[str]]:
    """Emotion that was meant → how often each was heard beside neutral."""
    heard: dict[str, Counter[str]] = {}
    for row in rows:
        if row["part"] == "prosody" and row["emotion"] != "neutral":
            heard.setdefault(row["emotion"], Counter())[grew(row)] += 1
    return heard


@dataclass(frozen=True, kw_only=True)
class Raised:
    """What the closed loop adds to the first attempt, over the same utterances."""

    first: Estimate
    last: Estimate
    difference: Estimate
    gained: int
    lost: int
    p: float
    """The chance of so many more gained than lost by chance: exact sign test."""


def raised(rows: Sequence[Row], part: str = "loop") -> Raised | None:
    """How often speech is heard as meant (emotion and words) at first and until felt; None without the loop."""
    some = [row for row in rows if row["part"] == part and row["emotion"] != "neutral"]
    if not some:
        return None
    before, after = ([float(row[name]) for row in some] for name in ("as_meant_at_once", "as_meant"))
    groups = [(row["voice"], row["emotion"]) for row in some]
    steps = [last - first for first, last in zip(before, after, strict=True)]
    gained, lost = steps.count(1.0), steps.count(-1.0)
    return Raised(
        first=estimate(before, groups),
        last=estimate(after, groups),
        difference=estimate(steps, groups),
        gained=gained,
        lost=lost,
        p=float(binomtest(gained, gained + lost, alternative="greater").pvalue) if gained + lost else 1.0,
    )
