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

import numpy as np

from affekt_llama.prompt import description
from affekt_llama.reasoner import LlamaReasoner


def lines(path: Path, text: str, label: str, each: int) -> list[tuple[str, str]]:
    """`each` lines of every label, drawn with a fixed seed."""
    of_label: defaultdict[str, list[str]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row[text].strip():
                of_label[row[label]].append(row[text])
    draw = random.Random(0)
    return [
        (line, name)
        for name in sorted(of_label)
        for line in draw.sample(of_label[name], min(each, len(of_label[name])))
    ]


def accuracy(reasoner: LlamaReasoner, rows: list[tuple[str, str]]) -> dict[str, float]:
    """The share of lines whose own label scores highest, without and with `contrast`."""
    scores = np.array([reasoner.log_probabilities(description(text, [])) for text, _ in rows])
    truth = np.array([reasoner.labels.index(label) for _, label in rows])
    return {
        "raw": round(float((scores.argmax(axis=1) == truth).mean()), 3),
        "contrast": round(float(((scores - reasoner.unprompted).argmax(axis=1) == truth).mean()), 3),
    }


def main() -> None:
    """Runs the command line."""
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
    report |= accuracy(LlamaReasoner(model=asked.model, labels=labels), rows)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
