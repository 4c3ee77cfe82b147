"""Intervals, paired tests, and the measures that are counted here against the libraries that have them."""

import krippendorff
import numpy as np
import pytest
from affekt import DataError, EmotionPrediction, Reference
from affekt_metrics.comparison import compare
from affekt_metrics.intervals import Intervals
from sklearn.metrics import balanced_accuracy_score, cohen_kappa_score, f1_score

LABELS = ("angry", "happy", "neutral", "sad")


def answers(seed, right, clips=240, speakers=12):
    """Labels, and answers that are right more often for some speakers than for others."""
    random = np.random.default_rng(seed)
    truth, said = [], []
    for index in range(clips):
        label, other = (LABELS[number] for number in random.integers(4, size=2))
        group = f"speaker {index % speakers}"
        hit = random.random() < right + 0.25 * np.sin(index % speakers)
        answer = label if hit else other
        share = 0.4 + 0.5 * random.random()
        rest = {other: (1 - share) / 3 for other in LABELS if other != answer}
        said.append(EmotionPrediction(scores={answer: share, **rest}, labels=(answer,)))
        truth.append(Reference(label=label, group=group))
    return said, truth


@pytest.mark.parametrize(
    "name", ["accuracy", "uar", "f1", "calibration", "agreement", "mer2024-ov", "emotion-wheel", "hit-rate"]
)
def test_sums_give_what_the_libraries_give(evaluator, name):
    said, truth = answers(1, 0.6)
    truth = [Reference(label=one.label, labels=(one.label,), group=one.group) for one in truth]
    sums = evaluator(name).sums(said, truth)
    counted = sums.derive(sums.totals.sum(axis=0, keepdims=True))
    for measure, value in sums.exact.items():
        assert counted[measure][0] == pytest.approx(value, abs=1e-12), measure


def test_a_draw_is_a_measurement_of_the_drawn_speakers(evaluator):
    said, truth = answers(2, 0.5)
    weights = next(iter(Intervals(draws=1, seed=3).weights(12)))[0]
    drawn = [index for index, one in enumerate(truth) for _ in range(int(weights[int(one.group.split()[1])]))]
    true, guess = [truth[i].label for i in drawn], [said[i].label for i in drawn]
    expected = {
        "uar": balanced_accuracy_score(true, guess),
        "weighted_f1": f1_score(true, guess, average="weighted"),
        "macro_f1": f1_score(true, guess, average="macro"),
        "kappa": cohen_kappa_score(true, guess),
        "alpha": krippendorff.alpha(
            [[LABELS.index(w) for w in true], [LABELS.index(w) for w in guess]], level_of_measurement="nominal"
        ),
    }
    for name in ("uar", "f1", "agreement"):
        evaluator_ = evaluator(name)
        found = Intervals(draws=1, seed=3).draw(evaluator_.sums(said, truth))
        for measure in expected.keys() & found.keys():
            assert found[measure][0] == pytest.approx(expected.pop(measure), abs=1e-12), measure
    assert not expected


def test_intervals_by_speaker_are_wider_than_by_clip_when_speakers_differ(evaluator):
    said, truth = answers(3, 0.6, clips=1200, speakers=6)
    by_speaker = evaluator("accuracy").evaluate(said, truth)
    by_clip = evaluator("accuracy").evaluate(said, [Reference(label=one.label) for one in truth])
    assert by_speaker["accuracy.low"] < by_speaker["accuracy"] < by_speaker["accuracy.high"]
    assert (by_speaker["clusters"], by_clip["clusters"]) == (6, 1200)
    wide = by_speaker["accuracy.high"] - by_speaker["accuracy.low"]
    assert wide > 2 * (by_clip["accuracy.high"] - by_clip["accuracy.low"])


def test_one_speaker_alone_has_no_interval(evaluator):
    said, truth = answers(4, 0.6, clips=20, speakers=1)
    found = evaluator("uar").evaluate(said, truth)
    assert found["clusters"] == 1
    assert "uar.low" not in found


def test_the_same_system_does_not_differ_from_itself(evaluator):
    said, truth = answers(5, 0.6)
    found = compare(evaluator("uar"), said, said, truth)["uar"]
    assert (found.difference, found.low, found.high, found.p) == (0, 0, 0, 1)


def test_a_better_system_is_better_beyond_chance(evaluator):
    worse, truth = answers(6, 0.4)
    better, _ = answers(6, 0.8)
    found = compare(evaluator("uar"), worse, better, truth)["uar"]
    assert found.low > 0
    assert found.p < 0.01
    back = compare(evaluator("uar"), better, worse, truth)["uar"]
    assert back.difference == pytest.approx(-found.difference)


def test_few_speakers_are_swapped_in_every_way(evaluator):
    said, truth = answers(7, 0.9, clips=40, speakers=4)
    wrong = [EmotionPrediction(scores={"bored": 1.0})] * 40
    # Two of the 16 ways to take sides are as extreme as the one found.
    assert compare(evaluator("accuracy"), wrong, said, truth)["accuracy"].p == pytest.approx(2 / 16)


def test_judged_measures_cannot_be_compared_by_sums(evaluator):
    said, truth = answers(8, 0.6)
    with pytest.raises(DataError, match="its measures are no sums"):
        compare(evaluator("risk-coverage"), said, said, truth)


def test_confident_errors_are_miscalibrated_and_abstaining_from_the_unsure_helps(evaluator):
    truth = ["happy"] * 10
    said = [EmotionPrediction(scores={"happy": 0.9, "sad": 0.1})] * 8 + [
        EmotionPrediction(scores={"sad": 0.6, "happy": 0.4}, abstained="unsure")
    ] * 2
    found = evaluator("calibration").evaluate(said, truth)
    assert found["ece"] == pytest.approx(0.8 * 0.1 + 0.2 * 0.6)
    assert found["mce"] == pytest.approx(0.6)
    assert found["brier"] == pytest.approx(0.8 * 0.02 + 0.2 * 0.72)
    assert (found["bin:13.confidence"], found["bin:13.accuracy"], found["bin:13.n"]) == (pytest.approx(0.9), 1, 8)
    risks = evaluator("risk-coverage").evaluate(said, truth)
    assert (risks["risk:0.80"], risks["risk:1.00"]) == (0, pytest.approx(0.2))
    assert (risks["claimed"], risks["risk_claimed"]) == (0.8, 0)
    assert risks["aurc"] == pytest.approx(0.2 * 0.2)


def test_raters_and_the_model_among_them(evaluator):
    random = np.random.default_rng(0)
    truth, said, table = [], [], []
    for index in range(60):
        label = LABELS[index % 3]
        raters = tuple(label if random.random() < 0.7 else LABELS[random.integers(3)] for _ in range(3))
        raters = ("", *raters[1:]) if index % 7 == 0 else raters
        guess = label if random.random() < 0.7 else LABELS[random.integers(3)]
        truth.append(Reference(label=label, raters=raters, group=str(index % 10)))
        said.append(EmotionPrediction(scores={guess: 1.0}))
        table.append([LABELS.index(word) if word else np.nan for word in (*raters, guess)])
    found = evaluator("agreement").evaluate(said, truth)
    by_rater = np.array(table).T
    nominal = {"level_of_measurement": "nominal"}
    assert found["alpha_raters"] == pytest.approx(krippendorff.alpha(by_rater[:3], **nominal), abs=1e-12)
    assert found["alpha_all"] == pytest.approx(krippendorff.alpha(by_rater, **nominal), abs=1e-12)
    assert {"alpha:happy", "kappa:happy", "raw:happy", "kappa:happy.low"} <= found.keys()
