"""Values that the official code gives, to twelve digits."""

import csv
from functools import cache

import pytest
from affekt import Reference
from affekt_metrics.open_labels import parse
from affekt_metrics.wheel_folder import read_wheels

MER2023 = """179 1 2 1 0 0
2 152 7 4 3 1
10 10 134 6 2 4
2 2 1 250 0 2
1 0 3 1 6 3
4 1 3 2 1 34"""
MER2023_LABELS = ("angry", "happy", "neutral", "sad", "surprise", "worried")
DFEW_SUPPORT = {"happy": 489, "sad": 379, "neutral": 534, "angry": 435, "surprise": 294, "disgust": 29, "fear": 181}
DFEW = {
    "zero-shot": ((352, 289, 331, 313, 99, 0, 6), (71.98, 76.25, 61.99, 71.95, 33.67, 0.0, 3.31), 45.593, 59.375),
    "fine-tuned": ((455, 301, 387, 366, 214, 1, 80), (93.05, 79.42, 72.47, 84.14, 72.79, 3.45, 44.2), 64.217, 77.062),
}
TOY_TRUTH = (("happy", "excited"), ("anxious", "worried"), ("angry", "frustrated"), ("neutral",), ("sad",))
TOY_ANSWERS = (("joyful",), ("worried", "sad"), ("furious", "annoyed", "disgusted"), ("calm",), ())


@pytest.fixture(scope="module")
def official(golden):
    @cache
    def rows(name):
        with (golden / "mer2024_ov" / name).open(encoding="utf-8") as file:
            return {row["name"]: parse(row["openset"]) for row in csv.DictReader(file)}

    return rows


def test_mer2024_ov_gives_the_official_values(golden, official, evaluator, words):
    truth = [Reference(id=clip, labels=labels) for clip, labels in official("truth.csv").items()]
    said = [words(*official("predictions.csv")[one.id]) for one in truth]
    found = evaluator("mer2024-ov", groups=golden / "mer2024_ov" / "groups.json").evaluate(said, truth)
    assert found["accuracy"] == pytest.approx(0.581777108433735, abs=1e-12)
    assert found["recall"] == pytest.approx(0.4977911646586345, abs=1e-12)
    assert found["average"] == pytest.approx(0.5397841365461847, abs=1e-12)
    assert found["average.low"] < found["average"] < found["average.high"]


def test_the_official_wheels_have_the_known_sizes(golden):
    wheels = read_wheels(golden / "emotion_wheel")
    assert len(wheels.rows) == 7356
    assert [[len(names) for names in level] for level in wheels.names] == [[6, 7, 6, 6, 6], [36, 41, 36, 48, 36]]


def test_the_official_wheels_have_the_known_oddities(golden):
    wheels = read_wheels(golden / "emotion_wheel")

    def on(word):
        return [wheels.find(word, 0, wheel) for wheel in range(5)]

    assert on("neutral") == [None] * 5
    assert [cluster is not None for cluster in on("contempt")].count(True) == 1
    assert on("surprise")[2:] == ["powerful", "fear", None]
    assert on("happy")[4] == "powerful"
    assert set(on("doubt")) == {"mad", "angry", "anger"}


@pytest.mark.parametrize("turn", [1, -1])
def test_the_emotion_wheel_gives_the_official_values_in_any_order(golden, evaluator, words, turn):
    truth = [Reference(labels=labels[::turn]) for labels in TOY_TRUTH][::turn]
    said = [words(*labels[::turn]) for labels in TOY_ANSWERS][::turn]
    found = evaluator("emotion-wheel", wheels=golden / "emotion_wheel").evaluate(said, truth)
    expected = {
        "level1": 0.5724747474747475,
        "level1:precision": 0.55,
        "level1:recall": 0.6,
        "level2": 0.4592236024844721,
        "level2:precision": 13 / 30,
        "level2:recall": 0.5,
    }
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, abs=1e-12), name
    assert (found["skipped"], found["coverage:truth"], found["empty"]) == (1, 7 / 8, 1)


def test_an_eighth_of_the_official_truth_is_on_no_wheel_and_is_told(golden, official, evaluator, words):
    truth = [Reference(labels=labels) for labels in official("truth.csv").values()]
    said = [words(*labels) for labels in official("predictions.csv").values()]
    found = evaluator("emotion-wheel", wheels=golden / "emotion_wheel").evaluate(said, truth)
    assert found["words:truth"] == 1121
    assert round((1 - found["coverage:truth"]) * 1121) == 146


def test_mer2023_gives_the_f1_of_the_released_result(evaluator, sure):
    said, truth = [], []
    for line, true in zip(MER2023.splitlines(), MER2023_LABELS, strict=True):
        for count, label in zip(line.split(), MER2023_LABELS, strict=True):
            said += [sure(label)] * int(count)
            truth += [true] * int(count)
    assert len(truth) == 834
    assert evaluator("mer2023", track="semi").evaluate(said, truth)["score"] == pytest.approx(0.903577, abs=5e-7)
    assert evaluator("f1").evaluate(said, truth)["accuracy"] == pytest.approx(0.90528, abs=5e-6)
    assert evaluator("confusion").evaluate(said, truth)["confusion:neutral>happy"] == 10


@pytest.mark.parametrize("system", DFEW)
def test_dfew_counts_give_the_published_means(evaluator, sure, system):
    hits, recalls, uar, war = DFEW[system]
    said, truth = [], []
    for (label, support), right in zip(DFEW_SUPPORT.items(), hits, strict=True):
        other = "sad" if label == "happy" else "happy"
        said += [sure(label)] * right + [sure(other)] * (support - right)
        truth += [label] * support
    # The published means are of the recalls as the table prints them, with two digits: then all four are exact.
    printed = evaluator("dfew", folds=1, decimals=2).evaluate(said, truth)
    assert [round(100 * printed[name], 3) for name in ("uar", "war")] == [uar, war]
    assert printed["uar"] == pytest.approx(sum(recalls) / 700, abs=1e-12)
    # Without rounding the same counts give 45.595, 59.376, 64.216 and 77.061.
    exact = evaluator("dfew", folds=1).evaluate(said, truth)
    assert exact["uar"] == pytest.approx(sum(h / s for h, s in zip(hits, DFEW_SUPPORT.values(), strict=True)) / 7)
    assert exact["war"] == pytest.approx(sum(hits) / 2341, abs=1e-12)
    assert exact["uar"] != pytest.approx(printed["uar"], abs=5e-6)


def test_dfew_is_the_unweighted_mean_of_its_folds(evaluator, sure):
    said, truth = [], []
    for fold, right in enumerate((1, 2, 3, 4, 5), 1):
        for index in range(5 * fold):
            said.append(sure("happy" if index < right * fold else "sad"))
            truth.append(Reference(label="happy", fold=str(fold)))
    found = evaluator("dfew").evaluate(said, truth)
    assert found["war"] == pytest.approx((0.2 + 0.4 + 0.6 + 0.8 + 1.0) / 5, abs=1e-12)
    assert found["war:fold 4"] == pytest.approx(0.8)
    assert found["absent"] == 30
