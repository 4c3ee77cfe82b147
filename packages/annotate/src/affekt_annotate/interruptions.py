"""What kills cost: a run that is killed at random moments ends in the same bytes as one that is not.

    python -m affekt_annotate.interruptions CLIPS --kills 10

A benchmark with the real models of a configuration, for systems with POSIX signals; the tests have the same over small
clips without models. Moments are drawn in processor time, which does not depend on what else the machine does. It exits
with 1 where a byte differs.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from affekt_annotate.processor_time import processor_seconds

INTERVAL = 0.1
"""Seconds between two looks at a run."""
COMMAND = [sys.executable, "-c", "from affekt_annotate.commands import app; app()"]


@dataclass(kw_only=True)
class Interruptions:
    """What came of it."""

    seconds: float
    """Seconds of the processor that a run without a kill takes, the loading of the models included."""
    kills: list[float] = field(default_factory=list)
    """Seconds of the processor after which each run was killed."""
    done: list[int] = field(default_factory=list)
    """Stored results of steps at each kill."""
    finished: int = 0
    """Runs that were compared."""
    differing: list[str] = field(default_factory=list)
    """Files that were not the same."""


def files_of(out: Path) -> dict[str, str | bytes]:
    """Name → bytes of every exported file, and where the links to media point."""
    return {
        path.relative_to(out).as_posix(): os.readlink(path) if path.is_symlink() else path.read_bytes()
        for path in sorted(out.rglob("*"))
        if "work" not in path.relative_to(out).parts[:1] and (path.is_symlink() or path.is_file())
    }


def measure(arguments: list[str], folder: Path, kills: int, seed: int) -> Interruptions:
    """Kills runs at moments drawn evenly from the time that a whole one takes, until so many were killed.

    A run goes on where the killed one before it stopped. When one finishes before its moment, its files are compared
    and the next begins anew.

    Args:
        arguments: of `affekt annotate`, without `--out`.
    """
    began, uninterrupted = _of_children(), folder / "whole"
    subprocess.run([*COMMAND, *arguments, "-o", str(uninterrupted)], check=True, stdout=sys.stderr)
    interruptions, draw = Interruptions(seconds=_of_children() - began), random.Random(seed)
    expected, out = files_of(uninterrupted), folder / "killed-0"
    while len(interruptions.kills) < kills:
        moment = draw.uniform(0, interruptions.seconds)
        if _run_until(moment, arguments, out):
            interruptions.kills.append(round(moment, 2))
            interruptions.done.append(len(list((out / "work" / "steps").rglob("*.json"))))
        else:
            _compare(interruptions, expected, out)
            out = folder / f"killed-{interruptions.finished}"
    subprocess.run([*COMMAND, *arguments, "-o", str(out)], check=True, stdout=sys.stderr)
    _compare(interruptions, expected, out)
    return interruptions


def _run_until(moment: float, arguments: list[str], out: Path) -> bool:
    """Whether the run was killed before it finished; the kill reaches the processes that decode, too."""
    running = subprocess.Popen([*COMMAND, *arguments, "-o", str(out)], stdout=sys.stderr, start_new_session=True)
    watched = psutil.Process(running.pid)
    while running.poll() is None:
        if processor_seconds(watched) >= moment:
            os.killpg(running.pid, signal.SIGKILL)
            return running.wait() == -signal.SIGKILL
        time.sleep(INTERVAL)
    if running.returncode:
        raise SystemExit(f"a run that went on after a kill ended with {running.returncode}")
    return False


def _of_children() -> float:
    """Seconds of the processor that all children took that ended."""
    times = os.times()
    return times.children_user + times.children_system


def _compare(interruptions: Interruptions, expected: dict[str, str | bytes], out: Path) -> None:
    own = files_of(out)
    interruptions.finished += 1
    interruptions.differing += [
        f"{out.name}/{name}" for name in expected.keys() | own.keys() if expected.get(name) != own.get(name)
    ]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", help="a folder; two or three clips are enough")
    parser.add_argument("--config", help="as for affekt annotate")
    parser.add_argument("--labels", help="as for affekt annotate")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    asked = parser.parse_args()
    arguments = [asked.clips]
    for option in ("config", "labels"):
        if value := getattr(asked, option):
            arguments += [f"--{option}", value]
    with tempfile.TemporaryDirectory() as folder:
        interruptions = measure(arguments, Path(folder), asked.kills, asked.seed)
    print(json.dumps(asdict(interruptions)))
    sys.exit(bool(interruptions.differing))


if __name__ == "__main__":
    main()
