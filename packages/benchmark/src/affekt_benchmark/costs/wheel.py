"""`affekt bench wheel`: the emotion wheels' F over many clips, against a loop that looks every label up anew.

The loop goes form → base → synonyms → wheel word → cluster for each label, wheel and level, and adds up precision and
recall clip by clip, as the official code does. Reading the mappings from disk is counted for neither.
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from affekt import EmotionPrediction, Reference
from affekt_metrics.emotion_wheel import EmotionWheel, load_wheels
from affekt_metrics.wheels import LEVELS
from rich.console import Console
from rich.table import Table

LIMIT = 0.1
"""The limit as a share of the loop's time: more is a failure."""


@dataclass(frozen=True, kw_only=True)
class WheelCost:
    """What a measurement costs in seconds, and whether both say the same."""

    clips: int
    loop: float
    ours: float
    """Every measure of both levels, without intervals."""
    with_intervals: float
    """The same with a thousand bootstrap draws."""
    apart: float
    """Largest difference between the two F of a level."""


Wheel = Mapping[str, Mapping[str, Sequence[str]]]


@dataclass(frozen=True, kw_only=True)
class Mappings:
    """The wheels as tables of words, as they come from disk."""

    forms: Mapping[str, set[str]]
    synonyms: Mapping[str, set[str]]
    wheels: Sequence[Wheel]


def read_mappings(folder: Path | None) -> Mappings:
    """Of the official release, or of the built-in wheel."""
    from affekt_metrics import own_wheel, wheel_folder

    if folder is None:
        wheel = own_wheel.read()
        words = {w for inner, middles in wheel.items() for m, outer in middles.items() for w in (inner, m, *outer)}
        alone = {word: {word} for word in words}
        return Mappings(forms=alone, synonyms=alone, wheels=[wheel])
    return Mappings(
        forms=wheel_folder.read_forms(folder / "format.csv"),
        synonyms=wheel_folder.read_synonyms(folder / "synonym.xlsx"),
        wheels=[wheel_folder.read_wheel(path) for path in sorted(folder.glob("wheel*.xlsx"))],
    )


def loop(mappings: Mappings, answers: Sequence[EmotionPrediction], truth: Sequence[Reference]) -> dict[str, float]:
    """The straightforward way."""
    levels = {}
    for level in LEVELS:
        scores = []
        for wheel in mappings.wheels:
            precisions, recalls = [], []
            clusters = _cluster_of_words(wheel, level)
            for predicted, true in zip(answers, truth, strict=True):
                given = _clusters(mappings, clusters, true.labels)
                answer = _clusters(mappings, clusters, predicted.labels)
                if given:
                    both = len(given & answer)
                    precisions.append(both / len(answer) if answer else 0.0)
                    recalls.append(both / len(given))
            precision, recall = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
            scores.append(2 * precision * recall / (precision + recall) if precision + recall else 0.0)
        levels[level] = sum(scores) / len(scores)
    return levels


def _cluster_of_words(wheel: Wheel, level: str) -> dict[str, str]:
    clusters = {}
    for inner, middles in wheel.items():
        clusters[inner] = inner if level == "level1" else min(middles)
        for middle, outer in middles.items():
            for word in (middle, *outer):
                clusters[word] = inner if level == "level1" else middle
    return clusters


def _clusters(mappings: Mappings, clusters: Mapping[str, str], labels: Sequence[str]) -> set[str]:
    named = set()
    for label in labels:
        bases = mappings.forms.get(label.strip().lower(), ())
        words = sorted(word for base in bases for word in mappings.synonyms[base])
        cluster = next((clusters[word] for word in words if word in clusters), None)
        if cluster is not None:
            named.add(cluster)
    return named


def measure(clips: int, folder: Path | None, loop_clips: int) -> WheelCost:
    """Times both on clips of one to five words; the loop on fewer clips, its time scaled up."""
    mappings = read_mappings(folder)
    generator = random.Random(0)
    words = sorted(mappings.forms)

    def draw() -> tuple[str, ...]:
        return tuple(generator.choices(words, k=generator.randint(1, 5)))

    truth = [Reference(labels=draw()) for _ in range(clips)]
    answers = [EmotionPrediction(scores={"any": 1.0}, labels=draw()) for _ in range(clips)]
    load_wheels(folder)
    quick = EmotionWheel(wheels=folder, intervals={"draws": 0})  # type: ignore[arg-type]  # pydantic reads the mapping
    slow_seconds, slow = _timed(partial(loop, mappings, answers[:loop_clips], truth[:loop_clips]))
    few = quick.evaluate(answers[:loop_clips], truth[:loop_clips])
    return WheelCost(
        clips=clips,
        loop=slow_seconds * clips / loop_clips,
        ours=min(_timed(partial(quick.evaluate, answers, truth))[0] for _ in range(3)),
        with_intervals=_timed(partial(EmotionWheel(wheels=folder).evaluate, answers, truth))[0],
        apart=max(abs(few[level] - slow[level]) for level in LEVELS),
    )


def _timed(call: Callable[[], Mapping[str, float]]) -> tuple[float, Mapping[str, float]]:
    begin = time.process_time()
    result = call()
    return time.process_time() - begin, result


def wheel_command(
    wheels: Annotated[Path | None, typer.Option(help="Folder of the official wheels; else the built-in")] = None,
    clips: Annotated[int, typer.Option(min=10, help="How many")] = 20_000,
    loop_clips: Annotated[int, typer.Option(min=10, help="How many the loop measures; its time is scaled up")] = 2_000,
) -> None:
    """Seconds of the emotion wheels' F, against a straightforward loop; fails above a tenth of it."""
    timing = measure(clips, wheels, min(loop_clips, clips))
    table = Table("way", "processor seconds", "of the loop", title=f"emotion-wheel F, both levels, {clips} clips")
    table.add_row("a lookup a label", f"{timing.loop:.2f}", "1")
    table.add_row("compiled wheels", f"{timing.ours:.3f}", f"{timing.ours / timing.loop:.4f}")
    table.add_row(
        "with 1,000 bootstrap draws", f"{timing.with_intervals:.3f}", f"{timing.with_intervals / timing.loop:.4f}"
    )
    Console().print(table, f"largest difference of an F: {timing.apart:.1e}")
    if timing.ours > LIMIT * timing.loop or timing.apart > 1e-12:
        raise typer.Exit(1)
