"""The labels of each data set, and the way from one data set's labels to another's. Data: `data/vocabularies.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

from affekt_datasets.errors import DatasetError

COMMON = "affekt"
"""The vocabulary that all others map to: the words of affekt's own pipelines."""


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """The labels of a data set, in its official order."""

    name: str
    labels: tuple[str, ...]
    source: str
    """Where the labels and their order are stated."""
    codes: Mapping[str, str] = field(default_factory=dict)
    """How files write a label → the label."""
    common: Mapping[str, str] = field(default_factory=dict)
    """Label → the same emotion in the common vocabulary; labels without one are absent."""
    near: Mapping[str, str] = field(default_factory=dict)
    """Label → the nearest emotion in the common vocabulary, where the same one is missing."""

    def read(self, written: str) -> str | None:
        """The label that a file writes so; None when there is none."""
        written = written.strip()
        return self.codes.get(written) or next((label for label in self.labels if label == written.lower()), None)


@cache
def vocabularies() -> Mapping[str, Vocabulary]:
    """Name → vocabulary."""
    text = files("affekt_datasets").joinpath("data/vocabularies.yaml").read_text(encoding="utf-8")
    return MappingProxyType({name: _vocabulary(name, entry) for name, entry in yaml.safe_load(text).items()})


def _vocabulary(name: str, entry: dict[str, Any]) -> Vocabulary:
    return Vocabulary(
        name=name,
        labels=tuple(entry["labels"]),
        source=entry["source"],
        codes=MappingProxyType(entry.get("codes", {})),
        common=MappingProxyType({label: entry.get("common", {}).get(label, label) for label in entry["labels"]
                                 if entry.get("common", {}).get(label, label) is not None}),
        near=MappingProxyType(entry.get("near", {})),
    )  # fmt: skip


def vocabulary(name: str) -> Vocabulary:
    """The vocabulary of a data set.

    Raises:
        DatasetError: there is none of this name.
    """
    try:
        return vocabularies()[name]
    except KeyError as error:
        raise DatasetError(f'there is no vocabulary "{name}"', hint=f"one of {', '.join(vocabularies())}") from error


def mapping(source: str, target: str, *, near: bool = False) -> dict[str, str | None]:
    """Label of one vocabulary → label of another for the same emotion; None where the other has no word for it.

    Args:
        near: take the nearest emotion where the same one is missing ("worried" → "fearful"). Such scores are no longer
            comparable with those of either data set; say so wherever they are reported.

    Raises:
        DatasetError: there is no such vocabulary.
    """
    ours, theirs = vocabulary(source), vocabulary(target)
    if source == target:
        return {label: label for label in ours.labels}
    back = {common: label for label, common in reversed(list(theirs.common.items()))}
    mapped = {label: back.get(ours.common.get(label, "")) for label in ours.labels}
    if near:
        mapped = {label: mapped[label] or back.get(ours.near.get(label, "")) for label in ours.labels}
    return mapped
