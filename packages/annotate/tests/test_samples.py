"""The folder and the table of labels that a user names, as users write them."""

import unicodedata

import pytest
from affekt_annotate.commands import app
from affekt_annotate.samples import samples_in
from affekt_datasets import DatasetError
from typer.testing import CliRunner


@pytest.fixture
def clips(tmp_path):
    """A function that makes a folder of files with these names."""

    def make(*names):
        for name in names:
            path = tmp_path / "clips" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"a clip")
        return str(tmp_path / "clips")

    return make


@pytest.fixture
def table(tmp_path):
    """A function that writes a table with these lines."""

    def write(*lines, encoding="utf-8"):
        path = tmp_path / "labels.csv"
        path.write_text("\n".join(lines) + "\n", encoding=encoding)
        return path

    return write


def test_a_row_is_found_by_its_file_name_with_or_without_its_suffix(clips, table):
    folder = clips("home/a.mp4", "b.mov", "c.mp4")
    labels = table("file_name;label;speaker;licence", "home/a.mp4;happy;ada;CC BY 4.0", "b;NaN;ben;", encoding="utf-16")
    b, c, a = samples_in(folder, labels)
    assert (a.id, a.label, a.speaker, a.notes) == ("home/a", "happy", "ada", {"licence": "CC BY 4.0"})
    assert (b.id, b.label, b.speaker, b.notes) == ("b", None, "ben", {})
    assert (c.id, c.label, c.speaker) == ("c", None, None)


def test_an_accent_that_macos_takes_apart_is_the_same_accent(clips, table):
    written = "größe und freude 😀.mp4"
    folder = clips(unicodedata.normalize("NFD", written))
    (sample,) = samples_in(folder, table("file_name,label", f"{written},happy"))
    assert sample.label == "happy"


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["file_name,label", "a,happy", "a.mp4,sad", "a,sad"], "1 duplicate.*\n.*a \\(labels.csv:4\\)"),
        (["file_name,label", '"a,happy'], "quotes do not close"),
        (["file_name,label", "a"], "1 fields for 2 columns"),
        (["file_name,label", ",happy"], "no file name"),
        (["file_name,label", "nobody,happy"], 'does not hold, such as "nobody"'),
        (["label", "happy"], "none of the columns"),
    ],
)
def test_a_table_that_is_not_in_order_is_refused_before_any_clip(clips, table, lines, says):
    with pytest.raises(DatasetError, match=says) as error:
        samples_in(clips("a.mp4"), table(*lines))
    assert error.value.hint


def test_two_rows_of_one_clip_are_refused_however_they_name_it(clips, table):
    with pytest.raises(DatasetError, match='such as "a"'):
        samples_in(clips("a.mp4"), table("file_name,label", "a,happy", "a.mp4,sad"))


def test_what_is_no_folder_of_clips_or_no_table_is_told_in_a_line(clips, table, tmp_path):
    folder, labels = clips("a.mp4"), table("file_name,label", "a,happy")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match='empty" holds no clips') as error:
        samples_in(str(tmp_path / "empty"), labels)
    assert ".mp4" in error.value.hint
    with pytest.raises(DatasetError, match='empty" holds no clips') as error:
        samples_in(str(tmp_path / "empty"), None)
    assert ".mp4" in error.value.hint
    with pytest.raises(DatasetError, match=r'none\.csv" cannot be read'):
        samples_in(folder, tmp_path / "none.csv")
    with pytest.raises(DatasetError, match=r'clips" cannot be read'):
        samples_in(folder, tmp_path / "clips")
    with pytest.raises(DatasetError, match=r'a\.mp4" is a file') as error:
        samples_in(f"{folder}/a.mp4", None)
    assert error.value.hint == "the folder that it lies in"


def test_a_folder_that_cannot_be_written_is_told_before_anything_runs(world):
    world.add("a")
    config = world.root / "annotate.yaml"
    config.write_text(f"pipeline: {world.pipeline}\n", encoding="utf-8")
    (world.root / "taken").write_text("a file", encoding="utf-8")
    told = CliRunner().invoke(app, [str(world.clips), "-o", str(world.root / "taken"), "--config", str(config)])
    assert told.exit_code != 0
    assert "cannot be written" in str(told.exception)
    assert "another folder than" in told.exception.hint
