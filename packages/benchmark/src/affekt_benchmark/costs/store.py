"""What the feature store costs: a hit against a bare read of the same bytes, and going on after a kill.

The bare read is `open(path, "rb").read()` of the very files that the hits read, turn about, so that both meet the same
caches and the same neighbours on the machine. A hit makes the features; the first one of a process also verifies every
byte, which is told apart. Both are held to the limit where an entry is as long as an utterance or longer: of a short
one, opening the file is most of the cost.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import numpy as np
import typer
from affekt import AffektError, Features, Use
from affekt_datasets import Sample
from affekt_features import FeatureStore
from affekt_features.extraction import extract
from affekt_features.job import Job
from affekt_features.store import name_of
from rich.console import Console
from rich.table import Table

HIT_LIMIT = 1.3
RESUME_LIMIT = 1.1
ROWS = 1_000
"""The rows of an entry: 20 s of speech at 50 rows a second, as the encoders of the paper give it."""
OTHER_ROWS = (300, 3_000)
"""Measured beside it, and held to no limit: 6 s and 60 s."""
WIDTH = 1024
SETTLED = 2.5
"""Seconds until the store trusts a file that it has verified."""

_HALF = """
import os, signal, sys
from affekt_features.extraction import extract
from affekt_benchmark.costs.store import pictures_job
job, samples = pictures_job(sys.argv[1], int(sys.argv[2]))
done = 0
def on_progress(outcome, estimate):
    global done
    done += 1
    if done == len(samples) // 2:
        os.kill(os.getpid(), signal.SIGKILL)
extract(job, samples, on_progress=on_progress)
"""


@dataclass(frozen=True)
class HitCost:
    """Microseconds an entry, medians over entries and rounds: what a neighbour interrupted does not count."""

    entry_bytes: int
    bare_read: float
    hit: float
    first_hit: float
    """The first hit of a process: it verifies every byte, which later ones need not while the file's stamp stays."""
    ratio: float
    """Hit over bare read."""
    first_ratio: float
    """The same ratio for first hits."""
    equal: bool
    """Whether every hit gave the values that were stored."""


@dataclass(frozen=True)
class ResumeCost:
    """What it costs to go on after a kill, in seconds."""

    clips: int
    done_before: int
    """Clips whose features were there after the kill."""
    remaining_half: float
    """Seconds of the same remaining clips alone, from an empty store."""
    resumed: float
    """Seconds of the whole job, after the kill."""
    ratio: float
    equal: bool
    """Whether the resumed store is byte for byte that of an uninterrupted run."""


def of_hits(folder: Path, entries: int = 48, rounds: int = 15, rows: int = ROWS) -> HitCost:
    """Reads entries of a fresh store both ways."""
    root, random = folder / f"hits-{rows}", np.random.default_rng(0)
    store = FeatureStore(root)
    keys = [f"{number:02x}{'0' * 62}" for number in range(entries)]
    stored = [Features(values=random.standard_normal((rows, WIDTH), np.float32), hop=0.02) for _ in keys]
    for key, value in zip(keys, stored, strict=True):
        store.put(key, value)
    time.sleep(SETTLED)
    paths = [str(root / name_of(key)) for key in keys]
    equal = all(_same(store.get(key), value) for key, value in zip(keys, stored, strict=True))
    del stored
    round_seconds = [_round(paths, keys, store, FeatureStore(root), number) for number in range(rounds)]
    bare, hit, first = (median(seconds for turn in round_seconds for seconds in turn[way]) * 1e6 for way in range(3))
    return HitCost(Path(paths[0]).stat().st_size, bare, hit, first, hit / bare, first / bare, equal)


def _round(paths: list[str], keys: list[str], warm: FeatureStore, fresh: FeatureStore, turn: int) -> list[list[float]]:
    """Seconds of a bare read, a hit and a first hit of every entry; each of the three begins as often as the others."""
    seconds: list[list[float]] = [[], [], []]
    for number, (path, key) in enumerate(zip(paths, keys, strict=True)):
        ways = (partial(_read, path), partial(warm.get, key), partial(fresh.get, key))
        for step in range(3):
            way = (turn + number + step) % 3
            seconds[way].append(_processor_time(ways[way]))
    return seconds


def _processor_time(call: Callable[[], object]) -> float:
    """Of this process: what neighbours on the machine do does not count."""
    begin = time.process_time()
    call()
    return time.process_time() - begin


def _read(path: str) -> None:
    with open(path, "rb") as file:
        file.read()


def _same(stored: Any, value: Features) -> bool:
    return isinstance(stored, Features) and np.array_equal(stored.values, value.values) and stored.hop == value.hop


def pictures_job(folder: str, clips: int, store: str = "store") -> tuple[Job, list[Sample]]:
    """An extraction of two encoders over random pictures, decoded from an array file that is made on the first call."""
    path = Path(folder) / "pictures.npz"
    if not path.is_file():
        images = np.random.default_rng(0).integers(0, 256, (clips, 256, 256), dtype=np.uint8)
        np.savez(path, images=images, labels=np.zeros(clips, np.uint8), names=["neutral"])
    job = Job(store=str(Path(folder) / store), encoders={"brightness": Use(use="brightness")})
    return job, [Sample(id=str(row), media=path, row=row) for row in range(clips)]


def of_resuming(folder: Path, clips: int = 600, rounds: int = 5) -> ResumeCost:
    """Kills an extraction after half of its clips, finishes it, and compares with the remaining half alone.

    Raises:
        AffektError: the extraction that was to be killed ended otherwise.
    """
    killed = [_killed(folder / f"round-{number}", clips) for number in range(rounds)]
    half, resumed = median(row[0] for row in killed), median(row[1] for row in killed)
    ratio = median(row[1] / row[0] for row in killed)
    return ResumeCost(clips, killed[0][2], half, resumed, ratio, all(row[3] for row in killed))


def _killed(root: Path, clips: int) -> tuple[float, float, int, bool]:
    """Seconds of the remaining half alone and of going on, clips done before, and whether the bytes are equal."""
    root.mkdir()
    job, samples = pictures_job(str(root), clips)
    ended = subprocess.run([sys.executable, "-c", _HALF, str(root), str(clips)], capture_output=True, check=False)
    if ended.returncode != -signal.SIGKILL:
        raise AffektError(f"the extraction to be killed ended with {ended.returncode}: {ended.stderr.decode()[-500:]}")
    done = len(list(FeatureStore(job.store).keys()))
    alone, _ = pictures_job(str(root), clips, "alone")
    _run(pictures_job(str(root), clips, "warm")[0], samples[:2])  # neither of the two is to pay for imports
    half = _processor_time(lambda: _run(alone, samples[done:]))
    resumed = _processor_time(lambda: _run(job, samples))
    _run(alone, samples)
    return half, resumed, done, _files(Path(job.store)) == _files(Path(alone.store))


def _run(job: Job, samples: list[Sample]) -> None:
    extract(job, samples)


def _files(root: Path) -> dict[str, bytes]:
    return {os.fspath(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def store_command(
    entries: Annotated[int, typer.Option(min=1, help="Entries to hit")] = 48,
    clips: Annotated[int, typer.Option(min=4, help="Clips of the extraction that is killed")] = 600,
    folder: Annotated[Path | None, typer.Option(help="Where to work; a temporary folder by default")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False,
) -> None:
    """A hit of the feature store against a bare read, and going on after a kill against the remaining half."""
    with tempfile.TemporaryDirectory(dir=folder) as root:
        hits, resuming = of_hits(Path(root), entries), of_resuming(Path(root), clips)
        others = [of_hits(Path(root), max(1, entries * ROWS // (4 * rows)), rows=rows) for rows in OTHER_ROWS]
    quick = max(hits.ratio, hits.first_ratio) <= HIT_LIMIT and resuming.ratio <= RESUME_LIMIT
    good = quick and resuming.equal and all(cost.equal for cost in (hits, *others))
    if as_json:
        limits = {"hit": HIT_LIMIT, "resume": RESUME_LIMIT}
        document = {
            "hits": asdict(hits),
            "other_entries": [asdict(cost) for cost in others],
            "resuming": asdict(resuming),
        }
        typer.echo(json.dumps({**document, "limits": limits, "met": good}))
    else:
        Console().print(_table(hits, others, resuming))
    if not good:
        raise typer.Exit(1)


def _table(hits: HitCost, others: list[HitCost], resuming: ResumeCost) -> Table:
    table = Table("measure", "value", "limit", title="What the feature store costs, in processor time")
    table.add_row("entry", f"{hits.entry_bytes / 1e6:.2f} MB", "")
    table.add_row("bare read of its file", f"{hits.bare_read:.0f} µs", "")
    table.add_row("hit: read, features made", f"{hits.hit:.0f} µs", "")
    table.add_row("the first of a process, every byte verified", f"{hits.first_hit:.0f} µs", "")
    table.add_row("hit / bare read", f"{hits.ratio:.2f}", f"≤ {HIT_LIMIT}")
    table.add_row("first / bare read", f"{hits.first_ratio:.2f}", f"≤ {HIT_LIMIT}")
    for cost in others:
        table.add_row(
            f"entry of {cost.entry_bytes / 1e6:.1f} MB: both", f"{cost.ratio:.2f}, {cost.first_ratio:.2f}", ""
        )
    table.add_row("values equal", str(all(cost.equal for cost in (hits, *others))), "True")
    table.add_row("clips done before the kill", f"{resuming.done_before} of {resuming.clips}", "")
    table.add_row("the remaining half alone", f"{resuming.remaining_half:.2f} s", "")
    table.add_row("going on after the kill", f"{resuming.resumed:.2f} s", "")
    table.add_row("going on / remaining half", f"{resuming.ratio:.2f}", f"≤ {RESUME_LIMIT}")
    table.add_row("bytes equal to an uninterrupted run", str(resuming.equal), "True")
    return table
