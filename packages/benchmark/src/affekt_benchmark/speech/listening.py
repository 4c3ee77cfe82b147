"""A page to listen to: pairs of recordings in blind order, a question each, and the key once all are answered.

Self-contained: the recordings are inside, nothing is fetched. Every recording carries the mark of synthetic speech.
"""

import base64
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

MOST = 24
"""Pairs on a page."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two recordings of the same words, in the order in which they are played."""

    question: str
    text: str
    sounds: tuple[str, str]
    """The recordings as data: URIs."""
    told: tuple[str, str]
    """What each is."""
    meant: int
    """Which one the question is after."""


def pairs(rows: Sequence[Mapping[str, Any]], folder: Path, seed: int = 0) -> list[Pair]:
    """Each emotion at its highest intensity beside another of the same voice and words; no more than `MOST`."""
    generator = random.Random(seed)
    strong = [row for row in rows if row["audio"]]
    chosen = [_pair(row, other, folder, generator) for row, other in _beside(strong, generator)]
    generator.shuffle(chosen)
    return chosen[:MOST]


def _beside(
    strong: Sequence[Mapping[str, Any]], generator: random.Random
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    for row in strong:
        others = [
            other
            for other in strong
            if (other["voice"], other["text"]) == (row["voice"], row["text"]) and other["emotion"] != row["emotion"]
        ]
        if others and row["emotion"] != "neutral":
            yield row, generator.choice(others)


def _pair(row: Mapping[str, Any], other: Mapping[str, Any], folder: Path, generator: random.Random) -> Pair:
    order = [row, other]
    generator.shuffle(order)
    first, second = order
    return Pair(
        question=f"Which one sounds more {row['emotion']}?",
        text=row["text"],
        sounds=(_inside(folder / first["audio"]), _inside(folder / second["audio"])),
        told=(_described(first), _described(second)),
        meant=order.index(row),
    )


def _described(row: Mapping[str, Any]) -> str:
    voice = f", {row['voice']}" if row["voice"] else ""
    return f"{row['emotion']}, intensity {row['intensity']:.2f}{voice}"


def _inside(path: Path) -> str:
    return f"data:audio/mpeg;base64,{base64.b64encode(path.read_bytes()).decode()}"


def write(rows: Sequence[Mapping[str, Any]], path: Path, folder: Path) -> None:
    """Writes the page.

    Args:
        folder: of the run, which the rows' audio is named from.
    """
    environment = Environment(
        loader=PackageLoader("affekt_benchmark"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    shown = pairs(rows, folder)
    key = base64.b64encode(json.dumps([{"meant": pair.meant, "told": pair.told} for pair in shown]).encode()).decode()
    page = environment.get_template("listen.html").render(pairs=shown, key=key)
    partial = path.with_name(f".{path.name}.part")
    partial.write_text(page, encoding="utf-8")
    partial.replace(path)
