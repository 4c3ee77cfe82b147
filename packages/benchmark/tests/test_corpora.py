"""One protocol across corpora: folds by person, resuming, missing corpora, and the page."""

import io
import json

import numpy as np
import pytest
from affekt import Reference
from affekt_benchmark.commands.bench import app as bench
from affekt_benchmark.corpora import cost, leaderboard, probes, vectors
from affekt_benchmark.corpora.listed import CORPORA
from affekt_benchmark.material.cases import Case
from affekt_benchmark.material.suites import BenchmarkError
from affekt_benchmark.reports import tables
from affekt_benchmark.results import Result
from affekt_datasets import CATALOGUE, Sample, vocabulary
from rich.console import Console
from typer.testing import CliRunner

LABELS = ("angry", "happy", "sad")


def people(count, each):
    return [
        Case(sample=Sample(id=f"{person}-{n}", media=None, text="So."),
             reference=Reference(id=f"{person}-{n}", label=LABELS[n % 3], group=f"person {person}"))
        for person in range(count) for n in range(each)
    ]  # fmt: skip


def separable(cases, noise=0.4, seed=0):
    random = np.random.default_rng(seed)
    truth = [LABELS.index(case.reference.label) for case in cases]
    return (np.eye(3)[truth] + noise * random.normal(size=(len(cases), 3))).astype(np.float32)


def right(answers, cases):
    return np.mean([answer.prediction.label == case.reference.label
                    for answer, case in zip(answers, cases, strict=True) if answer.prediction])  # fmt: skip


def test_people_are_whole_in_a_fold_and_the_seed_shuffles_them():
    cases = people(11, 6)
    folds = probes.folds_of(cases, 0)
    for person in {case.reference.group for case in cases}:
        assert len({fold for fold, case in zip(folds, cases, strict=True) if case.reference.group == person}) == 1
    assert sorted(np.bincount(folds) // 6) == [2, 2, 2, 2, 3]
    assert probes.folds_of(cases, 1).tolist() != folds.tolist()
    with pytest.raises(BenchmarkError, match="two people"):
        probes.folds_of(people(1, 6), 0)


def test_no_answer_depends_on_the_labels_of_its_own_person():
    cases = people(10, 9)
    columns = separable(cases)
    folds = probes.folds_of(cases, 0)
    lied = [
        Case(sample=case.sample, reference=Reference(id=case.reference.id, label="sad", group=case.reference.group))
        if fold == 2 else case
        for case, fold in zip(cases, folds, strict=True)
    ]  # fmt: skip
    ours, theirs = (probes.answers({"voice": columns}, {"voice": [""] * 90}, one, LABELS, 0) for one in (cases, lied))
    same = [a.prediction.scores == b.prediction.scores for a, b in zip(ours, theirs, strict=True)]
    assert all(equal == (fold == 2) for equal, fold in zip(same, folds, strict=True))
    assert right(ours, cases) > 0.9


def test_channels_are_joined_and_a_clip_without_one_is_judged_by_the_other():
    cases = people(10, 9)
    voice, face = separable(cases, 1.2, 1), separable(cases, 1.2, 2)
    voice[0], face[0], face[1] = np.nan, np.nan, np.nan
    reasons = {"voice": ["no sound"] + [""] * 89, "face": ["no face", "no face"] + [""] * 88}
    both = probes.answers({"voice": voice, "face": face}, reasons, cases, LABELS, 0)
    alone = probes.answers({"voice": voice}, {"voice": reasons["voice"]}, cases, LABELS, 0)
    assert both[0].prediction is None
    assert both[0].failure == "voice: no sound; face: no face"
    assert both[1].prediction is not None
    assert right(both, cases) > right(alone, cases)


def test_every_corpus_has_a_reader_and_its_vocabulary():
    for corpus in CORPORA:
        assert CATALOGUE[corpus.name].vocabulary == corpus.vocabulary
        assert vocabulary(corpus.vocabulary).labels
        assert ("all" in corpus.conditions) == (len(corpus.channels) > 1)


@pytest.fixture
def ask(corpus, tmp_path):
    def run(*more, out="out"):
        ran = CliRunner().invoke(
            bench, ["all", "-c", "ravdess", "-c", "emodb", "--data", f"ravdess={corpus}", "--data",
                    f"emodb={tmp_path / 'nowhere'}", "--voice", "loudness", "--store", str(tmp_path / "store"),
                    "-o", str(tmp_path / out), *more], env={"COLUMNS": "240"})  # fmt: skip
        assert ran.exit_code == 0, f"{ran.output}\n{ran.exception!r}"
        return ran.output

    return run


def test_the_command_writes_a_page_names_what_is_absent_and_goes_on_where_it_stopped(ask, tmp_path, monkeypatch):
    page = tmp_path / "page.md"
    said = ask("--page", str(page))
    assert "emodb was not measured" in said
    text = page.read_text()
    (row,) = (line for line in text.splitlines() if line.startswith("| RAVDESS | voice |"))
    assert row.endswith("| en | 3 | 12 | 4 |")
    assert "emodb was not measured" in text
    assert "lock" in text
    told = json.loads((tmp_path / "out" / "leaderboard.json").read_text())
    (row,) = told["rows"]
    value, low, high = row["measures"]["uar"]
    assert low <= value <= high
    result = Result.read(tmp_path / "out" / "ravdess-voice")
    assert result.measures["uar"]["uar"] == value
    assert result.about["cost"]["voice"]["clips"] == 8
    assert result.about["cost"]["voice"]["media_seconds"] == pytest.approx(8 * 0.6, abs=0.01)
    made = result.about["made"], result.about["run"]
    for module, name in ((leaderboard, "collect"), (vectors, "prepared"), (cost, "prepared")):
        monkeypatch.setattr(module, name, lambda *call, **more: pytest.fail("it was measured anew"))
    ask()
    again = Result.read(tmp_path / "out" / "ravdess-voice")
    assert (again.about["made"], again.about["run"]) == made


def test_another_seed_deals_people_anew_from_the_same_vectors_and_is_compared(ask, tmp_path, monkeypatch):
    ask(out="first")
    decoded = []
    prepared = vectors.prepared
    monkeypatch.setattr(vectors, "prepared", lambda *call: decoded.append(call) or prepared(*call))
    said = ask("--seed", "1", "--against", str(tmp_path / "first"), out="second")
    assert decoded == []
    assert "Seed 1 against seed 0" in said
    assert "Seed 1 against seed 0" in (tmp_path / "second" / "leaderboard.md").read_text()
    assert Result.read(tmp_path / "second" / "ravdess-voice").about["seed"] == 1


def test_corpora_that_are_not_in_the_list_are_refused(tmp_path):
    ran = CliRunner().invoke(bench, ["all", "-c", "ravdes", "-o", str(tmp_path)])
    assert isinstance(ran.exception, BenchmarkError)
    assert 'Did you mean "ravdess"' in str(ran.exception)


def test_a_table_that_is_too_wide_goes_on_below():
    row = ["Javanese, films", "all", *[(0.5 + number / 10, 0.4, 0.9) for number in range(5)], None, 168]
    table = tables.Table(
        name="T1", title="Corpora", rows=[row], columns=("corpus", "input", *"abcde", "people", "clips")
    )
    console = Console(width=76, file=io.StringIO())
    tables.show(console, [table])
    lines = console.file.getvalue().splitlines()
    assert max(map(len, lines)) <= 76
    assert [line.strip() for line in lines if line.startswith("T1")] == ["T1 Corpora", *["T1 Corpora, continued"] * 2]
    bodies = [line for line in lines if "Javanese, films   all" in line]
    assert len(bodies) == 3
    for cell in row[2:]:
        assert sum(tables.written(cell) in body for body in bodies) == 1
