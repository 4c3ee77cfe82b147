"""EMCONA (Chen, Greschner, Klinger, Klenk and Eger, 2025, arXiv:2510.09695; Chen and Eger, 2025, arXiv:2503.00024).

fallacy.tsv                        arguments and their rewritten variants, three people's emotions each
pairs.csv, pairs/NAME.tsv          pairs of arguments, five people's comparisons each, and their texts

The release calls the first merged_majority.tsv and the second merged_masked.csv, with texts in arguments/NAME/200.tsv;
these names are read too.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from affekt_datasets.errors import DatasetError
from affekt_datasets.listings import number, rows
from affekt_datasets.media_folders import near
from affekt_datasets.problems import Report
from affekt_datasets.sample import Sample
from affekt_datasets.vocabulary import vocabulary

PARTS = ("arguments", "pairs")
PEOPLE = (0, 1, 2)
SKIPPED = 100.0
"""The mark, in the columns of how convincing an argument is, where a person gave no answer."""
CHOICES = {"0": "neither", "1": "first", "2": "second"}
"""The choices of which argument of a pair is the more convincing, or the more emotional one."""
_FILES = {"arguments": ("fallacy.tsv", "merged_majority.tsv"), "pairs": ("pairs.csv", "merged_masked.csv")}
_ARGUMENT = (
    "id_ori", "id_gen", "argument", "claim", "batch", "strategy_gen", "emotion_gen", "model_gen", "fallacy_gold",
    *(f"{column}_{person}" for person in PEOPLE for column in ("emo", "fallacy", "conv", "conv_zscore")),
)  # fmt: skip
_PAIR = ("lang", "id", "ids", "conv_labels", "emo_labels", "annotators", "batch", "dataset")
_TEXTS = {"hansard_bill": ("hansard_bill", "hansrad_bill")}
"""Data set → how its file of texts is spelt, where that differs."""


def emcona(root: Path, report: Report, *, part: str = "arguments") -> list[Sample]:
    """The arguments, or the pairs.

    `speaker` is the original argument that a text goes back to, so that folds keep an original and its variants, and
    all pairs of one topic, on one side. An argument's label is the emotion that most people named, None where no two
    agree; a pair has no emotion of its own. What each person said is in `notes`.

    Args:
        part: "arguments" or "pairs".

    Raises:
        DatasetError: the part is unknown, or its table is not there or lacks a column.
    """
    if part not in PARTS:
        raise DatasetError(f'emcona has no part "{part}"', hint=f"one of {', '.join(PARTS)}")
    table = near(root, *_FILES[part])
    if table is None:
        raise DatasetError(f'"{root}" has no {_FILES[part][0]}', hint="the folder of EMCONA-UTN that holds it")
    return list(_arguments(table, report) if part == "arguments" else _pairs(table, report))


def _arguments(table: Path, report: Report) -> Iterator[Sample]:
    words = vocabulary("emcona")
    for where, row in rows(table, _ARGUMENT, report, delimiter="\t"):
        emotions = [row[f"emo_{person}"] for person in PEOPLE]
        if strange := [emotion for emotion in emotions if words.read(emotion) is None]:
            report.add("unknown label", f'"{strange[0]}"', where)
            continue
        if not row["argument"].strip():
            report.add("bad row", "an argument without a text", where)
            continue
        raters = tuple(words.read(emotion) or "" for emotion in emotions)
        convincing = [number(row[f"conv_{person}"], report, where, absent=SKIPPED) for person in PEOPLE]
        scores = [number(row[f"conv_zscore_{person}"], report, where) for person in PEOPLE]
        given = [score is not None for score in convincing]
        ranked = Counter(raters).most_common()
        variant = row["id_gen"].strip()
        yield Sample(
            id=f"{row['id_ori'].strip()}-{'original' if variant == '-1' else variant}",
            media=None,
            label=ranked[0][0] if ranked[0][1] > 1 else None,
            labels=tuple(emotion for emotion, _ in ranked),
            text=row["argument"].strip(),
            language="en",
            speaker=f"emcona-{row['id_ori'].strip()}",
            notes={
                "raters": raters,
                "convincing": tuple(convincing),
                "convincing_z": tuple(z if keep else None for z, keep in zip(scores, given, strict=True)),
                "fallacies": tuple(row[f"fallacy_{person}"].strip() for person in PEOPLE),
                "fallacy": row["fallacy_gold"].strip(),
                "claim": row["claim"].strip(),
                "batch": row["batch"].strip(),
                "intended": _or_none(row["emotion_gen"]),
                "strategy": _or_none(row["strategy_gen"]),
                "model": _or_none(row["model_gen"]),
            },
        )


def _pairs(table: Path, report: Report) -> Iterator[Sample]:
    texts: dict[str, dict[tuple[str, str], tuple[str, str]]] = {}
    for where, row in rows(table, _PAIR, report):
        corpus, ids = row["dataset"].strip(), row["ids"].strip()
        if corpus not in texts:
            texts[corpus] = _texts(table.parent, corpus, report)
        topic = row["id"].strip()
        pair = texts[corpus].get((topic.removeprefix(f"{corpus}-"), ids))
        if pair is None:
            report.add("missing", f"the texts of {topic}, {ids}", where)
            continue
        votes = {name: row[column].split("|") for name, column in
                 (("emotional", "emo_labels"), ("convincing", "conv_labels"))}  # fmt: skip
        if strange := [choice for chosen in votes.values() for choice in chosen if choice not in CHOICES]:
            report.add("unknown label", f'"{strange[0]}"', where)
            continue
        yield Sample(
            id=f"{topic}-{ids.replace(',', '-')}",
            media=None,
            text="\n\n".join(pair),
            language=row["lang"].strip(),
            speaker=f"emcona-{topic}",
            notes={
                "first": pair[0],
                "second": pair[1],
                **{name: tuple(CHOICES[choice] for choice in chosen) for name, chosen in votes.items()},
                "people": tuple(row["annotators"].split("|")),
                "corpus": corpus,
                "batch": row["batch"].strip(),
            },
        )


def _texts(folder: Path, corpus: str, report: Report) -> dict[tuple[str, str], tuple[str, str]]:
    """(index, ids) → the two texts; empty where the file is not there, so that every pair is noted as missing."""
    spellings = _TEXTS.get(corpus, (corpus,))
    names = [f"pairs/{name}.tsv" for name in spellings] + [f"arguments/{name}/200.tsv" for name in spellings]
    path = next((folder / name for name in names if (folder / name).is_file()), None)
    if path is None:
        return {}
    pairs = rows(path, ("index", "ids", "arg1", "arg2"), report, delimiter="\t")
    return {(row["index"].strip(), row["ids"].strip()): (row["arg1"].strip(), row["arg2"].strip()) for _, row in pairs}


def _or_none(written: str) -> str | None:
    return None if written.strip() in ("", "N/A") else written.strip()
