"""Arguments: people's agreement, models beside people, and the tables that are written."""

import json
import os
import re
from pathlib import Path

import krippendorff
import numpy as np
import pytest
import word_rule
from affekt import plugins
from affekt_benchmark.arguments import agreement, learnt, rates, soft, strict, systems
from affekt_benchmark.arguments.corpus import LABELS, Corpus, load
from affekt_benchmark.commands.bench import app as bench
from affekt_benchmark.material.suites import BenchmarkError
from affekt_benchmark.reports.tables import tex
from affekt_benchmark.runs import running
from affekt_datasets import Sample
from affekt_metrics.intervals import Intervals
from typer.testing import CliRunner

QUICK = Intervals(draws=0)
SHARED = Path(os.environ.get("AFFEKT_SHARED", "../shared")) / "data" / "emcona"
TABLE = """text,rater 1,rater 2,rater 3,group
I am fearful of it.,fear,fear,none,a
Nothing at all.,none,none,none,a
How very sad it is.,sadness,sad,none,b
They cheat us.,anger,none,none,b
So happy!,joy,enjoyment,surprise,c
A plain fact.,none,none,anger,c
"""


def made(said, clusters=None):
    """A corpus of texts with these labels, each text an original unless clusters say otherwise."""
    groups = range(len(said)) if clusters is None else clusters
    samples = [
        Sample(id=str(n), media=None, text=f"text {n}", speaker=f"original {group}", notes={"raters": tuple(row)})
        for n, (row, group) in enumerate(zip(said, groups, strict=True))
    ]
    return Corpus(name="made", samples=tuple(samples))


def random_corpus(count=300, seed=0):
    random = np.random.default_rng(seed)
    rates = [0.5, 0.12, 0.1, 0.07, 0.05, 0.1, 0.06]
    rows = random.choice(LABELS, size=(count, 3), p=rates)
    return made(rows.tolist(), np.arange(count) // 5)


@pytest.fixture
def rule():
    plugins().add("word_rule", "affekt-word-rule", "0.1.0", word_rule)
    yield
    plugins().components.pop(("reasoner", "word-rule"), None)


@pytest.fixture
def ask(rule, tmp_path):
    pipeline, table = tmp_path / "words.yaml", tmp_path / "table.csv"
    pipeline.write_text("name: by words\nreasoner: word-rule\n")
    table.write_text(TABLE)

    def run(*more):
        return CliRunner().invoke(bench, ["arguments", "-p", str(pipeline), "--data", str(table), "--probe", "",
                                          "--draws", "50", "-o", str(tmp_path / "out"), *more])  # fmt: skip

    return run


def test_alpha_of_numbers_is_that_of_the_library_also_where_answers_lack():
    random = np.random.default_rng(1)
    values = random.integers(1, 6, size=(60, 3)).astype(float) + np.arange(60)[:, None] % 3
    values[random.random(values.shape) < 0.2] = np.nan
    told = [[None if np.isnan(value) else value for value in row] for row in values]
    found = agreement.interval(told, np.arange(60), Intervals(draws=200))
    expected = krippendorff.alpha(reliability_data=values.T, level_of_measurement="interval")
    assert found["alpha"] == pytest.approx(expected)
    assert found["alpha.low"] < expected < found["alpha.high"]


def test_alpha_among_people_does_not_depend_on_any_model():
    corpus = random_corpus()
    codes = corpus.said.T.astype(float)
    expected = krippendorff.alpha(reliability_data=codes, level_of_measurement="nominal")
    for choice in (None, np.zeros(len(corpus), dtype=int)):
        assert agreement.nominal(corpus, choice, QUICK)["alpha_raters"] == pytest.approx(expected)
    binary = krippendorff.alpha(reliability_data=(codes > 0).astype(float), level_of_measurement="nominal")
    assert agreement.nominal(corpus, None, QUICK, binary=True)["alpha_raters"] == pytest.approx(binary)


def test_a_held_out_person_and_a_system_are_judged_on_the_same_judgements():
    corpus = made([("none", "none", "anger"), ("fear", "fear", "fear"), ("none", "anger", "fear")])
    truth, _ = strict.held_out(corpus)
    assert truth.tolist() == [[-1, -1, 0], [4, 4, 4], [-1, -1, -1]]
    person = strict.against_others(corpus, None, QUICK)
    assert (person["judgements"], person["accuracy"]) == (4, 0.75)
    system = strict.against_others(corpus, np.array([0, 1, 0]), QUICK)
    assert (system["judgements"], system["accuracy"]) == (4, 0.25)
    assert strict.against_majority(corpus, np.array([0, 1, 0]), QUICK)["judgements"] == 2
    assert strict.relaxed(corpus, np.array([1, 4, 5]), QUICK)["anybody"] == pytest.approx(2 / 3)


def test_emotional_is_what_most_people_find():
    corpus = made([("none", "anger", "fear"), ("none", "none", "fear"), ("fear",) * 3])
    found = strict.emotional(corpus, np.array([True, True, False]), QUICK)
    assert (found["precision"], found["recall"]) == (0.5, 0.5)


def test_variants_of_an_original_are_never_parted_by_folds():
    corpus = random_corpus()
    folds = corpus.folds(seed=3)
    assert set(folds) == set(range(5))
    for original in range(60):
        assert len(set(folds[corpus.clusters == original])) == 1
    assert corpus.folds(seed=4).tolist() != folds.tolist()
    with pytest.raises(BenchmarkError, match="no folds"):
        made([("none",) * 3] * 4, [0] * 4).folds(0)


def biased(corpus):
    """Scores that follow people, with anger and fear added everywhere."""
    random = np.random.default_rng(5)
    logits = 2 * corpus.shares + random.normal(size=corpus.shares.shape)
    logits[:, [LABELS.index("anger"), LABELS.index("fear")]] += 3
    powers = np.exp(logits)
    return systems.of_probabilities("biased", powers / powers.sum(axis=1, keepdims=True))


def test_at_peoples_rates_a_biased_model_names_anger_and_fear_as_often_as_people_do():
    corpus = random_corpus(1000)
    system = biased(corpus)
    before = strict.rates(corpus, system.choice, QUICK)
    corrected = learnt.at_peoples_rates(system, corpus, corpus.folds(0))
    after = strict.rates(corpus, corrected.choice, QUICK)
    for label in ("anger", "fear"):
        assert before[f"ratio:{label}"] > 2
        assert 0.8 < after[f"ratio:{label}"] < 1.25
    assert (
        soft.distances(corpus, corrected, QUICK)["cross_entropy"]
        < soft.distances(corpus, system, QUICK)["cross_entropy"]
    )
    prior = systems.prior(corpus, corpus.folds(0), 0)
    assert (
        soft.distances(corpus, corrected, QUICK)["cross_entropy"]
        < soft.distances(corpus, prior, QUICK)["cross_entropy"]
    )


def shifted(rates, count, seed):
    """Labels drawn at these rates, and probabilities of a classifier that expects all labels equally often."""
    random = np.random.default_rng(seed)
    labels = random.choice(len(LABELS), p=rates, size=count)
    logits = 1.5 * np.eye(len(LABELS))[labels] + random.normal(size=(count, len(LABELS)))
    powers = np.exp(1.5 * logits)  # calibrated: the shift over the variance
    return np.eye(len(LABELS))[labels], powers / powers.sum(axis=1, keepdims=True)


def test_rates_are_estimated_without_labels_where_naming_gets_them_wrong():
    size = len(LABELS)
    wanted = np.array([0.5, 0.02, 0.03, 0.2, 0.05, 0.1, 0.1])
    _, asked = shifted(wanted, 5000, 0)
    known_labels, known = shifted(np.full(size, 1 / size), 5000, 1)
    named = np.bincount(asked.argmax(axis=1), minlength=size) / len(asked)
    assert np.abs(named - wanted).max() > 0.08
    assert np.abs(rates.by_em(asked, np.full(size, 1 / size)) - wanted).max() < 0.03
    assert np.abs(rates.by_bbse(known, known_labels, asked) - wanted).max() < 0.03
    assert np.isclose(rates.by_bbse(known, known_labels, asked).sum(), 1)


def test_estimated_rates_do_not_read_the_labels_of_the_texts_they_are_of():
    corpus = random_corpus(200)
    folds, system = corpus.folds(0), biased(corpus)
    estimates = rates.estimated(corpus, system, folds)
    assert set(estimates) == {"as named", "EM", "BBSE"}
    other = made([("fear",) * 3 for _ in corpus.samples], corpus.clusters)
    assert np.array_equal(rates.estimated(other, system, folds)["EM"], estimates["EM"])
    one = folds == 1
    changed = made(
        [("fear",) * 3 if fold else sample.notes["raters"] for sample, fold in zip(corpus.samples, one, strict=True)],
        corpus.clusters,
    )
    by_fold = [
        rates.by_bbse(system.probabilities[~one], at.shares[~one], system.probabilities[one])
        for at in (corpus, changed)
    ]
    assert np.array_equal(*by_fold)
    assert not np.array_equal(rates.estimated(changed, system, folds)["BBSE"], estimates["BBSE"]), "other folds' errors"


def test_the_rates_that_a_fold_expects_come_from_the_other_folds():
    corpus = random_corpus(200)
    folds, vectors = corpus.folds(0), np.random.default_rng(2).normal(size=(200, 8))
    tested = folds == 1
    changed = made(
        [
            ("fear",) * 3 if fold else sample.notes["raters"]
            for sample, fold in zip(corpus.samples, tested, strict=True)
        ],
        corpus.clusters,
    )
    for make in (
        lambda at: systems.prior(at, folds, 0),
        lambda at: learnt.probe(at, vectors, folds, "probe"),
        lambda at: learnt.at_peoples_rates(biased(corpus), at, folds),
    ):
        assert np.array_equal(make(corpus).expected[tested], make(changed).expected[tested])
        assert not np.array_equal(make(corpus).expected[~tested], make(changed).expected[~tested])


def test_what_is_learnt_of_a_fold_does_not_come_from_its_own_labels():
    corpus = random_corpus(200)
    folds, vectors = corpus.folds(0), np.random.default_rng(2).normal(size=(200, 8))
    vectors[:, :7] += 3 * corpus.shares
    system = biased(corpus)
    rows = [
        ("fear",) * 3 if fold == 1 else sample.notes["raters"]
        for sample, fold in zip(corpus.samples, folds, strict=True)
    ]
    changed = made(rows, corpus.clusters)
    for learn in (lambda one: learnt.probe(one, vectors, folds, "probe"),
                  lambda one: learnt.at_peoples_rates(system, one, folds)):  # fmt: skip
        ours, theirs = learn(corpus), learn(changed)
        assert np.array_equal(ours.probabilities[folds == 1], theirs.probabilities[folds == 1])
        assert np.array_equal(ours.choice[folds == 1], theirs.choice[folds == 1])
        assert not np.array_equal(ours.probabilities[folds != 1], theirs.probabilities[folds != 1])
    found = learnt.probe(corpus, vectors, folds, "probe")
    chance = systems.always_none(corpus)
    assert strict.against_majority(corpus, found.choice, QUICK)["macro_f1"] > (
        strict.against_majority(corpus, chance.choice, QUICK)["macro_f1"] + 0.1
    )


def test_peoples_own_distribution_is_the_best_answer():
    corpus = random_corpus(100)
    perfect = soft.distances(corpus, systems.of_probabilities("people", corpus.shares), QUICK)
    assert perfect["jensen_shannon"] == perfect["brier"] == pytest.approx(0)
    known = np.where(corpus.shares > 0, corpus.shares, 1)
    entropy = -(corpus.shares * np.log(known)).sum(axis=1).mean()
    assert perfect["cross_entropy"] == pytest.approx(entropy, abs=0.01)
    certain = soft.distances(corpus, systems.always_none(corpus), QUICK)
    assert certain["cross_entropy"] > 2
    assert soft.of_people(corpus, QUICK)["brier"] > certain["brier"] > 0.2


def test_a_model_that_repeats_a_person_ties_with_that_person():
    corpus = random_corpus(100)
    copy = systems.of_probabilities("copy", np.eye(len(LABELS))[corpus.said[:, 1]])
    assert soft.win_rates(corpus, copy, QUICK)["person 1"] == 0.5
    assert systems.always_none(corpus).choice.tolist() == [0] * 100


def test_a_feeling_that_goes_with_conviction_is_found_and_noise_is_not():
    corpus = random_corpus(300, seed=4)
    random = np.random.default_rng(7)
    noise = random.normal(size=corpus.said.shape)
    raised = noise + 1.5 * (corpus.said == LABELS.index("sadness"))
    found, none = (
        agreement.convincing(corpus, [[None, *map(float, row[1:])] for row in scores], 200, 0, Intervals(draws=100))
        for scores in (raised, noise)
    )
    assert found["sadness"][2] < 0.01 < 0.05 < none["sadness"][2]
    assert found["sadness"][1][0] > found["sadness"][1][1] > none["sadness"][1][0]
    assert found["none"][0] == int((corpus.said[:, 1:] == 0).sum())


def test_open_words_stand_for_labels_by_a_map_that_is_data():
    assert systems.labels_of_words(["Furious", "joy", "angry"]) == (("anger", "enjoyment"), 0)
    assert systems.labels_of_words(["bored", "wobbly"]) == ((), 2)


def test_the_command_prints_and_writes_every_table_that_the_corpus_allows(ask, tmp_path):
    ran = ask()
    assert ran.exit_code == 0, f"{ran.output}\n{ran.exception!r}"
    told = json.loads((tmp_path / "out" / "study.json").read_text())
    names = [table["name"] for table in told["tables"]]
    assert names == ["T1", "T2", "T3", "T4", "T4b", "T5", "T6", "T6b", "T8"]
    tables = {table["name"]: table for table in told["tables"]}
    assert {row[0] for row in tables["T8"]["rows"]} == {
        "always none", "prior", "by words", "by words, at people's rates"
    }  # fmt: skip
    (words,) = tables["T5"]["rows"]
    assert (words[0], words[1], words[2], words[5]) == ("by words", 12, 0.5, "wobbly")
    assert "release" not in json.dumps(told["tables"])
    page = (tmp_path / "out" / "tables.md").read_text()
    assert all(f"## {name} " in page for name in names)
    assert "affekt-arguments-v1" in page
    for name in names:
        assert f"{name} " in ran.output


def test_an_interrupted_study_goes_on_where_it_stopped(ask, tmp_path, monkeypatch):
    ask()
    journal = tmp_path / "out" / "answers.jsonl"
    journal.write_text("".join(journal.read_text().splitlines(keepends=True)[:4]))
    asked, analyze = [], running.ask
    monkeypatch.setattr(running, "ask", lambda *call: asked.append(call) or analyze(*call))
    ran = ask("--json")
    assert len(asked) == 2
    assert json.loads(ran.stdout)["about"]["texts"] == 6


def test_tables_are_latex_that_balances(ask, tmp_path):
    ask()
    text = (tmp_path / "out" / "tables.tex").read_text()
    body = re.sub(r"\\[{}\\&%$#_]", "", "\n".join(line for line in text.splitlines() if not line.startswith("%")))
    assert body.count("{") == body.count("}")
    assert not re.search(r"[−–ακ÷→_^~#]", re.sub(r"\\label\{.*?\}", "", body))
    for tabular in re.findall(r"\\begin\{tabular\}\{(\w+)\}\n(.*?)\\end\{tabular\}", text, re.DOTALL):
        columns, rows = tabular
        for row in rows.splitlines():
            if row.endswith(r"\\"):
                assert len(re.findall(r"(?<!\\)&", row)) == len(columns) - 1, row
    assert tex("50 % of a_b {x}") == r"50 \% of a\_b \{x\}"


@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        ("text,rater 1,rater 2\nSo.,joy,bliss\n", '"bliss" is none of the labels'),
        ("text,rater 1,rater 2\n,joy,joy\n", "line 2: a text and a label of every rater"),
        ("text,rater 1\nSo.,joy\n", "the same two people or more"),
        ("text,rater 1,rater 2\n", "no text"),
    ],
)
def test_a_table_that_lacks_something_is_refused(tmp_path, table, wrong):
    path = tmp_path / "table.csv"
    path.write_text(table)
    with pytest.raises(BenchmarkError, match=wrong):
        load(path, None, 0)


def test_two_pipelines_of_one_name_and_a_model_without_the_labels_are_refused(ask, tmp_path):
    ran = ask("-p", str(tmp_path / "words.yaml"))
    assert isinstance(ran.exception, BenchmarkError)
    assert 'called "by words"' in str(ran.exception)
    from affekt import EmotionPrediction

    with pytest.raises(BenchmarkError, match="fewer than two of the labels"):
        systems.closed("odd", [EmotionPrediction(scores={"hungry": 0.5, "angry": 0.5})], {}, {})


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs $AFFEKT_SHARED/data/emcona")
def test_agreement_on_the_part_of_the_release_at_hand_stays_as_it_was():
    corpus = load(SHARED, None, 0)
    assert (len(corpus), int((strict.held_out(corpus)[0] >= 0).sum())) == (800, 848)
    assert agreement.nominal(corpus, None, QUICK)["alpha_raters"] == pytest.approx(0.103, abs=5e-4)
    assert agreement.nominal(corpus, None, QUICK, binary=True)["alpha_raters"] == pytest.approx(0.094, abs=5e-4)
    person = strict.against_others(corpus, None, QUICK)
    assert (person["macro_f1"], person["accuracy"]) == (pytest.approx(0.262, abs=5e-4), pytest.approx(0.460, abs=5e-4))
    kept = load(SHARED, 10, 0)
    assert (len(kept), int(kept.clusters.max()) + 1) == (50, 10)
