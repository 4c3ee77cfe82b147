"""Claims of a text: supported, contradicted or not measurable in this clip."""

import numpy as np
import pytest
from affekt import Clip, Evidence, Features
from affekt_clues.claims import claims
from handmade_clues import clip, evidence, units, words

NAMES = ("pitch", "loudness", "voicing", "rate", "speech")


def voice(pitch=0.0, loudness=0.0, rate=0.0, wide=1.5):
    """Eight seconds; from 3 to 5 s pitch, loudness and rate depart by so much from the speaker's own."""
    time = np.arange(800) / 100
    away = (time >= 3) & (time < 5)
    here = np.ones(800)
    columns = [wide * np.sin(time * 9) + pitch * away, -30 + loudness * away, here, 4 + rate * away, here]
    return Features(values=np.stack(columns, axis=1).astype(np.float32), hop=0.01, names=NAMES)


def verdicts(text, known):
    return [claim.verdict for claim in claims(text, known)]


@pytest.fixture
def known():
    """A smile from 2 to 5 s, a steady frown, and a voice that rises and then falls silent."""
    face = units(8.0, AU12=(0.7, 2.0, 5.0), AU04=(0.6, 0.0, 8.0))
    return evidence(
        clip(8.0, text="we won", words=words("we won", 1.0, 2.0)),
        action_units=face,
        prosody=voice(5, loudness=-6, wide=0.5),
    )


def test_a_denial_ends_where_another_subject_begins(known):
    assert verdicts("her nose does not wrinkle and the lip corners rise", known)[-1] == "supported"
    for text in ("she does not smile and the brows draw down", "the pitch hardly moves and the brows draw down"):
        (frown,) = [claim for claim in claims(text, known) if "(AU04)" in claim.clue.text]
        assert frown.verdict == "supported", text
    assert verdicts("she does not smile or frown", known) == ["contradicted", "contradicted"]


def test_what_stays_so_is_a_claim_of_its_own_with_or_without_its_code():
    frowning = evidence(clip(8.0), action_units=units(8.0, AU04=(0.6, 0.0, 8.0)))
    for text in ("The nose wrinkles and the brows stay drawn down.", "the brows stay drawn down (AU04)"):
        found = {claim.clue.text: claim.verdict for claim in claims(text, frowning)}
        assert found["the brows stay drawn down (AU04)"] == "supported", text
    once = evidence(clip(8.0), action_units=units(8.0, AU04=(0.6, 2.0, 3.0)))
    assert verdicts("the brows draw down", once) == ["supported"]
    assert verdicts("the brows stay drawn down", once) == ["unmeasurable"]
    assert verdicts("the lip corners stay raised", frowning) == ["contradicted"]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("she smiles", "supported"),
        ("she does not smile", "contradicted"),
        ("the inner brows rise", "contradicted"),
        ("she does not raise her eyebrows and shows no raised eyebrow", "supported"),
        ("she frowns", "supported"),  # all along: there is no rest to compare it with, and it is high
        ("the nose wrinkles", "unmeasurable"),  # no such column
        ("AU99 rises", "contradicted"),  # no such unit
        ("her pitch is higher", "supported"),
        ("her pitch is lower", "contradicted"),
        ("her pitch is 5 semitones above her average", "supported"),
        ("her pitch is 12 semitones above her average", "contradicted"),
        ("her pitch is higher from 3.0 to 5.0 s", "supported"),
        ("her pitch is higher from 6.0 to 7.0 s", "contradicted"),
        (
            "her pitch is 5 0 semitones above her average from 3 0 to 5 0 s",
            "supported",
        ),  # as upstream's targets have it
        ("her pitch is 2 0 semitones above her average from 6 0 to 7 0 s", "contradicted"),
        ("her voice is 6 db softer", "supported"),
        ("her voice is 20 db softer", "contradicted"),
        ("her face hardly moves", "contradicted"),
        ("her voice is softer", "supported"),
        ("her voice is louder", "contradicted"),
        ("she speaks loudly", "contradicted"),  # it only grows softer
        ("she speaks faster", "contradicted"),
        ("she speaks fast", "unmeasurable"),  # from beginning to end, perhaps
        ("she whispers", "contradicted"),  # a whisper has no pitch
        ("her tone is trembling", "unmeasurable"),
        ("her facial expression is angry", "unmeasurable"),
        ("she has a sad expression", "unmeasurable"),
        ("she says “we won”", "supported"),
        ("she says “we lost”", "contradicted"),
    ],
)
def test_a_claim_is_supported_contradicted_or_not_measurable(known, text, verdict):
    assert verdicts(text, known) == [verdict]


def test_without_measurements_and_words_nothing_can_be_said():
    text = "she smiles, her pitch is higher and she says “we won”"
    assert verdicts(text, Evidence(clip=Clip(id="a"))) == ["unmeasurable"] * 3


@pytest.mark.parametrize(
    "text",
    [
        "clues of face and voice suggest that the person feels neutral",
        "the voice suggest that the person feels neutral",
        "the person feels “happy”",
        "in the video a man stands in front of a wall",
        "the tone and the raised eyebrows",
    ],
)
def test_what_claims_nothing_of_the_voice_is_no_claim_about_it(known, text):
    assert [claim for claim in claims(text, known) if claim.clue.modality != "face"] == []


def test_a_monotone_is_contradicted_by_a_pitch_that_moves(known):
    lively = evidence(clip(8.0), prosody=voice(wide=6))
    assert verdicts("her voice is monotone", lively) == ["contradicted"]
    assert verdicts("her voice swings widely", lively) == ["supported"]
    assert verdicts("her voice is lively", evidence(clip(8.0), prosody=voice(wide=0.5))) == ["contradicted"]


def test_a_claim_knows_where_it_stands(known):
    (claim,) = claims("then she smiles (AU12)", known)
    assert "then she smiles (AU12)"[slice(*claim.span)] == "smiles (AU12"
    assert claim.clue.checked
    assert (claim.clue.start, claim.clue.end) == pytest.approx((2.0, 5.0), abs=0.25)


def test_where_no_face_is_seen_a_face_cannot_be_spoken_against(known):
    assert verdicts("the inner brows rise from 20.0 to 22.0 s", known) == ["unmeasurable"]


def test_a_frown_that_is_neither_high_nor_rises_is_not_measurable():
    steady = evidence(clip(8.0), action_units=units(8.0, AU04=(0.4, 0.0, 8.0)))
    assert verdicts("she frowns", steady) == ["unmeasurable"]
