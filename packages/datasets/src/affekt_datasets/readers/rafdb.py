"""RAF-DB (Li, Deng and Du 2017): faces from the web, the seven basic emotions.

train.zip test.zip             the aligned pictures, train_00001_aligned.jpg …
train.csv test.csv             image, label: 1 surprise 2 fear 3 disgust 4 happiness 5 sadness 6 anger 7 neutral
"""

import csv
from pathlib import Path

from affekt_datasets.errors import DatasetError
from affekt_datasets.loading import archived
from affekt_datasets.media_folders import near
from affekt_datasets.problems import Report
from affekt_datasets.sample import Sample
from affekt_datasets.vocabulary import vocabulary


def rafdb(root: Path, report: Report) -> list[Sample]:
    """The splits whose tables are there."""
    words, samples, tables = vocabulary("rafdb"), [], 0
    for split in ("train", "test"):
        table, archive = near(root, f"{split}.csv"), near(root, f"{split}.zip")
        if table is None:
            continue
        tables += 1
        if archive is None:
            report.add("missing", f"{split}.zip", table.name)
            continue
        rows = {name: row for row, name in enumerate(archived(archive))}
        with table.open(encoding="utf-8", newline="") as file:
            for number, cells in enumerate(csv.DictReader(file), 2):
                where, name = f"{table.name}, line {number}", cells.get("image") or ""
                label = words.codes.get((cells.get("label") or "").strip())
                if label is None:
                    report.add("unknown label", f'"{cells.get("label")}"', where)
                elif name not in rows:
                    report.add("missing", name, where)
                else:
                    key = name.removesuffix(".jpg").removesuffix("_aligned")
                    samples.append(Sample(id=key, media=archive, row=rows[name], label=label, split=split))
    if not tables:
        raise DatasetError(f'"{root}" has no train.csv', hint="train.csv and train.zip, as RAF-DB's aligned faces")
    return samples
