"""One spelling for each label of a table of one's own; whatever changes is kept, so that it can be told."""

import re
import unicodedata
from dataclasses import dataclass, field

NO_LABEL = frozenset({"na", "n/a", "nan"})
"""What R, spreadsheets and pandas write where there is nothing."""
_UNSEEN = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
"""Signs that take no room: the labels that hold them look like those that do not."""


@dataclass
class Spelling:
    """Unites labels that differ only in case, in blanks, or in how Unicode composes their letters."""

    lower: bool = True
    """Whether labels become lower case, as the emotions of pipelines are."""
    changed: dict[str, str | None] = field(default_factory=dict)
    """The label as written → the label, where they differ; None for a mark of nothing."""

    def label(self, written: str) -> str | None:
        """The label; None where the cell holds none."""
        label: str | None = " ".join(_UNSEEN.sub("", unicodedata.normalize("NFC", written)).split())
        if self.lower and label:
            label = unicodedata.normalize("NFC", label.lower())
        if not label or label.casefold() in NO_LABEL:
            label = None
        if (label or "") != written and (label or written.strip()):
            self.changed[written] = label
        return label

    def changes(self) -> list[str]:
        """A line for every change."""
        return [
            f"{written!r} is no label" if label is None else f"{shown(written, label)} is the label {label!r}"
            for written, label in sorted(self.changed.items())
        ]


def shown(written: str, meant: str) -> str:
    """The writing in quotes, with its signs by number where it would look the same as what is meant."""
    return ascii(written) if unicodedata.normalize("NFC", written) == meant else repr(written)
