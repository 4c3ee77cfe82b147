"""What training on a large store costs in memory: a real run over synthetic features of EVA's size.

    python -m affekt_training.memory --clips 20000 --steps 50

Every clip has an entry of its own, 1025 × 1408 in half precision; their zeros take no room on a disk that knows holes.
The features alone would fill 58 GB, or 115 GB in single precision. Ends with 1 where the limit is passed.
"""

import argparse
import json
import os
import sys
import tempfile
import time
import wave
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import psutil  # type: ignore[import-untyped]
from affekt import Features
from affekt_features import FeatureStore, ready_made
from affekt_features.entry import Checksum, length_of_header, pack
from affekt_features.store import name_of

ROWS, COLUMNS = 1025, 1408
"""EVA ViT-g's CLS token and 32 × 32 patches."""
LIMIT = 3e9
"""Bytes of resident memory."""
FEELINGS = ("happy", "sad", "angry")
NAME = "eva"


@dataclass(frozen=True, kw_only=True)
class MemoryCost:
    """What a run takes of memory and time."""

    clips: int
    steps: int
    stored: int
    """Bytes of the features, holes included."""
    imported: int
    """Resident before anything was prepared."""
    resident: int
    """Most of what was resident at once, memory-mapped files included."""
    seconds_to_prepare: float
    """The seconds from the configuration to the first step."""


def fill(folder: Path, clips: int, rows: int = ROWS) -> None:
    """Writes the data set `clips` and the store `store`, whose entries are all different files."""
    data, store = folder / "clips", FeatureStore(folder / "store")
    data.mkdir(parents=True)
    with wave.open(str(data / "0.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", "NONE"))
        file.writeframes(bytes(320))
    lines, keys = ["file_name,label"], {}
    zeros = Features(values=np.zeros((rows, COLUMNS), np.float32), hop=1.0, source="synthetic")
    entry, last = bytearray(pack("0" * 64, zeros, "float16")), "0" * 64
    header = length_of_header(np.frombuffer(entry[:8], np.uint8))
    for number in range(clips):
        if number:
            os.link(data / "0.wav", data / f"{number}.wav")
        lines.append(f"{number}.wav,{FEELINGS[number % len(FEELINGS)]}")
        keys[str(number)] = key = sha256(str(number).encode()).hexdigest()
        _rename(entry, header, last, key)
        last = key
        path = Path(store.url) / name_of(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as target:
            target.write(entry[:header])
            target.truncate(len(entry))
    (data / "labels.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    ready_made.list_imported(store, NAME, keys)


def _rename(entry: bytearray, header: int, old: str, new: str) -> None:
    """Gives an entry another key, and the checksum that belongs to it."""
    entry[:header] = entry[:header].replace(old.encode(), new.encode())
    checksum = Checksum()
    checksum.feed(memoryview(entry))
    begin = entry.index(b'"checksum":"') + len(b'"checksum":"')
    entry[begin : begin + 16] = checksum.digits()


def measure(folder: Path, language_model: str, clips: int, steps: int, batch: int = 1) -> MemoryCost:
    """Trains on what `fill` wrote."""
    from transformers import TrainerCallback

    from affekt_training import stage
    from affekt_training.config import StageConfig

    process, began = psutil.Process(), time.monotonic()
    before = most = process.memory_info().rss
    first = 0.0

    class Watch(TrainerCallback):
        """Looks at the memory after every part of every step."""

        def _look(self, *args: object, **options: object) -> None:
            nonlocal most
            most = max(most, process.memory_info().rss)

        def on_step_begin(self, *args: object, **options: object) -> None:
            nonlocal first
            first = first or time.monotonic() - began
            self._look()

        on_step_end = on_substep_end = on_log = on_pre_optimizer_step = _look

    projections = [
        {"name": "llama_proj", "slot": "image", "take": "rows", "first": 1, "tokens": 256, "join": 4, "place": "video"},
        {"name": "cls_tk_llama_proj", "slot": "image", "take": "rows"},
    ]
    config = StageConfig.model_validate({
        "name": "memory", "out": str(folder / "run"), "language_model": language_model,
        "fuser": {"use": "linear", "options": {"projections": projections}},
        "prompt": {"video_tokens": 256, "feature_tokens": 1}, "labels": FEELINGS, "store": str(folder / "store"),
        "features": {"image": {"imported": NAME}}, "data": [{"set": "folder", "root": str(folder / "clips")}],
        "epochs": steps * batch / clips, "batch": batch, "validation": {"share": 0}, "temperature": 1.0,
    })  # fmt: skip
    _, report = stage.train(config, callbacks=[Watch()])
    return MemoryCost(
        clips=report["data"][0]["clips"],
        steps=report["steps"],
        stored=clips * ROWS * COLUMNS * 2,
        imported=before,
        resident=max(most, process.memory_info().rss),
        seconds_to_prepare=first,
    )


def main() -> None:
    """Runs the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=20_000)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--language-model", default="smollm2", help="a name of `affekt weights list`, or a folder")
    parser.add_argument("--folder", type=Path, help="where to work; a temporary folder by default")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        fill(Path(folder), asked.clips)
        memory = measure(Path(folder), asked.language_model, asked.clips, asked.steps)
    met = memory.resident <= LIMIT
    print(json.dumps({**asdict(memory), "limit": int(LIMIT), "met": met}))
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
