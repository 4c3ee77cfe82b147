"""From a command to its first step, against the imports that it needs: training and extraction of a few tones.

A first run of the command says which modules are loaded when its first step begins. Then processes that only import
these modules and processes that run the command are measured turn about, in processor time, so that neighbours on the
machine do not count. Where one round is asked for, the first run is the one that is measured, with what it computes for
later ones.
"""

import json
import subprocess
import sys
import tempfile
import wave
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import numpy as np
import typer
import yaml
from affekt import AffektError
from rich.console import Console
from rich.table import Table

LIMIT = 1.5
_REACHED = """
import json, os, sys, time
def reached(*arguments, **options):
    with open(sys.argv[1], "w") as file:
        json.dump({"seconds": time.process_time(), "modules": list(sys.modules)}, file)
    os._exit(0)
"""
_TRAIN = f"""{_REACHED}
from affekt_training import commands
from affekt_training import progress
progress.Bar.on_step_begin = reached
sys.argv[0] = "affekt train"
commands.app(sys.argv[2:])
"""
_EXTRACT = f"""{_REACHED}
from affekt_features import extract_command
from affekt_features import extraction
extraction.Summary.add = reached
extract_command.app(sys.argv[2:])
"""
_IMPORT = """
import contextlib, importlib, json, sys, time
with open(sys.argv[1]) as file:
    names = json.load(file)["modules"]
for name in names:
    with contextlib.suppress(Exception):
        importlib.import_module(name)
print(time.process_time())
"""


@dataclass(frozen=True)
class StartCost:
    """What the start of a command costs: medians of seconds of processor time."""

    command: str
    first_step: float
    """Seconds from the start of the process until its first step begins."""
    imports: float
    """Seconds of a process that only imports what is loaded by then."""
    ratio: float


def of_training(folder: Path, language_model: str, rounds: int = 3) -> StartCost:
    """`affekt train` with features that the store has."""
    data = _tones(folder / "tones")
    slot = {"name": "voice_proj", "slot": "voice"}
    config = {
        "name": "start", "out": str(folder / "run"), "language_model": language_model, "store": str(folder / "store"),
        "fuser": {"use": "linear", "options": {"projections": [slot]}}, "lora": {"rank": 4, "alpha": 8},
        "prompt": {"layout": "short", "template": "{}", "video_tokens": 0, "feature_tokens": 1},
        "labels": ["happy", "sad", "angry"], "features": {"voice": {"use": "loudness"}},
        "data": [{"set": "folder", "root": str(data)}], "validation": {"share": 0},
    }  # fmt: skip
    file = folder / "stage.yaml"
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    return _measured("affekt train", _TRAIN, [str(file)], folder, rounds)


def of_extraction(folder: Path, rounds: int = 3) -> StartCost:
    """`affekt extract` of one clip into an empty store."""
    data = _tones(folder / "tones")
    arguments = ["folder", "--data", str(data), "--encoders", "loudness", "--store", str(folder / "other")]
    return _measured("affekt extract", _EXTRACT, arguments, folder, rounds)


def _measured(name: str, code: str, arguments: list[str], folder: Path, rounds: int) -> StartCost:
    reached = folder / "reached.json"
    _run(name, code, [str(reached), *arguments])  # fills caches, and says what is imported
    steps, imports = [], []
    for _ in range(rounds):
        imports.append(float(_run(name, _IMPORT, [str(reached)])))
        if rounds > 1:
            _run(name, code, [str(reached), *arguments])
        steps.append(float(json.loads(reached.read_text(encoding="utf-8"))["seconds"]))
    return StartCost(name, median(steps), median(imports), median(steps) / median(imports))


def _run(name: str, code: str, arguments: list[str]) -> str:
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise AffektError(f"{name} ended with {done.returncode} before its first step: {done.stderr[-800:]}")
    return done.stdout


def _tones(folder: Path) -> Path:
    """Three clips with labels."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, label in enumerate(("happy", "sad", "angry")):
        tone = 8000 * np.sin(2 * np.pi * (150 + 20 * number) * np.arange(8000) / 16_000)
        with wave.open(str(folder / f"{label}.wav"), "wb") as file:
            file.setparams((1, 2, 16_000, 0, "NONE", "NONE"))
            file.writeframes(tone.astype(np.int16).tobytes())
    rows = "".join(f"{label}.wav,{label}\n" for label in ("happy", "sad", "angry"))
    (folder / "labels.csv").write_text("file_name,label\n" + rows, encoding="utf-8")
    return folder


def start_command(
    language_model: Annotated[str, typer.Option(help="A name of `affekt weights list`, or a folder")] = "smollm2",
    rounds: Annotated[int, typer.Option(min=1, help="The median counts")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False,
) -> None:
    """From `affekt train` and `affekt extract` to their first step, against the imports they need."""
    with tempfile.TemporaryDirectory() as folder:
        costs = [of_training(Path(folder), language_model, rounds), of_extraction(Path(folder), rounds)]
    met = all(cost.ratio <= LIMIT for cost in costs)
    if as_json:
        typer.echo(json.dumps({"starts": [asdict(cost) for cost in costs], "limit": LIMIT, "met": met}))
    else:
        Console().print(_table(costs))
    if not met:
        raise typer.Exit(1)


def _table(costs: list[StartCost]) -> Any:
    table = Table("command", "first step", "imports alone", "ratio", "limit", title="Processor time to the first step")
    for cost in costs:
        table.add_row(
            cost.command, f"{cost.first_step:.1f} s", f"{cost.imports:.1f} s", f"{cost.ratio:.2f}", f"≤ {LIMIT}"
        )
    return table
