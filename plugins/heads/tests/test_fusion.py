"""Fusion on hand-made opinion: agreeing, conflicting, missing and empty."""

import numpy as np
import pytest
from affekt_heads.emotions import EMOTIONS, PRIOR, as_array, valence_arousal
from affekt_heads.fusion import fuse
from affekt_heads.opinion import Opinion, ratios

FACE = ("angry", "disgusted", "fearful", "happy", "neutral", "sad", "surprised")
UNIFORM = np.full(9, 1 / 9)


def said(modality, emotion=None, strength=2.0, moments=3, observed=True):
    rows = np.zeros((moments, 9))
    if emotion is not None:
        rows[:] = -strength / 8
        rows[:, EMOTIONS.index(emotion)] = strength
    return Opinion(modality=modality, ratios=rows * observed, observed=np.full(moments, observed), trust=0.8)


def leading(posterior):
    return EMOTIONS[int(posterior[1].argmax())], float(posterior[1].max())


def test_a_posterior_that_is_its_prior_says_nothing_and_one_without_an_emotion_stays_finite():
    prior = np.array([0.1, 0.1, 0.1, 0.2, 0.3, 0.1, 0.1])
    np.testing.assert_allclose(ratios(FACE, prior[None], prior), 0, atol=1e-12)
    assert np.isfinite(ratios(FACE, np.eye(7)[:1], prior)).all()


def test_one_modality_leads_alone():
    posterior, observed = fuse([said("face", "happy")], UNIFORM)
    assert leading(posterior)[0] == "happy"
    assert observed.all()


def test_agreement_is_surer_than_one_alone_but_not_as_sure_as_independent_witnesses():
    alone = fuse([said("face", "happy")], UNIFORM)[0]
    both = fuse([said("face", "happy"), said("audio", "happy")], UNIFORM)[0]
    independent = alone[1] ** 2 / UNIFORM
    independent /= independent.sum()
    assert leading(alone)[1] < leading(both)[1] < independent.max()


def test_conflict_leaves_both_emotions_open():
    posterior, _ = fuse([said("face", "happy"), said("audio", "sad")], UNIFORM)
    happy, sad = posterior[1, EMOTIONS.index("happy")], posterior[1, EMOTIONS.index("sad")]
    assert happy == pytest.approx(sad)
    assert happy < leading(fuse([said("face", "happy")], UNIFORM)[0])[1]


def test_the_stronger_voice_wins_a_conflict():
    posterior, _ = fuse([said("face", "happy", 1.0), said("audio", "sad", 3.0)], UNIFORM)
    assert leading(posterior)[0] == "sad"


def test_a_modality_that_observed_nothing_changes_nothing():
    alone = fuse([said("face", "happy")], UNIFORM)[0]
    with_absent = fuse([said("face", "happy"), said("audio", observed=False)], UNIFORM)[0]
    np.testing.assert_allclose(alone, with_absent)


def test_a_modality_that_says_nothing_does_not_weaken_the_others():
    alone = fuse([said("face", "happy")], UNIFORM)[0]
    with_vague = fuse([said("face", "happy"), said("audio")], UNIFORM)[0]
    np.testing.assert_allclose(alone, with_vague)


def test_without_evidence_the_prior_stays():
    prior = as_array(PRIOR)
    posterior, _ = fuse([said("face")], prior)
    np.testing.assert_allclose(posterior, np.tile(prior, (3, 1)))


def test_moments_that_were_not_observed_are_said_to_be_so():
    face = said("face", "happy")
    gap = Opinion(
        modality="face", ratios=face.ratios * [[1], [0], [1]], observed=np.array([True, False, True]), trust=0.8
    )
    _, observed = fuse([gap], UNIFORM)
    assert observed.tolist() == [True, False, True]


def test_a_gap_is_not_taken_for_evidence_by_its_neighbours():
    whole = fuse([said("face", "happy")], UNIFORM)[0]
    face = said("face", "happy")
    gap = Opinion(
        modality="face", ratios=face.ratios * [[1], [0], [1]], observed=np.array([True, False, True]), trust=0.8
    )
    np.testing.assert_allclose(fuse([gap], UNIFORM)[0][0], whole[0])


def test_a_head_that_repeats_its_prior_says_nothing():
    prior = np.array([0.1, 0.1, 0.1, 0.2, 0.3, 0.1, 0.1])
    np.testing.assert_allclose(ratios(FACE, prior[None], prior), np.zeros((1, 9)), atol=1e-12)


def test_what_a_head_does_not_know_follows_its_family():
    prior = np.full(7, 1 / 7)
    sure = np.array([[0.02, 0.02, 0.02, 0.02, 0.88, 0.02, 0.02]])
    row = dict(zip(EMOTIONS, ratios(FACE, sure, prior)[0], strict=True))
    assert row["calm"] == row["bored"] == row["neutral"] > 0 > row["happy"]


def test_no_head_can_rule_an_emotion_out():
    certain = np.array([[0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]])
    assert ratios(FACE, certain, np.full(7, 1 / 7)).min() > np.log(0.1)


def test_little_is_made_of_a_rare_emotion_that_is_a_little_likelier():
    prior = np.array([0.14, 0.015, 0.14, 0.25, 0.17, 0.17, 0.115])
    seen = np.array([[0.05, 0.03, 0.05, 0.1, 0.1, 0.62, 0.05]])
    row = dict(zip(EMOTIONS, ratios(FACE, seen, prior)[0], strict=True))
    assert row["disgusted"] < 0.3 * row["sad"]


def test_valence_and_arousal_are_expected_values():
    happy = np.eye(9)[EMOTIONS.index("happy")]
    assert valence_arousal(happy) == pytest.approx((0.81, 0.51))
    assert valence_arousal(np.eye(9)[0]) == (0.0, 0.0)
    valence, arousal = valence_arousal((happy + np.eye(9)[EMOTIONS.index("sad")]) / 2)
    assert valence == pytest.approx(0.09)
    assert arousal == pytest.approx(0.12)
