"""The reasoner on hand-made evidence: what it claims, when it abstains, what it says of what is missing."""

import pytest
from affekt import ComponentError, OptionsError
from affekt_heads.emotions import EMOTIONS
from affekt_heads.reasoner import HeadsReasoner
from handmade import clip, evidence, expression, units, words
from hypothesis import given, settings
from hypothesis import strategies as st


def reason(known, **options):
    return HeadsReasoner.create(**options).reason([known])[0]


def test_a_happy_face_alone_is_happy_and_says_what_was_missing():
    felt = reason(evidence(clip(), {"speech": "the audio track is silent"}, expression=expression((6, "happy"))))
    assert felt.label == "happy"
    assert felt.abstained is None
    assert "The voice was not judged: the audio track is silent." in felt.rationale
    assert "the words were not looked at: the pipeline has no encoder" in felt.rationale.lower()
    assert set(felt.scores) == set(EMOTIONS)


def test_a_mixed_clip_is_told_as_a_change_with_its_time():
    known = evidence(
        clip(20.0),
        expression=expression((9, "sad"), (11, "happy")),
        action_units=units(20.0, AU01=(0.6, 0, 9), AU12=(0.8, 9.2, 19.5)),
    )
    felt = reason(known)
    assert felt.rationale.startswith("From sad to happy at about 9 s.")
    assert {"sad", "happy"} <= set(felt.labels)
    assert felt.timeline[2].scores["sad"] > 0.4 < felt.timeline[-2].scores["happy"]
    smile = next(clue for clue in felt.clues if "AU12" in clue.text)
    assert smile.checked
    assert smile.start == pytest.approx(9.2, abs=0.3)
    assert smile.end == pytest.approx(19.5, abs=0.3)


def test_nothing_observed_is_an_abstention_and_not_neutral():
    felt = reason(evidence(clip(), {"speech": "no sound", "expression": "no face", "words": "no transcript"}))
    assert felt.abstained is not None
    assert len(set(felt.scores.values())) == 1
    for why in ("no sound", "no face", "no transcript"):
        assert why in felt.rationale
    assert felt.timeline == ()


def test_a_face_that_says_nothing_is_an_abstention():
    felt = reason(evidence(clip(), expression=expression((6, None))))
    assert felt.abstained == "what was observed hardly tells the emotions apart"
    assert felt.rationale.startswith("Nothing is claimed: what was observed hardly tells the emotions apart.")


def test_a_face_that_never_agrees_with_itself_is_an_abstention():
    course = [(0.2, emotion) for emotion in ("happy", "sad", "angry", "fearful", "surprised")] * 6
    felt = reason(evidence(clip(), expression=expression(*course, sure=0.6)))
    assert felt.abstained is not None


@settings(max_examples=40, deadline=None)
@given(
    course=st.lists(st.tuples(st.sampled_from([0.5, 1, 2, 3]), st.sampled_from(["happy", "sad", "angry"])), max_size=8),
    sure=st.floats(0.3, 0.9),
    rule=st.sampled_from([0.33, 0.5]),
)
def test_what_is_claimed_has_a_higher_score_than_whatever_is_withheld(course, sure, rule):
    felt = reason(evidence(clip(), expression=expression((1, "sad"), *course, sure=sure)), abstain_below=rule)
    assert (felt.abstained is None) == (round(max(felt.scores.values()), 2) >= rule)
    assert felt.claims_from == rule
    if felt.abstained and "hardly" not in felt.abstained:
        assert f"no emotion reaches {rule:.0%}" in felt.rationale


def test_moments_without_a_face_are_gaps_in_the_timeline():
    face = expression((2, "happy"), (4, "happy"))
    known = evidence(clip(10.0), expression=face)
    assert [round(moment.start) for moment in reason(known).timeline] == [0, 1, 2, 3, 4, 5]


def test_scores_are_no_surer_than_the_face_itself():
    felt = reason(evidence(clip(), expression=expression((6, "happy"), sure=0.7)))
    assert 0.4 < felt.scores["happy"] < 0.75


def test_a_calm_face_is_neutral_and_calm_is_not_punished():
    felt = reason(evidence(clip(), expression=expression((6, "neutral"), sure=0.9)))
    assert felt.label == "neutral"
    assert felt.scores["calm"] > 0.1 > felt.scores["sad"]


def test_features_of_another_network_are_refused_with_a_way_out():
    with pytest.raises(ComponentError, match=r"(?s)face head cannot read.*Try: .*face: null"):
        reason(evidence(clip(), expression=units()))


def test_a_pipeline_without_any_of_the_slots_is_refused():
    with pytest.raises(ComponentError, match="listens to the slots"):
        reason(evidence(clip(), mine=expression((6, "happy"))))
    assert reason(evidence(clip(), mine=expression((6, "happy"))), face="mine").label == "happy"


def test_a_prior_must_cover_the_nine():
    with pytest.raises(OptionsError, match="share above 0"):
        HeadsReasoner.create(prior={"happy": 1.0})


def test_a_batch_is_answered_in_order():
    happy = evidence(clip(), expression=expression((6, "happy")))
    sad = evidence(clip(), expression=expression((6, "sad")))
    assert [felt.label for felt in HeadsReasoner.create().reason([happy, sad, happy])] == ["happy", "sad", "happy"]


def test_equal_reasons_are_told_once():
    why = "the audio track is silent"
    felt = reason(evidence(clip(), {"speech": why, "words": why}, expression=expression((6, "happy"))))
    assert felt.rationale.endswith("The voice was not judged and no words were read: the audio track is silent.")


def test_a_pipeline_without_a_face_encoder_does_not_claim_that_there_was_no_face():
    known = evidence(clip(), {"speech": "the audio track is silent"}, expression=expression((6, "happy")))
    felt = reason(known, face=None, voice="speech")
    assert "face was seen" not in felt.rationale
    assert "The face was not looked at: the reasoner was told to leave it out." in felt.rationale
    assert felt.abstained == "no speech was heard"


def test_a_smile_without_raised_lip_corners_counts_less():
    with_smile = evidence(clip(), expression=expression((6, "happy")), action_units=units(AU12=(0.8, 0, 6)))
    without = evidence(clip(), expression=expression((6, "happy")), action_units=units())
    assert reason(without).scores["happy"] < reason(with_smile).scores["happy"] - 0.1


def test_a_face_counts_less_while_it_talks():
    silent = evidence(clip(), expression=expression((6, "happy")))
    talking = evidence(clip(text="Well.", words=words("la " * 20, 0.0, 6.0)), expression=expression((6, "happy")))
    assert reason(talking).scores["happy"] < reason(silent).scores["happy"] - 0.1
