"""What an analysis costs: time as a multiple of the clip's length, peak memory, and the weight of the command line.

Everything is measured in fresh processes, so that nothing that the measuring process imported counts.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil  # type: ignore[import-untyped]
from affekt import AffektError

FRAMEWORKS = (
    "torch",
    "transformers",
    "tensorflow",
    "onnxruntime",
    "ctranslate2",
    "cv2",
    "av",
    "librosa",
    "sklearn",
    "scipy",
)

_ANALYZE = """
import json, sys, time
import affekt
source, pipeline, repeats = sys.argv[1], sys.argv[2], int(sys.argv[3])
begin = time.perf_counter()
loaded = affekt.load(pipeline)
felt = loaded.analyze(source)
cold = time.perf_counter() - begin
warm = []
for _ in range(repeats):
    begin = time.perf_counter()
    felt = loaded.analyze(source)
    warm.append(time.perf_counter() - begin)
print(json.dumps({"cold": cold, "warm": warm, "duration": felt.duration}))
"""

_IMPORTED = """
import sys
from affekt_cli.main import main
sys.argv = ["affekt", *sys.argv[1:]]
try:
    main()
except SystemExit:
    pass
print("imported:", *sorted(name for name in {frameworks} if name in sys.modules), file=sys.stderr)
"""


@dataclass(frozen=True)
class AnalysisCost:
    """What it costs to analyse one clip through one pipeline."""

    seconds_of_clip: float
    first: float
    """Seconds of the first analysis, weights loaded on the way."""
    warm: tuple[float, ...]
    """Seconds of each further analysis."""
    peak_memory: int
    """Bytes, resident, summed over the process and its children."""

    @property
    def real_time_factor(self) -> float:
        """Median warm time over the clip's length; below 1 is faster than real time."""
        return median(self.warm) / self.seconds_of_clip


def of_analysis(clip: Path, pipeline: str, repeats: int) -> AnalysisCost:
    """Analyses the clip in a fresh process, once cold and `repeats` times warm.

    Raises:
        AffektError: the analysis failed; the message ends with what it said.
    """
    command = [sys.executable, "-c", _ANALYZE, str(clip), pipeline, str(repeats)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    peak = _PeakMemory(process.pid)
    out, err = process.communicate()
    if process.returncode:
        last_lines = "\n".join(err.strip().splitlines()[-3:]) or "nothing"
        raise AffektError(f"the analysis of {clip} ended with {process.returncode} and said: {last_lines}")
    measured = json.loads(out.splitlines()[-1])
    return AnalysisCost(measured["duration"], measured["cold"], tuple(measured["warm"]), peak.stop())


class _PeakMemory:
    """Watches a process and its children from a thread, twenty times a second."""

    def __init__(self, pid: int) -> None:
        self.bytes = 0
        self._process = psutil.Process(pid)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._done.wait(0.05):
            try:
                tree = [self._process, *self._process.children(recursive=True)]
                self.bytes = max(self.bytes, sum(_resident(process) for process in tree))
            except psutil.NoSuchProcess:
                return

    def stop(self) -> int:
        self._done.set()
        self._thread.join()
        return self.bytes


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def of_command(arguments: Sequence[str]) -> tuple[float, list[str]]:
    """Seconds that `affekt ARGUMENTS` takes in a fresh process, and the frameworks it imports."""
    code = _IMPORTED.replace("{frameworks}", repr(FRAMEWORKS))
    begin = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - begin
    last = done.stderr.splitlines()[-1:]
    if not last or not last[0].startswith("imported:"):
        raise AffektError(f"`affekt {' '.join(arguments)}` broke: {done.stderr.strip()}")
    return seconds, last[0].removeprefix("imported:").split()
