"""Who speaks when over hours: `python -m affekt_speakers.long_recording --data FOLDER --minutes 120`.

Stages one conversation of four people whom no threshold was chosen on, as long as asked for, and analyses it in another
process by the voices alone, in windows, with `resume`. That process is killed (SIGKILL) twice and begun again. Prints
the memory of the process every quarter of an hour of the recording, how many windows were kept at each kill, processor
time, and the errors of the people's turns against the true ones.
"""

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import soundfile  # type: ignore[import-untyped]
import torch
from affekt import Appearance, EmotionPrediction, Evidence, Pipeline
from affekt_weights import fetch

from affekt_speakers.measure import TUNING, SpeechDetector, tally
from affekt_speakers.segmentation import SAMPLE_RATE
from affekt_speakers.staging import stage, utterances
from affekt_speakers.turns import SpeakerTurns

PEOPLE = 4
OVERLAP = 0.1
KILLS = 1 / 3, 2 / 3
"""Shares of the windows after which the process is killed."""


class Unmoved:
    """A reasoner that feels nothing: the voices alone are measured."""

    def reason(self, evidence: Sequence[Evidence]) -> list[EmotionPrediction]:
        """Gives the same prediction for every window."""
        return [EmotionPrediction(scores={"neutral": 1.0}) for _ in evidence]


class Reported(SpeakerTurns):
    """Tells the memory of the process again and again."""

    every: float = 15.0
    """Minutes of the recording between two lines."""

    def prepare(self, clips):  # type: ignore[no-untyped-def]
        """Prepares windows as `SpeakerTurns` does, and reports."""
        done = super().prepare(clips)
        for clip in clips:
            if clip.start % (60 * self.every) + clip.duration >= 60 * self.every:
                print(f"{(clip.start + clip.duration) / 60:5.0f} min  {_memory()}")
        return done


def _memory() -> str:
    """What this process holds now, and held at most; `ru_maxrss` begins with what its parent held."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines())
    now, most = (int(status[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    return f"{now:5.0f} MB, {most:.0f} at most"


def analyse(sound: Path, folder: Path, answer: Path, people: int | None, every: float) -> None:
    """The other process: analyses the recording and writes the people's turns."""
    torch.set_num_threads(1)
    pipeline = Pipeline(reasoner=Unmoved(), prepare={"people": Reported(people=people, every=every)})
    felt = pipeline.analyze(sound, resume=folder)
    begun = time.process_time()
    people_found = felt.people
    print(f"  end      {_memory()}; people in {time.process_time() - begun:.1f} s")
    answer.write_text(json.dumps({person.name: person.turns for person in people_found}), encoding="utf-8")


def killed_and_resumed(sound: Path, folder: Path, answer: Path, windows: int, options: Sequence[str]) -> None:
    """Runs the other process, kills it after each share of the windows, and begins it again."""
    command = [
        sys.executable,
        "-m",
        "affekt_speakers.long_recording",
        "--child",
        str(sound),
        str(folder),
        str(answer),
        *options,
    ]
    for share in KILLS:
        process = subprocess.Popen(command)
        while process.poll() is None and _finished(folder) < share * windows:
            time.sleep(0.2)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()
            print(f"killed with {_finished(folder)} of {windows} windows finished", flush=True)
    subprocess.run(command, check=True)


def _finished(folder: Path) -> int:
    return len(list(folder.glob("window-*.npz")))


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command."""
    summary = (__doc__ or "").split("\n")[0]
    parser = argparse.ArgumentParser(prog="python -m affekt_speakers.long_recording", description=summary)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("AFFEKT_SHARED", "../shared")) / "data")
    parser.add_argument("--minutes", type=float, default=120.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--people", type=int, help="how many speak, where that is told; estimated otherwise")
    parser.add_argument("--every", type=float, default=15.0, help="minutes between two lines about memory")
    parser.add_argument("--child", type=Path, nargs=3, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.child:
        sound, folder, answer = chosen.child
        analyse(sound, folder, answer, chosen.people, chosen.every)
        return
    people = {name: own for name, own in utterances(chosen.data).items() if name not in TUNING}
    detector = SpeechDetector(fetch("silero-vad"))
    staged = stage(people, detector, size=PEOPLE, overlap=OVERLAP, seconds=chosen.minutes * 60, seed=chosen.seed)
    length = len(staged.samples) / SAMPLE_RATE
    print(f"{length / 60:.0f} min, {len(staged.turns)} turns of {PEOPLE} people", flush=True)
    options = ["--every", str(chosen.every), *(["--people", str(chosen.people)] if chosen.people else [])]
    with tempfile.TemporaryDirectory() as temporary:
        sound, folder, answer = (Path(temporary) / name for name in ("talk.wav", "windows", "people.json"))
        soundfile.write(sound, staged.samples, SAMPLE_RATE)
        killed_and_resumed(sound, folder, answer, int(length // 30), options)
        turns_of = json.loads(answer.read_text(encoding="utf-8"))
        left = folder.exists()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = used.ru_utime + used.ru_stime
    print(f"{seconds:.0f} s of processor time, {seconds / length:.3f} a second of sound; windows left on disk: {left}")
    appearances = [
        Appearance(modality="audio", person=name, start=start, end=end)
        for name, turns in turns_of.items()
        for start, end in turns
    ]
    errors = tally(staged, sorted(appearances, key=lambda each: each.start))
    for name in ("missed", "false_alarm", "confusion"):
        print(f"{name:12} {errors[name] / errors['total']:.3f}")
    print(f"{len(turns_of)} people found")


if __name__ == "__main__":
    main()
