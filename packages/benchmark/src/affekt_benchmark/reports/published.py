"""What others published, cited: `data/published.yaml`. Beside our figures, never among them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

STANDINGS = ("confirmed", "derived", "second-hand", "unconfirmed")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One system's published figures on one test set."""

    system: str
    inputs: str
    measures: Mapping[str, float]
    source: str
    """The source, cited in full."""
    standing: str
    """One of `STANDINGS`."""


@dataclass(frozen=True, kw_only=True)
class Published:
    """All figures on a suite."""

    test: str
    """What they were measured on, and what to mind."""
    figures: Sequence[Figure]


@cache
def published() -> Mapping[str, Published]:
    """Suite → figures."""
    document = yaml.safe_load(files("affekt_benchmark").joinpath("data/published.yaml").read_text(encoding="utf-8"))
    return {
        suite: Published(
            test=entry["test"],
            figures=[
                Figure(**{**figure, "source": document["sources"][figure["source"]]}) for figure in entry["figures"]
            ],
        )
        for suite, entry in document["suites"].items()
    }
