"""GoEmotions (Demszky et al. 2020, arXiv:2005.00547): comments of Reddit with one or several emotions.

train.tsv dev.tsv test.tsv         text, numbers of the labels, comment; without a heading
"""

from pathlib import Path

from affekt_datasets.decoding import text_of
from affekt_datasets.errors import DatasetError
from affekt_datasets.media_folders import near
from affekt_datasets.problems import Report
from affekt_datasets.sample import Sample
from affekt_datasets.vocabulary import vocabulary

SPLITS = ("train", "dev", "test")


def goemotions(root: Path, report: Report) -> list[Sample]:
    """The splits whose tables are there. `label` is None where a comment has several."""
    words, samples = vocabulary("goemotions").labels, []
    tables = {split: path for split in SPLITS if (path := near(root, f"{split}.tsv")) is not None}
    if not tables:
        raise DatasetError(
            f'"{root}" has no train.tsv', hint="the folder data of the release, with its official splits"
        )
    for split, path in tables.items():
        # Comments hold single quotation marks, so this is no CSV.
        for number, line in enumerate(text_of(path, report).split("\n"), 1):
            where, fields = f"{path.name}:{number}", line.rstrip("\r").split("\t")
            if not line.strip():
                continue
            if len(fields) != 3:
                report.add("bad row", f"{len(fields)} fields for 3 columns", where)
                continue
            codes = fields[1].split(",")
            if strange := [code for code in codes if not code.isdigit() or int(code) >= len(words)]:
                report.add("unknown label", f'"{strange[0]}"', where)
                continue
            labels = tuple(words[int(code)] for code in codes)
            samples.append(
                Sample(
                    id=fields[2].strip(), media=None, label=labels[0] if len(labels) == 1 else None, labels=labels,
                    text=fields[0].strip(), language="en", split=split,
                )
            )  # fmt: skip
    return samples
