"""`affekt bench folder`: recordings of one's own, with a table and with a folder a label."""

import shutil

import pytest
from affekt_benchmark.commands.bench import app as bench
from affekt_benchmark.material.translation import Translation
from affekt_benchmark.results import Result
from typer.testing import CliRunner

EMOTIONS = {"01": "neutral", "03": "Happy", "04": "sadness", "05": "anger"}


@pytest.fixture
def clips(corpus):
    return [(path, EMOTIONS[path.stem.split("-")[2]], path.parent.name) for path in sorted(corpus.rglob("*.wav"))]


def run(folder, levels, out, *more):
    ran = CliRunner().invoke(bench, ["folder", str(folder), "-p", str(levels), "-o", str(out), *more])
    assert ran.exit_code == 0, f"{ran.output}\n{ran.exception!r}"
    return Result.read(out), ran.output


def test_folders_are_labels_and_below_them_speakers_and_both_layouts_give_one_result(clips, levels, tmp_path):
    by_folder, by_table = tmp_path / "folders", tmp_path / "table"
    by_table.mkdir()
    rows = ["file_name,label,speaker"]
    for path, label, speaker in clips:
        (by_folder / label / speaker).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, by_folder / label / speaker / path.name)
        shutil.copy(path, by_table / path.name)
        rows.append(f"{path.name},{label},{speaker}")
    (by_table / "labels.csv").write_text("\n".join(rows))
    (first, said), (second, _) = (run(one, levels, tmp_path / f"out {one.name}") for one in (by_folder, by_table))
    assert first.about["vocabulary"]["labels"] == ["anger", "happy", "neutral", "sadness"]
    assert first.about["vocabulary"]["answered_as"]["anger"] == "angry"
    assert first.measures["uar"] == second.measures["uar"]
    assert first.measures["uar"]["clusters"] == 3
    assert first.value("uar")[0] > 0.25
    assert "3 speakers" in said


def test_a_part_of_the_data_may_be_asked_for(clips, levels, tmp_path):
    for number, (path, label, _) in enumerate(clips):
        folder = tmp_path / "own" / ("train" if number % 3 else "test") / label
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / path.name)
    result, _ = run(tmp_path / "own", levels, tmp_path / "out", "--split", "test")
    assert len(result.clips) == 4
    assert all(row["id"].startswith("test/") for row in result.clips)


def test_labels_of_ones_own_take_the_words_that_data_sets_use_for_the_same_emotion():
    translation = Translation.of_labels(["Joy", "anger", "hungry"])
    assert translation.reach(["happy", "angry", "sad"]) == ("Joy", "anger")
