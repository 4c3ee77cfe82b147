"""What is at the edges of the definitions, and what is refused."""

import pickle

import numpy as np
import pytest
from affekt import DataError, EmotionPrediction, Reference
from affekt_metrics.mer2024_ov import read_groups
from affekt_metrics.open_labels import parse, parse_groups


@pytest.mark.parametrize("name", ["accuracy", "uar", "f1", "calibration", "risk-coverage", "mer2024-ov"])
def test_nothing_and_uneven_lengths_are_refused(evaluator, sure, name):
    with pytest.raises(DataError, match="nothing to measure"):
        evaluator(name).evaluate([], [])
    with pytest.raises(DataError, match="1 predictions and 2 references"):
        evaluator(name).evaluate([sure("happy")], ["happy", "sad"])


def test_a_true_label_outside_the_vocabulary_is_refused_with_counts(evaluator, sure):
    with pytest.raises(DataError, match=r'2 of 3 true labels are outside the vocabulary: "calm" \(2\)'):
        evaluator("uar", vocabulary=("happy",)).evaluate([sure("happy")] * 3, ["happy", "calm", "calm"])


def test_an_answer_outside_the_vocabulary_is_wrong_and_counted(evaluator, sure):
    said = [sure("happy"), sure("doubtful"), EmotionPrediction(scores={"sad": 1.0}, abstained="noise")]
    found = evaluator("accuracy", vocabulary=("happy", "sad")).evaluate(said, ["happy", "sad", "sad"])
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert found["accuracy_claimed"] == 0.5
    assert (found["outside"], found["abstained"]) == (1, 1)


def test_case_and_blanks_do_not_count_in_closed_labels(evaluator, sure):
    assert evaluator("uar").evaluate([sure(" Happy"), sure("sad")], ["happy", "SAD "])["uar"] == 1.0


def test_one_class_only_has_a_uar_and_no_agreement(evaluator, sure):
    found = evaluator("uar").evaluate([sure("happy"), sure("sad")], ["happy", "happy"])
    assert (found["uar"], found["classes"]) == (0.5, 1)
    with pytest.raises(DataError, match='always says "happy"'):
        evaluator("agreement").evaluate([sure("happy")] * 2, ["happy"] * 2)


def test_scores_that_are_not_numbers_never_reach_an_evaluator():
    with pytest.raises(DataError, match="probabilities"):
        EmotionPrediction(scores={"happy": float("nan"), "sad": 1.0})


def test_valence_is_needed_and_must_be_a_number(evaluator):
    said = [EmotionPrediction(scores={"happy": 1.0}, valence=valence) for valence in (0.5, None, None)]
    truth = [Reference(label="happy", valence=1.0, id=f"clip {index}") for index in range(3)]
    with pytest.raises(DataError, match=r"2 of 3 clips have no predicted valence that is a number, .* clip 1"):
        evaluator("mer2023").evaluate(said, truth)
    with pytest.raises(DataError, match="true valence"):
        evaluator("mer2023").evaluate(said[:1], ["happy"])
    found = evaluator("mer2023").evaluate(said[:1], truth[:1])
    assert found["score"] == pytest.approx(1 - 0.25 * 0.25)


def test_semi_measures_the_labelled_clips_of_a_larger_list(evaluator, sure):
    truth = [Reference(label="happy"), Reference(id="unlabelled"), Reference(label="sad")]
    found = evaluator("mer2023", track="semi").evaluate([sure("happy")] * 3, truth)
    assert (found["n"], found["unlabelled"]) == (2, 1)


def test_folds_must_be_there(evaluator, sure):
    truth = [Reference(label="happy", fold="1"), Reference(label="happy")]
    with pytest.raises(DataError, match="1 of 2 clips have no fold"):
        evaluator("dfew").evaluate([sure("happy")] * 2, truth)
    with pytest.raises(DataError, match="5 folds are needed; found 1: 1"):
        evaluator("dfew").evaluate([sure("happy")], truth[:1])


def test_written_label_lists_are_read_as_the_official_code_does():
    assert parse("['happy', 'at ease' , '']") == ("happy", "at ease")
    assert parse("[]") == parse("") == parse([" ", ""]) == ()
    assert parse(["Don't care"]) == ("don't care",)
    assert parse_groups("[['a', 'b'], [], ['c']]") == (("a", "b"), ("c",))


def test_open_sets_ignore_order_duplicates_case_and_blanks(evaluator, words):
    one = evaluator("mer2024-ov").evaluate([words("sad", "happy")], [Reference(labels=("happy", "glad"))])
    two = evaluator("mer2024-ov").evaluate(
        [words("HAPPY ", "sad", "Sad", " ", "happy")], [Reference(labels=("glad", "Happy", "glad"))]
    )
    assert one == two
    assert (one["accuracy"], one["recall"]) == (0.5, 0.5)


def test_an_empty_answer_scores_zero_and_a_clip_without_truth_is_skipped(evaluator, words):
    truth = [Reference(labels=("sad",)), Reference(labels=("sad",)), Reference()]
    found = evaluator("mer2024-ov").evaluate([words("sad"), words(), words("sad")], truth)
    assert (found["accuracy"], found["recall"], found["empty"], found["skipped"], found["n"]) == (0.5, 0.5, 1, 1, 2)
    with pytest.raises(DataError, match="no clip has true words"):
        evaluator("mer2024-ov").evaluate([words("sad")], [Reference()])


def test_synonym_groups_must_be_readable_and_cover_the_clips(evaluator, words, tmp_path):
    path = tmp_path / "groups.json"
    path.write_text('{"a": [["happy", "glad"]]}')
    ov = evaluator("mer2024-ov", groups=path)
    assert ov.evaluate([words("glad")], [Reference(id="a", labels=("happy",))])["average"] == 1.0
    with pytest.raises(DataError, match="1 of 1 clips have no synonym groups"):
        ov.evaluate([words("glad")], [Reference(id="b", labels=("happy",))])
    path.write_text("[1, 2")
    with pytest.raises(DataError, match="should be JSON"):
        read_groups(path)


def test_unknown_words_vanish_from_the_wheel_on_both_sides(evaluator, words):
    wheel = evaluator("emotion-wheel")
    plain = wheel.evaluate([words("joyful")], [Reference(labels=("happy",))])
    noisy = wheel.evaluate([words(" JOYFUL", "frobnicated")], [Reference(labels=("Happy", "quuxed", "happy"))])
    assert plain["level1"] == noisy["level1"] == 1.0
    assert (noisy["coverage:answers"], noisy["coverage:truth"], noisy["official"]) == (0.5, 2 / 3, 0)


def test_true_words_that_are_all_unknown_are_skipped_or_refused(evaluator, words):
    wheel, truth = evaluator("emotion-wheel"), [Reference(labels=("quuxed",)), Reference(labels=("sad",))]
    assert wheel.evaluate([words("sad"), words("sad")], truth)["skipped"] == 1
    with pytest.raises(DataError, match="none of the true words of 1 clips"):
        wheel.evaluate([words("sad")], truth[:1])


def test_an_f_of_nothing_is_zero(evaluator, words):
    assert evaluator("emotion-wheel").evaluate([words("sad")], [Reference(labels=("happy",))])["level1"] == 0.0


def test_a_folder_that_is_no_wheel_release_is_refused(evaluator, words, tmp_path):
    wheel = evaluator("emotion-wheel", wheels=tmp_path)
    with pytest.raises(DataError, match="holds no wheel1"):
        wheel.evaluate([words("sad")], [Reference(labels=("sad",))])
    (tmp_path / "wheel1.xlsx").write_bytes(b"PK not a workbook")
    with pytest.raises(DataError, match="not an emotion-wheel release"):
        wheel.evaluate([words("sad")], [Reference(labels=("sad",))])


def test_naming_every_emotion_hits_and_costs_mscore(evaluator, words):
    truth = ["happy", "sad", "angry"]
    found = evaluator("hit-rate").evaluate([words("happy", "sad", "angry"), words("unhappy"), words()], truth)
    assert found["hit_rate"] == pytest.approx(2 / 3)
    assert found["mscore"] == pytest.approx((1 / 3 + 1 + 0) / 3)
    with pytest.raises(DataError, match="more than one"):
        evaluator("hit-rate").evaluate([words("sad")], [Reference(labels=("sad", "happy"))])


def test_evaluators_travel(evaluator):
    wheel = evaluator("emotion-wheel", intervals={"draws": 10})
    assert pickle.loads(pickle.dumps(wheel)) == wheel
    assert wheel.intervals.draws == 10


def test_the_answers_order_does_not_matter(evaluator, sure):
    random = np.random.default_rng(0)
    labels = ["happy", "sad", "angry"]
    truth = [Reference(label=labels[i % 3], group=str(i % 5)) for i in range(60)]
    said = [sure(labels[random.integers(3)], 0.6 + 0.01 * (i % 7)) for i in range(60)]
    order = random.permutation(60)
    for name in ("f1", "uar", "calibration", "risk-coverage", "agreement"):
        one = evaluator(name, intervals={"draws": 0}).evaluate(said, truth)
        two = evaluator(name, intervals={"draws": 0}).evaluate([said[i] for i in order], [truth[i] for i in order])
        assert one == pytest.approx(two, abs=1e-12), name


def test_sentiment_leaves_zeros_out_and_counts_all_that_is_not_positive_as_negative(evaluator, words, tmp_path):
    said = [words("joyful", "annoyed", "proud"), words("sad"), words("calm"), words(), words("happy"), words("zorbed")]
    truth = [Reference(id=str(n), valence=v) for n, v in enumerate((0.6, -1.0, 2.0, -0.2, 0.0, 1.0))]
    found = evaluator("sentiment").evaluate(said, truth)
    # True: + − + − +; answered: + − − − −; F1 of + 1/2, of − 2/3, weighted 3 to 2.
    assert found["waf"] == pytest.approx((3 * 1 / 2 + 2 * 2 / 3) / 5, abs=1e-12)
    assert found["accuracy"] == pytest.approx(3 / 5)
    assert [found[name] for name in ("n", "zero", "neutral", "unknown_words", "official")] == [5, 1, 3, 1, 0]
    path = tmp_path / "told.json"
    path.write_text(
        '{"0": "positive", "1": "negative", "2": "Positive ", "3": "neutral", "4": "neutral", "5": "positive"}'
    )
    assert evaluator("sentiment", sentiments=path).evaluate(said, truth)["waf"] == 1.0
    with pytest.warns(DeprecationWarning, match='"told" of Sentiment is called "sentiments"'):
        assert evaluator("sentiment", told=path).evaluate(said, truth)["waf"] == 1.0
    path.write_text('{"0": "mixed"}')
    with pytest.raises(DataError, match=r"says 'mixed'[\s\S]*Try: positive"):
        evaluator("sentiment", sentiments=path).evaluate(said, truth)
    with pytest.raises(DataError, match="1 of 1 clips have no true valence"):
        evaluator("sentiment").evaluate([words("sad")], [Reference(valence=float("nan"))])
    with pytest.raises(DataError, match="all 1 true valences are zero"):
        evaluator("sentiment").evaluate([words("sad")], [Reference(valence=0.0)])
