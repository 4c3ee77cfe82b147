"""`affekt bench lmms-eval`: a data set as tasks that lmms-eval's own runner loads, with clustered standard errors."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import typer
from affekt_datasets import Sample, read
from affekt_datasets.media_folders import SUFFIXES
from affekt_metrics import own_wheel
from rich.console import Console

from affekt_benchmark.commands.suites import assignment
from affekt_benchmark.material.cases import ALLOWED, DESCRIPTIONS
from affekt_benchmark.material.suites import BenchmarkError

TASKS = ("closed", "open", "reasoning")
SOUNDS = frozenset({".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a"})


def lmms_eval_command(
    reader: Annotated[str, typer.Argument(help='A data set of `affekt datasets list`; "folder" for your own')],
    folder: Annotated[Path, typer.Argument(help="Where it lies")],
    option: Annotated[list[str] | None, typer.Option("--set", help="An option of the reader: part=pairs")] = None,
    split: Annotated[list[str] | None, typer.Option(help="Only these parts of the data")] = None,
    name: Annotated[str, typer.Option(help="Of the tasks; else affekt_DATASET")] = "",
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Folder of the tasks")] = None,
) -> None:
    """Write a data set as tasks of lmms-eval: closed set, open vocabulary and reasoning."""
    dataset = read(reader, folder, allow=ALLOWED, **dict(assignment(text) for text in option or ()))
    samples = (dataset.split(*split) if split else dataset).samples
    title = name or re.sub(r"\W+", "_", f"affekt_{reader if reader != 'folder' else folder.resolve().name}".lower())
    written = out or Path("out") / "lmms-eval" / title
    tasks = write(samples, title, written)
    console = Console()
    for task in tasks:
        console.print(f"{title}_{task}", markup=False)
    console.print(
        f"written to {written}; lmms-eval --include_path {written} --tasks {title}_{tasks[0]} …", markup=False
    )


def write(samples: Sequence[Sample], name: str, out: Path) -> list[str]:
    """Writes the tasks that the samples have the truth for, and returns which.

    Raises:
        BenchmarkError: no sample has a label and media or a text, or a recording is of no kind that lmms-eval shows.
    """
    choices = sorted({sample.label for sample in samples if sample.label})
    rows = [_row(sample, choices) for sample in samples if sample.label or sample.labels]
    rows = [row for row in rows if row["kind"] or row["text"]]
    if not rows:
        raise BenchmarkError(
            f"none of {len(samples)} samples has a label and a recording or words", hint="--split NAME"
        )
    tasks = list(TASKS) if all(row["label"] for row in rows) and len(choices) > 1 else ["open"]
    data = (out / "test.jsonl").absolute()
    out.mkdir(parents=True, exist_ok=True)
    data.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    shipped = files("affekt_benchmark").joinpath("data/lmms_eval")
    (out / "scoring.py").write_text(shipped.joinpath("scoring.py").read_text(encoding="utf-8"), encoding="utf-8")
    words = synonyms(word for row in rows for word in (*row["labels"], row["label"] or ""))
    (out / "words.json").write_text(json.dumps(words, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for task in tasks:
        text = shipped.joinpath(f"{task}.yaml").read_text(encoding="utf-8")
        if task == "reasoning" and not any(row["description"] for row in rows):
            text = re.sub(r"  - metric: word_recall\n(?:    .*\n)+", "", text)
        text = text.replace("NAME_", f"{name}_").replace("DATA", json.dumps(str(data), ensure_ascii=False))
        (out / f"{name}_{task}.yaml").write_text(text, encoding="utf-8")
    return tasks


def synonyms(labels: Iterable[str]) -> Mapping[str, str]:
    """Word → the inner cluster of affekt's built-in wheel; labels that the wheel lacks stand for themselves."""
    clusters = {
        word: cluster
        for cluster, middles in own_wheel.read().items()
        for middle, words in middles.items()
        for word in (cluster, middle, *words)
    }
    return clusters | {label.lower(): clusters.get(label.lower(), label.lower()) for label in labels if label}


def _row(sample: Sample, choices: Sequence[str]) -> dict[str, Any]:
    kind = ""
    if sample.media is not None:
        suffix = sample.media.suffix.lower()
        if sample.row is not None or suffix not in SUFFIXES:
            raise BenchmarkError(
                f'"{sample.id}" is {sample.media.name}, which is neither sound nor video', hint="recordings in files"
            )
        kind = "audio" if suffix in SOUNDS else "video"
    described = next((str(sample.notes[note]) for note in DESCRIPTIONS if sample.notes.get(note)), "")
    return {
        "id": sample.id, "media": str(sample.media.absolute()) if sample.media else "", "kind": kind,
        "text": sample.text or "", "label": sample.label or "", "labels": list(sample.labels),
        "description": described, "speaker": sample.speaker or "", "choices": list(choices),
    }  # fmt: skip
