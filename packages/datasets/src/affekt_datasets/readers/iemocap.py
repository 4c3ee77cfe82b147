"""IEMOCAP (Busso et al. 2008): ten actors in five sessions, improvised and scripted.

Session1/ … Session5/
    dialog/EmoEvaluation/Ses01F_impro01.txt     [6.2901 - 8.2357]  Ses01F_impro01_F000  neu  [2.5, 2.5, 2.5]
    dialog/transcriptions/Ses01F_impro01.txt    Ses01F_impro01_F000 [006.2901-008.2357]: Excuse me.
    sentences/wav/Ses01F_impro01/Ses01F_impro01_F000.wav

or MER-UniBench's folder, see `merbench`. The four emotions of nearly all papers are read: excitement is happiness, and
other labels are left out. Session 5 is the split "test", as in MER-UniBench; the sessions are the official folds.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from affekt_datasets.listings import text_of
from affekt_datasets.media_folders import index
from affekt_datasets.problems import DatasetError, Report
from affekt_datasets.readers.merbench import Layout, is_packed, read_packed
from affekt_datasets.sample import Sample
from affekt_datasets.vocabulary import vocabulary

_CLIP = re.compile(r"Ses0([1-5])[FM]_\w+_([FM])\d+\w*$")
_LABEL = re.compile(r"\[[\d.]+ - [\d.]+\]\t(\S+)\t(\w+)\t\[([\d.]+), ([\d.]+), ([\d.]+)\]")
_SAID = re.compile(r"(\S+) \[[\d.]+-[\d.]+\]: ?(.*)")
OTHERS = frozenset({"fru", "fea", "sur", "dis", "oth", "xxx"})
"""Labels that the four leave out; xxx: the raters did not agree."""


def split_of(name: str) -> str:
    """MER-UniBench tests on the fifth session."""
    found = _CLIP.match(name)
    return "test" if found and found[1] == "5" else "train"


def speaker_of(name: str) -> str | None:
    """The one who speaks: not the one whose motion is captured, whom the dialogue is named after."""
    found = _CLIP.match(name)
    return found[1] + found[2] if found else None


LAYOUT = Layout(
    file="label_4way.npz", splits={"whole_corpus": "train"}, vocabulary="iemocap", prefix="iemocap",
    order=("happy", "sad", "neutral", "anger"), speaker=speaker_of, split=split_of,
)  # fmt: skip


def iemocap(root: Path, report: Report) -> list[Sample]:
    """The utterances with one of the four labels."""
    sessions = sorted({path.parents[1] for path in root.glob("**/Session[1-5]/dialog/EmoEvaluation")})
    if not sessions and is_packed(root, LAYOUT):
        return read_packed(root, report, LAYOUT)
    if not sessions:
        raise DatasetError(f'"{root}" has neither Session1 … Session5 nor {LAYOUT.file}', hint="IEMOCAP_full_release")
    return [sample for session in sessions for sample in _session(session, report)]


def _session(session: Path, report: Report) -> Iterator[Sample]:
    media = index([session / "sentences/wav"], report)
    text = {
        match[1]: match[2].strip()
        for path in sorted((session / "dialog/transcriptions").glob("Ses*.txt"))
        for line in text_of(path).splitlines()
        if (match := _SAID.match(line))
    }
    words = vocabulary("iemocap")
    for path in sorted((session / "dialog/EmoEvaluation").glob("Ses*.txt")):
        for line_number, line in enumerate(text_of(path).splitlines(), 1):
            found, where = _LABEL.match(line), f"{path.name}:{line_number}"
            if found is None or found[2] in OTHERS:
                continue
            name, label = found[1], words.read(found[2])
            if label is None or speaker_of(name) is None:
                report.add("bad row" if label else "unknown label", f'"{name if label else found[2]}"', where)
                continue
            yield Sample(
                id=name, media=media.take(name, report, where), label=label, valence=float(found[3]),
                text=text.get(name), language="en", split=split_of(name), speaker=f"iemocap-{speaker_of(name)}",
                fold=int(name[4]), notes={"activation": float(found[4]), "dominance": float(found[5])},
            )  # fmt: skip
