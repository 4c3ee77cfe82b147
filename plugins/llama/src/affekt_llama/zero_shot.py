"""How well a language model labels lines of text without any tuning.

    python -m affekt_llama.zero_shot LINES.csv --text Utterance --label emotion --each 20

takes the same number of lines of every label, so that chance is 1 / labels, and prints the accuracy as JSON.
"""

import argparse
import csv
import json
import random
from collections import defaultdict
from pathlib import Path

from affekt import Clip, Evidence

from affekt_llama.reasoner import LlamaReasoner


def lines(path: Path, text: str, label: str, each: int) -> list[tuple[str, str]]:
    """`each` lines of every label, drawn with a fixed seed."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row[text].strip():
                found[row[label]].append(row[text])
    draw = random.Random(0)
    return [(line, name) for name in sorted(found) for line in draw.sample(found[name], min(each, len(found[name])))]


def accuracy(reasoner: LlamaReasoner, rows: list[tuple[str, str]]) -> float:
    """The share of lines whose label gets the highest score."""
    felt = reasoner.reason([Evidence(clip=Clip(id=str(index), text=text)) for index, (text, _) in enumerate(rows)])
    return sum(found.label == label for found, (_, label) in zip(felt, rows, strict=True)) / len(rows)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--text", default="text")
    parser.add_argument("--label", default="label")
    parser.add_argument("--each", type=int, default=20)
    parser.add_argument("--model", default="smollm2")
    asked = parser.parse_args()
    rows = lines(asked.path, asked.text, asked.label, asked.each)
    labels = tuple(sorted({label for _, label in rows}))
    report = {"model": asked.model, "lines": len(rows), "labels": labels, "chance": round(1 / len(labels), 3)}
    for contrast in (False, True):
        reasoner = LlamaReasoner(model=asked.model, labels=labels, contrast=contrast)
        report["contrast" if contrast else "raw"] = round(accuracy(reasoner, rows), 3)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
