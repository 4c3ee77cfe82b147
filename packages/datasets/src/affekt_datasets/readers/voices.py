"""Corpora of voices whose file names say everything: nEMO, ASED, Javanese, Urdu and EmoGator."""

from pathlib import Path

from affekt_datasets.problems import Report
from affekt_datasets.readers.file_names import labelled, note, read_names
from affekt_datasets.sample import Sample
from affekt_datasets.vocabulary import vocabulary


def nemo(root: Path, report: Report) -> list[Sample]:
    """`EB0_anger_1.wav`: speaker, emotion, sentence. Christop 2024, arXiv:2404.06292."""
    words = vocabulary("nemo")

    def sample_of(path: Path) -> Sample | None:
        fields = path.stem.split("_")
        if len(fields) != 3:
            return note("bad row", path, root, report)
        return labelled(
            path, words, fields[1], report, f"nemo-{fields[0]}", {"sentence": fields[2]}, language="pl"
        )  # fmt: skip

    return read_names(root, report, sample_of)


def ased(root: Path, report: Report) -> list[Sample]:
    """`a5-01-02-01-29.wav`: emotion and its folder, sentence, repetition, sex, speaker. Retta et al. 2023."""
    words = vocabulary("ased")

    def sample_of(path: Path) -> Sample | None:
        fields = path.stem.split("-")
        if len(fields) != 5 or not fields[0]:
            return note("bad row", path, root, report)
        notes = {"sentence": fields[1], "repetition": fields[2]}
        code = fields[0][0].lower()
        return labelled(path, words, code, report, f"ased-{fields[4]}", notes, language="am")

    return read_names(root, report, sample_of)


def javanese(root: Path, report: Report) -> list[Sample]:
    """`03-02-05_01.wav` or `03-02-05.mp4`: actor, sentence, emotion, take. Arifin, two sets by the same ten actors."""
    words = vocabulary("javanese")

    def sample_of(path: Path) -> Sample | None:
        fields = path.stem.partition("_")[0].split("-")
        if len(fields) != 3 or not all(len(field) == 2 and field.isdigit() for field in fields):
            return note("bad row", path, root, report)
        notes = {"sentence": fields[1], "take": path.stem.partition("_")[2] or None}
        return labelled(path, words, fields[2], report, f"javanese-{fields[0]}", notes, language="jv")

    return read_names(root, report, sample_of)


def urdu(root: Path, report: Report) -> list[Sample]:
    """`SM5_F10_N038.wav`: speaker, file, emotion and a running number. Latif et al. 2018, arXiv:1812.10411."""
    words = vocabulary("urdu")

    def sample_of(path: Path) -> Sample | None:
        fields = path.stem.split("_")
        if len(fields) != 3 or not fields[2]:
            return note("bad row", path, root, report)
        return labelled(path, words, fields[2][0], report, f"urdu-{fields[0]}", {}, language="ur")

    return read_names(root, report, sample_of)


def emogator(root: Path, report: Report) -> list[Sample]:
    """`000123-07-2.mp3`: person, category, take: voices without words. Buhl 2023, arXiv:2301.00508."""
    words = vocabulary("emogator")

    def sample_of(path: Path) -> Sample | None:
        fields = path.stem.split("-")
        if len(fields) != 3 or not all(field.isdigit() for field in fields):
            return note("bad row", path, root, report)
        return labelled(path, words, fields[1], report, f"emogator-{fields[0]}", {"take": fields[2]})

    return read_names(root, report, sample_of)
