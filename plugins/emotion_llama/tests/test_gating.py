"""Slots that count less, words that cannot be read, and what each modality says alone."""

from dataclasses import replace

import numpy as np
import pytest
from affekt import Clip, Evidence, FaceTrack, Features, OptionsError
from affekt_clues.expression import LABELS as CLASSES
from affekt_emotion_llama.linear import LinearFuser
from affekt_emotion_llama.reasoner import EmotionLlamaReasoner
from affekt_testing import make_clip

NINE = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgusted", "surprised", "bored")


@pytest.fixture(scope="module")
def fuser():
    return LinearFuser(model="emotion-llama-mini")


@pytest.fixture(scope="module")
def reasoner():
    return EmotionLlamaReasoner(model="emotion-llama-mini", task=None)


def expression(label, share=0.8, rows=10):
    shares = np.full((rows, 7), (1 - share) / 6, np.float32)
    shares[:, CLASSES.index(label)] = share
    return Features(values=shares, hop=0.1, names=CLASSES)


def words(seed=0):
    rows = np.random.default_rng(seed).standard_normal((1, 384)).astype(np.float32)
    return Features(values=rows / np.linalg.norm(rows), hop=1.0)


def judged(fuser, reasoner, clip=None, **features):
    missing = {slot: "taken away" for slot in ("speech", "expression", "words") if slot not in features}
    known = Evidence(clip=clip or Clip(id="a"), features=features, missing=missing)
    (felt,) = reasoner.reason([replace(known, fused=fuser.fuse([known])[0])])
    return felt


def test_a_face_is_read_as_what_it_shows(fuser, reasoner):
    for label in CLASSES:
        assert judged(fuser, reasoner, expression=expression(label)).label == label


def test_less_trust_moves_the_answer_towards_what_is_expected_as_an_exponent_does(fuser, reasoner):
    def odds(felt):
        return np.log(felt.scores["happy"] / felt.scores["sad"])

    whole = odds(judged(fuser, reasoner, expression=expression("happy", 0.5)))
    half = reasoner.model_copy(update={"trusts": {"expression": 0.5}})
    assert odds(judged(fuser, half, expression=expression("happy", 0.5))) == pytest.approx(whole / 2, rel=0.25)
    other = reasoner.model_copy(update={"trusts": {"speech": 0.5}})
    assert odds(judged(fuser, other, expression=expression("happy", 0.5))) == pytest.approx(whole, abs=1e-4)


def test_a_trust_for_no_slot_of_the_model_is_refused(fuser, reasoner):
    wrong = reasoner.model_copy(update={"trusts": {"voice": 0.5}})
    with pytest.raises(OptionsError, match='no slot "voice"'):
        judged(fuser, wrong, expression=expression("happy"))
    wrong = reasoner.model_copy(update={"trusts": {"expression": 0.0}})
    with pytest.raises(OptionsError, match=r"above 0 and at most 1; found 0\.0"):
        judged(fuser, wrong, expression=expression("happy"))


def test_words_in_a_language_it_does_not_read_are_left_out_and_it_says_so(fuser, reasoner):
    german = replace(make_clip(), text="Wie kannst du nur!", words=(), language="de")
    told = reasoner.model_copy(update={"task": "reason"})
    felt = judged(fuser, told, german, expression=expression("sad"), words=words())
    alone = judged(fuser, told, german, expression=expression("sad"))
    assert dict(felt.scores) == pytest.approx(dict(alone.scores), abs=1e-5)
    assert 'No words were read: the words are in "de", and the model reads en only.' in felt.rationale


def test_a_smile_without_raised_lip_corners_counts_less(fuser, reasoner):
    units = {h: Features(values=np.full((10, 1), h, np.float32), hop=0.1, names=("AU12",)) for h in (0.0, 0.9)}
    raised, low = (judged(fuser, reasoner, expression=expression("happy"), action_units=units[h]) for h in (0.9, 0.0))
    assert low.scores["happy"] < raised.scores["happy"] - 0.1


def test_each_modality_alone_and_the_missing_one_are_told(fuser, reasoner):
    told = reasoner.model_copy(update={"task": "reason"})
    felt = judged(fuser, told, expression=expression("sad"), words=words())
    assert "the face looks sad" in felt.rationale
    assert "The voice was not judged: taken away." in felt.rationale
    assert set(felt.scores) == set(NINE)


def test_which_of_several_faces_was_judged_is_told_where_nothing_else_speaks(fuser, reasoner):
    boxes, crops = np.zeros((1, 4), np.float32), np.zeros((1, 8, 8, 3), np.uint8)
    faces = FaceTrack(times=np.zeros(1), boxes=boxes, crops=crops, choice="face 2 of 2: its mouth moves with the voice")
    told = reasoner.model_copy(update={"task": "reason"})
    felt = judged(fuser, told, Clip(id="a", faces=faces), expression=expression("sad"))
    assert "The face judged is face 2 of 2: its mouth moves with the voice." in felt.rationale


def test_evidence_that_says_nothing_is_not_called_anything(fuser, reasoner):
    hardly = reasoner.model_copy(update={"abstain_below": 0.05, "trusts": {"expression": 0.01}})
    felt = judged(fuser, hardly, expression=expression("happy"))
    assert felt.abstained == "what was observed hardly tells the emotions apart"
    unsure = reasoner.model_copy(update={"abstain_below": 0.9})
    felt = judged(fuser, unsure, expression=expression("happy", 0.5))
    assert felt.abstained == "no emotion reaches 90%, from which on one is claimed"
    assert felt.claims_from == 0.9
    claimed = judged(fuser, unsure.model_copy(update={"abstain_below": max(felt.scores.values())}),
                     expression=expression("happy", 0.5))  # fmt: skip
    assert claimed.abstained is None, "the score that is shown decides"


def voice(reasoner):
    width = reasoner.loaded.config.dims["speech"]
    return Features(values=np.random.default_rng(1).standard_normal((1, width)).astype(np.float32), hop=1.0)


def test_a_voice_without_words_has_expectations_of_its_own(fuser, reasoner):
    even, skewed = dict.fromkeys(NINE, 1 / 9), dict.fromkeys(NINE, 1e-30) | {"sad": 1.0}
    own = reasoner.model_copy(update={"expected": skewed, "wordless_expected": even})
    plain = reasoner.model_copy(update={"expected": even})
    speech = voice(reasoner)
    wordless = judged(fuser, own, speech=speech)
    assert wordless.scores == pytest.approx(judged(fuser, plain, speech=speech).scores)
    assert judged(fuser, own, clip=Clip(id="a", text="Well."), speech=speech).label == "sad"
    assert judged(fuser, own, speech=speech, expression=expression("happy")).label == "sad"
    without = reasoner.model_copy(update={"expected": skewed})
    assert judged(fuser, without, speech=speech).label == "sad", "null takes what is expected of speech"
