"""Tables of one's own, as programs and people write them: what is read, and what is said about it."""

import csv as csv_module
import io
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from affekt_datasets import Dataset, DatasetError
from affekt_datasets.catalogue import examine
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

Tree = dict[str, bytes | str]
Build = Callable[[Tree], Path]


def labelled(build: Build, table: bytes | str, *files: str, **options: object) -> Dataset:
    """The data set of a table beside these files."""
    tree: Tree = {**dict.fromkeys(files or ("a.wav", "b.wav"), b"x"), "labels.csv": table}
    return examine("folder", build(tree), **options)


def labels(dataset: Dataset) -> list[tuple[str, str | None]]:
    return [(sample.id, sample.label) for sample in dataset]


def assumed(dataset: Dataset) -> list[str]:
    return [problem.what for problem in dataset.report.problems if problem.kind == "assumed"]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("file_name,label\na.wav,angry\nb.wav,happy\n", []),
        ('"file_name","label"\n"a.wav","angry"\n"b.wav","happy"\n', []),
        ('"","file_name","label"\n"1","a.wav","angry"\n"2","b.wav","happy"\n', []),
        ("file_name;label\r\na.wav;angry\r\nb.wav;happy\r\n", ["semicolons stand between the columns"]),
        ("file_name\tlabel\na.wav\tangry\nb.wav\thappy\n", ["tabs stand between the columns"]),
        ("file_name|label\na.wav|angry\nb.wav|happy\n", ["bars stand between the columns"]),
        ("\ufeffsep=;\r\nfile_name;label\r\na.wav;angry\r\nb.wav;happy\r\n", []),
        ('"sep=\t"\r\nfile_name\tlabel\r\na.wav\tangry\r\nb.wav\thappy', []),
        ("file_name,label\ra.wav,angry\rb.wav,happy\r", []),
        ("File Name, Label\na.wav, angry\nb.wav, happy\n,\n", []),
        ("filename;emotion;;\na.wav;angry;;\nb.wav;happy;;\n;;;\n", ["semicolons stand between the columns"]),
        ('file_name, label\na.wav, "angry"\nb.wav, "happy"\n', []),
    ],
)
def test_what_stands_between_and_around_the_columns_is_recognised(build: Build, table: str, said: list[str]) -> None:
    dataset = labelled(build, table)
    assert labels(dataset) == [("a", "angry"), ("b", "happy")]
    assert (assumed(dataset), dataset.report.grave()) == (said, [])


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("cp1252", "wütend glücklich traurig"),
        ("cp1252", "colère dégoût joie"),
        ("cp1252", "alegría enojo sorpresa"),
        ("cp1252", "förvånad rädd glad"),
        ("cp1252", "félicité ennui peur"),
        ("cp1252", "emoção tristeza raiva"),
        ("cp1250", "zły szczęśliwy smutny"),
        ("cp1251", "радость грусть злость"),
        ("gb18030", "高兴 生气 悲伤"),
        ("gb18030", "惊讶 厌恶 恐惧"),
        ("cp932", "喜び 悲しみ 怒り"),
        ("cp949", "기쁨 슬픔 분노"),
        ("big5", "高興 生氣 悲傷"),
        ("mac-roman", "wütend glücklich fröhlich"),
    ],
)
def test_an_older_code_page_is_recognised_by_three_labels_and_named(build: Build, encoding: str, words: str) -> None:
    one, two, three = words.split()
    end = "\r" if encoding == "mac-roman" else "\n"
    table = end.join(("file_name,label", f"a.wav,{one}", f"b.wav,{two}", f"c.wav,{three}", ""))
    dataset = labelled(build, table.encode(encoding), "a.wav", "b.wav", "c.wav")
    assert [sample.label for sample in dataset] == [one, two, three]
    (said,) = assumed(dataset)
    assert said.startswith("the encoding ")
    assert next(word for word in (one, two, three) if not word.isascii()) in said


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_what_unicode_itself_marks_is_no_assumption(build: Build, encoding: str) -> None:
    dataset = labelled(build, "file_name,label\na.wav,wütend\nb.wav,glücklich\n".encode(encoding))
    assert (labels(dataset), assumed(dataset)) == ([("a", "wütend"), ("b", "glücklich")], [])


def test_the_encoding_can_be_said(build: Build) -> None:
    table = "file_name,label\na.wav,wütend\n".encode("cp850")
    assert labels(labelled(build, table, "a.wav", encoding="cp850")) == [("a", "wütend")]
    with pytest.raises(DatasetError, match=r"is not text in utf-8(.|\n)*Try: "):
        labelled(build, table, "a.wav", encoding="utf-8")


@pytest.mark.parametrize("begins", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0\xa1\xb1"])
def test_a_workbook_is_no_table(build: Build, begins: bytes) -> None:
    with pytest.raises(DatasetError, match=r"is an Excel workbook\nTry: "):
        labelled(build, begins, "a.wav")


def test_spellings_of_a_label_are_one_label_and_each_is_named(build: Build) -> None:
    table = "file_name,label\na.wav,Angry\nb.wav,HAPPY\nc.wav,happy\nd.wav,NA\ne.wav,ha\u200bppy\nf.wav,a\u0308rger\n"
    dataset = labelled(build, table, *(f"{name}.wav" for name in "abcdef"))
    assert [sample.label for sample in dataset] == ["angry", "happy", "happy", None, "happy", "ärger"]
    assert assumed(dataset) == [
        "'Angry' is the label 'angry'", "'HAPPY' is the label 'happy'", "'NA' is no label",
        "'a\\u0308rger' is the label 'ärger'", "'ha\\u200bppy' is the label 'happy'",
    ]  # fmt: skip


def test_spelling_can_be_kept(build: Build) -> None:
    dataset = labelled(build, "file_name,label\na.wav,Angry\nb.wav,HAPPY\n", lower=False)
    assert (labels(dataset), assumed(dataset)) == ([("a", "Angry"), ("b", "HAPPY")], [])


def test_a_vocabulary_takes_another_spelling_and_says_so(build: Build) -> None:
    dataset = labelled(build, "file_name,label\na.wav,Happy\nb.wav,bliss\n", vocabulary="ravdess")
    assert (labels(dataset), assumed(dataset)) == ([("a", "happy")], ["'Happy' is the label 'happy'"])
    assert [problem.what for problem in dataset.report.grave()] == ['"bliss"']


@pytest.mark.parametrize(
    ("listed", "lying", "said"),
    [
        ("w\u00fctend.wav", "wu\u0308tend.wav", "'w\\xfctend.wav' is the file 'wu\\u0308tend.wav'"),
        ("wu\u0308tend.wav", "w\u00fctend.wav", "'wu\\u0308tend.wav' is the file 'w\\xfctend.wav'"),
        ("clips\\a.wav", "clips/a.wav", "'clips\\\\a.wav' is the file 'clips/a.wav'"),
        ("Clips/A.WAV", "clips/a.wav", "'Clips/A.WAV' is the file 'clips/a.wav'"),
    ],
)
def test_a_file_is_found_under_another_systems_writing(build: Build, listed: str, lying: str, said: str) -> None:
    dataset = labelled(build, f"file_name,label\n{listed},angry\n", lying)
    assert dataset.report.grave() == []
    assert assumed(dataset) == [said]
    assert dataset.samples[0].media == dataset.root / lying
    assert dataset.samples[0].id == unicodedata.normalize("NFC", listed).replace("\\", "/").rpartition(".")[0]


@pytest.mark.parametrize("name", ["clip.1", "clips/clip.1"])
def test_a_name_without_its_ending_is_the_only_file_of_that_name(build: Build, name: str) -> None:
    dataset = labelled(build, f"file_name,label\n{name},angry\n", f"{name}.wav", "clip.2.wav")
    assert dataset.report.grave() == []
    assert assumed(dataset) == [f"{name!r} is the file '{name}.wav'"]
    assert dataset.samples[0].id == name
    either = labelled(build, "file_name,label\na,angry\n", "a.wav", "a.mp4")
    assert either.report.counts()["missing"] == 1


@pytest.mark.parametrize(("cell", "said"), [("angry;sad", []), ("angry|sad", ["bars"]), ('"angry, sad"', ["commas"])])
def test_several_emotions_of_a_cell_are_told_apart(build: Build, cell: str, said: list[str]) -> None:
    dataset = labelled(build, f"file_name,labels\na.wav,{cell}\n", "a.wav")
    assert dataset.samples[0].labels == ("angry", "sad")
    assert [line.split()[0] for line in assumed(dataset)] == said


def test_two_files_that_differ_in_case_only_are_not_mixed_up(build: Build) -> None:
    dataset = labelled(build, "file_name,label\nA.WAV,angry\n", "a.wav", "a.WAV")
    assert dataset.report.counts()["missing"] == 1


@pytest.mark.parametrize("name", ["..\\secret.wav", "../secret.wav"])
def test_a_path_out_of_the_folder_is_refused_however_its_slashes_lean(build: Build, name: str) -> None:
    assert labelled(build, f"file_name,label\n{name},angry\n", "a.wav").report.counts()["bad row"] == 1


@pytest.mark.parametrize(
    ("cells", "fold", "valence", "problems"),
    [
        ("1.0;0,5", 1, 0.5, ["assumed", "assumed"]),
        ("1.7;0", None, 0.0, ["assumed", "bad row"]),
        ("-1;0", None, 0.0, ["assumed", "bad row"]),
        ("NA;NA", None, None, ["assumed"]),
        ("2;much", 2, None, ["assumed", "bad row"]),
    ],
)
def test_numbers_are_read_or_refused_and_never_cut(
    build: Build, cells: str, fold: int | None, valence: float | None, problems: list[str]
) -> None:
    dataset = labelled(build, f"file_name;label;fold;valence\na.wav;angry;{cells}\n", "a.wav")
    assert (dataset.samples[0].fold, dataset.samples[0].valence) == (fold, valence)
    assert [problem.kind for problem in dataset.report.problems] == problems


def test_a_comma_that_may_part_thousands_is_refused(build: Build) -> None:
    dataset = labelled(build, 'file_name,label,valence\na.wav,angry,"1,234"\nb.wav,happy,"0,5"\n')
    assert [sample.valence for sample in dataset] == [None, 0.5]
    assert [problem.what for problem in dataset.report.grave()] == ['"1,234" is no number']


@pytest.mark.parametrize(
    ("table", "what"),
    [
        ('file_name,label\na.wav,"angry\nb.wav,happy\n', "its quotes do not close"),
        ("file_name,label\na.wav\n", "1 fields for 2 columns"),
        ("file_name,label\na.wav,angry,very\n", "3 fields for 2 columns"),
        ("file_name,label\n,angry\n", "no file name"),
    ],
)
def test_a_row_that_cannot_be_read_is_counted(build: Build, table: str, what: str) -> None:
    (problem, *_) = labelled(build, table, "a.wav").report.grave()
    assert problem.kind == "bad row"
    assert what in problem.what


@pytest.mark.parametrize(
    ("table", "what"),
    [
        ("clip_id,label\na.wav,angry\n", r"has none of the columns .*found 'clip_id,label'"),
        ("file_name,label,Label\na.wav,angry,happy\n", r'has two columns "label"'),
        ("", "has none of the columns"),
    ],
)
def test_a_heading_that_cannot_be_read_is_an_error(build: Build, table: str, what: str) -> None:
    with pytest.raises(DatasetError, match=what + r"(.|\n)*Try: "):
        labelled(build, table, "a.wav")


WRITABLE = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",), exclude_characters="\0\r"), max_size=12)
"""Without the carriage return, which Python's own writer leaves unquoted, so that it ends the row."""
LATIN = st.text(st.characters(codec="cp1252", min_codepoint=32, exclude_characters="\x7f"), max_size=12)
FOLDER_IS_SHARED = [HealthCheck.function_scoped_fixture]
PROGRAMS: Mapping[str, tuple[str, str, int]] = {
    "pandas": (",", "\n", csv_module.QUOTE_MINIMAL), "R": (",", "\n", csv_module.QUOTE_ALL),
    "Excel": (";", "\r\n", csv_module.QUOTE_MINIMAL), "tabs": ("\t", "\n", csv_module.QUOTE_MINIMAL),
}  # fmt: skip


def written_by(program: str, cells: list[str]) -> str:
    delimiter, end, quoting = PROGRAMS[program]
    stream = io.StringIO(newline="")
    writer = csv_module.writer(stream, delimiter=delimiter, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(["file_name", "label"])
    writer.writerows([f"{number}.wav", cell] for number, cell in enumerate(cells))
    return stream.getvalue()


@settings(derandomize=True, max_examples=150, deadline=None, suppress_health_check=FOLDER_IS_SHARED)
@given(cells=st.lists(WRITABLE, min_size=1, max_size=4), program=st.sampled_from(sorted(PROGRAMS)), lower=st.booleans())
@example(cells=[" 0"], program="Excel", lower=False)
def test_no_label_of_a_unicode_table_changes_without_a_word(
    tmp_path: Path, cells: list[str], program: str, lower: bool
) -> None:
    (tmp_path / "labels.csv").write_text(written_by(program, cells), encoding="utf-8", newline="")
    for number in range(len(cells)):
        (tmp_path / f"{number}.wav").write_bytes(b"x")
    dataset = examine("folder", tmp_path, lower=lower)
    assert len(dataset) == len(cells)
    for cell, sample in zip(cells, dataset, strict=True):
        if sample.label == (cell or None):
            continue
        if sample.label is None and not cell.strip():
            continue
        if sample.label == cell.lstrip(" "):  # blanks behind a delimiter are the table's, not the label's
            continue
        (said,) = [said for said in assumed(dataset) if said.startswith((f"{cell!r} is ", f"{cell!a} is "))]
        assert said.endswith("no label" if sample.label is None else repr(sample.label))


@settings(derandomize=True, max_examples=100, deadline=None, suppress_health_check=FOLDER_IS_SHARED)
@given(cells=st.lists(LATIN, min_size=1, max_size=4), program=st.sampled_from(sorted(PROGRAMS)))
def test_bytes_of_a_code_page_are_kept_or_the_encoding_is_named(tmp_path: Path, cells: list[str], program: str) -> None:
    data = written_by(program, cells).encode("cp1252")
    (tmp_path / "labels.csv").write_bytes(data)
    for number in range(len(cells)):
        (tmp_path / f"{number}.wav").write_bytes(b"x")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        (said, *_) = assumed(examine("folder", tmp_path))
        assert said.startswith("the encoding ")
    said_to_be = examine("folder", tmp_path, lower=False, encoding="cp1252")
    for cell, sample in zip(cells, said_to_be, strict=True):
        told = [said for said in assumed(said_to_be) if said.startswith((f"{cell!r} is ", f"{cell!a} is "))]
        assert told or sample.label == (cell.strip() or None)
