"""IEMOCAP (Busso et al. 2008): ten actors in five sessions, improvised and scripted.

Session1/ … Session5/
    dialog/EmoEvaluation/Ses01F_impro01.txt     [6.2901 - 8.2357]  Ses01F_impro01_F000  neu  [2.5, 2.5, 2.5]
    dialog/transcriptions/Ses01F_impro01.txt    Ses01F_impro01_F000 [006.2901-008.2357]: Excuse me.
    sentences/wav/Ses01F_impro01/Ses01F_impro01_F000.wav

or MER-UniBench's folder, see `merbench`. The four emotions of nearly all papers are read: excitement is happiness, and
clips with other labels are counted as left out. Session 5 is the split "test", as in MER-UniBench; the sessions are the
official folds.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from affekt_datasets.decoding import text_of
from affekt_datasets.errors import DatasetError
from affekt_datasets.left_out import OTHER_LABEL
from affekt_datasets.media_folders import index
from affekt_datasets.problems import Report
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
    match = _CLIP.match(name)
    return "test" if match and match[1] == "5" else "train"


def speaker_of(name: str) -> str | None:
    """The one who speaks: not the one whose motion is captured, whom the dialogue is named after."""
    match = _CLIP.match(name)
    return match[1] + match[2] if match else None


def session_of(name: str) -> str | None:
    """One of five; each has two actors of its own."""
    match = _CLIP.match(name)
    return f"iemocap-{match[1]}" if match else None


LAYOUT = Layout(
    file="label_4way.npz", splits={"whole_corpus": "train"}, vocabulary="iemocap", prefix="iemocap",
    order=("happy", "sad", "neutral", "anger"), speaker=speaker_of, split=split_of, session=session_of,
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
        for line in text_of(path, report).splitlines()
        if (match := _SAID.match(line))
    }
    words = vocabulary("iemocap")
    for path in sorted((session / "dialog/EmoEvaluation").glob("Ses*.txt")):
        for line_number, line in enumerate(text_of(path, report).splitlines(), 1):
            line_match, where = _LABEL.match(line), f"{path.name}:{line_number}"
            if line_match is None:
                continue
            name, label = line_match[1], words.read(line_match[2])
            if line_match[2] in OTHERS and speaker_of(name) is not None:
                report.leave_out(_sample(name, media.paths.get(name), text), OTHER_LABEL, line_match[2])
                media.used.add(name)
                continue
            if label is None or speaker_of(name) is None:
                report.add("bad row" if label else "unknown label", f'"{name if label else line_match[2]}"', where)
                continue
            yield replace(
                _sample(name, media.take(name, report, where), text), label=label, labels=(label,),
                valence=float(line_match[3]),
                notes={"activation": float(line_match[4]), "dominance": float(line_match[5])},
            )  # fmt: skip


def _sample(name: str, media: Path | None, text: Mapping[str, str]) -> Sample:
    """What a clip's name says, without its label."""
    return Sample(
        id=name, media=media, text=text.get(name), language="en", split=split_of(name),
        speaker=f"iemocap-{speaker_of(name)}", session=session_of(name), fold=int(name[4]),
    )  # fmt: skip
