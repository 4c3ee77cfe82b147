"""Texts of a language model, claim by claim, against hand-made evidence."""

import numpy as np
import pytest
from affekt import Clip, Evidence, Features, Word
from affekt_clues import phrasing
from affekt_emotion_llama.explaining import explanation, measurements, observed
from affekt_emotion_llama.language import generation


@pytest.fixture
def known():
    """A smile from 2 to 5 s, a voice 5 semitones higher from 3 to 5 s, and nine words."""
    units = np.full((80, 3), 0.05, np.float32)
    units[20:50, 0] = 0.7
    time = np.arange(800) / 100
    raised = (time >= 3) & (time < 5)
    voice = np.stack([1.5 * np.sin(time * 9) + 5 * raised, -30 + 0 * time, np.ones(800), np.ones(800)], axis=1)
    spoken = ["I", "never", "thought", "that", "we", "would", "win", "this", "final"]
    words = tuple(Word(start=i * 0.5, end=i * 0.5 + 0.5, text=word) for i, word in enumerate(spoken))
    return Evidence(
        clip=Clip(id="a", text=" ".join(spoken), words=words),
        features={
            "action_units": Features(values=units, hop=0.1, names=("AU12", "AU01", "AU04")),
            "prosody": Features(
                values=voice.astype(np.float32), hop=0.01, names=("pitch", "loudness", "voicing", "speech")
            ),
        },
    )


def read(text, known):
    found = explanation.read(text, known)
    return found, [(clue.modality, clue.checked) for clue in found.clues]


def test_true_claims_stand_with_the_time_of_the_evidence(known):
    text = "She feels happy: she smiles, her pitch is higher, and she says “we would win this final”."
    found, claims = read(text, known)
    assert found.text == text
    assert sorted(claims) == [("audio", True), ("face", True), ("text", True)]
    face = next(clue for clue in found.clues if clue.modality == "face")
    assert face.text == "the lip corners rise (AU12)"
    assert (face.start, face.end) == pytest.approx((2.0, 5.0), abs=0.25)
    assert found.borne_out == 1.0


def test_a_clause_with_a_false_claim_is_struck_and_nothing_else(known):
    text = "The lip corners rise (AU12) from 2.0 to 5.0 s. She frowns and looks down. Her tone is trembling."
    found, claims = read(text, known)
    assert found.text == "The lip corners rise (AU12) from 2.0 to 5.0 s. She looks down. Her tone is trembling."
    assert sorted(claims) == [("audio", False), ("face", False), ("face", True)]
    assert sorted(found.verdicts) == ["contradicted", "supported", "unmeasurable"]
    assert found.removed == 1
    assert found.borne_out == pytest.approx(1 / 2)


def test_what_nothing_measures_stands(known):
    nothing = Evidence(clip=Clip(id="a"))
    text = "She smiles, her pitch is higher, she frowns and says “we lost everything”."
    found, claims = read(text, nothing)
    assert found.text == text
    assert set(found.verdicts) == {"unmeasurable"}
    assert not any(checked for _, checked in claims)
    assert found.borne_out is None


@pytest.mark.parametrize(
    "claim",
    [
        "the lip corners rise from 5.5 to 7.0 s",
        "the inner brows rise (AU01)",
        "AU99 rises",
        "the pitch is 5 semitones below her average",
        "the pitch is 12 semitones above her average",
        "she whispers",
        "she says “we lost everything”",
    ],
)
def test_planted_claims_are_not_borne_out(known, claim):
    found, _ = read(f"{claim}.", known)
    assert found.borne_out == 0.0
    assert found.text == ""


def test_amounts_and_quotations_are_looked_up(known):
    found, _ = read("The pitch is 5 semitones above this speaker's own average from 3.0 to 5.0 s.", known)
    assert found.borne_out == 1.0


def test_a_text_without_claims_or_without_end_is_left_as_it_is(known):
    for text in ("", "The person seems content", "She feels happy. She seems glad. " * 20):
        found, claims = read(text, known)
        assert found.text == " ".join(text.split())
        assert claims == []
        assert found.borne_out is None


def test_what_was_observed_is_told_with_its_times(known):
    face, voice = measurements.worded(measurements.clues(known))
    told = observed.sentences(face, voice, {"audio": "happy"}, 'He said "never".')
    assert told.startswith("Face: the lip corners rise (AU12) from 2.0 to 5.0 s")
    assert "Voice: the pitch is 4 semitones above this speaker's own average from" in told
    assert told.endswith("Tone: happy. Words: \"He said 'never'.\".")
    found, _ = read(" ".join([*face, *voice]), known)
    assert found.borne_out == 1.0
    assert observed.sentences((), (), {}) == ""


def test_of_a_small_model_only_what_is_borne_out_stands(known):
    text = "The lip corners rise (AU12). The jaw drops (AU26). The tone sounds happy. Her voice is trembling."
    found = explanation.read(text, known, {"audio": "happy"})
    assert found.text == "The lip corners rise (AU12). The tone sounds happy."
    assert found.struck == ("The jaw drops (AU26).", "Her voice is trembling.")
    assert all(
        clue.checked for clue in found.clues if clue.text in ("the lip corners rise (AU12)", "tone sounds happy")
    )
    mixed = "The expression is 4 semitones above this speaker's own average from 3.0 to 5.0 s."
    assert explanation.read(mixed, known, {"audio": "happy"}).struck == (mixed,)
    sad = explanation.read(text, known, {"audio": "sad"})
    assert sad.text == "The lip corners rise (AU12)."
    assert "Her voice is trembling." in explanation.read(text, known).text


def test_of_a_small_model_no_face_is_described_that_does_not_look_so_by_itself(known):
    text = "The lip corners rise (AU12). The person's facial expression is angry."
    read_with = {label: explanation.read(text, known, {"face": label}) for label in ("angry", "happy")}
    assert read_with["angry"].text == text
    assert read_with["happy"].struck == ("The person's facial expression is angry.",)
    unseen = Evidence(clip=Clip(id="a", text="I am angry with you."))
    assert explanation.read("The person's facial expression is angry.", unseen, {"text": "angry"}).text == ""


def test_of_a_small_model_nothing_stands_twice_and_nothing_unfinished(known):
    text = "The lip corners rise (AU12). The tone sounds happy. The tone sounds happy. The lip corners (AU12)"
    found = explanation.read(text, known, {"audio": "happy"})
    assert found.text == "The lip corners rise (AU12). The tone sounds happy."
    assert explanation.read(text, known).text == text


def test_writing_ends_where_a_sentence_is_written_again():
    pieces = ["It rises at 2.5 s. ", "It falls. ", "It rises at 2.5 s.", " It", " goes on for ever."]
    written = "".join(generation.until_repeated(iter(pieces)))
    assert written == "It rises at 2.5 s. It falls. It rises at 2.5 s. It"
    assert "".join(generation.until_repeated(iter(pieces[:2]))) == "It rises at 2.5 s. It falls. "


def test_a_model_that_has_lost_its_thread_is_not_quoted(known):
    found, _ = read("She feels happy. neutral neutral neutral neutral neutral.", known)
    assert (found.text, found.loops) == ("She feels happy.", 1)
    found, _ = read("the person smiles and it is and it is and it is and it is and it is", known)
    assert (found.text, found.loops) == ("the person smiles", 1)


def test_a_face_at_rest_is_one_claim_and_not_that_its_units_rise(known):
    flat = np.full((80, 3), 0.05, np.float32)
    flat[10:60, 2] = 0.7  # the brows are drawn down, so the face is not still
    units = Features(values=flat, hop=0.1, names=("AU12", "AU01", "AU04"))
    still = Evidence(clip=known.clip, features={"action_units": units})
    text = "The lip corners (AU12) and the inner brows (AU01) hardly rise from 0.0 to 8.0 s."
    assert (
        phrasing.because("", measurements.supporting(still, "neutral"))
        .removeprefix(": ")
        .startswith("the lip corners (AU12)")
    )
    found, claims = read(text, still)
    assert (found.text, claims) == (text, [("face", True)])
    assert read(text, known)[1] == [("face", False)]  # here they do rise


def test_a_forceful_voice_is_a_claim_that_is_looked_up(known):
    found, claims = read("The voice is forceful (treble 8 dB under the bass).", known)
    assert (claims, found.verdicts) == ([("audio", False)], ("unmeasurable",))
    soft = np.column_stack([known.features["prosody"].values, np.full(800, -16, np.float32)])
    names = (*known.features["prosody"].names, "effort")
    relaxed = Evidence(clip=known.clip, features={"prosody": Features(values=soft, hop=0.01, names=names)})
    assert read("The voice is forceful (treble 8 dB under the bass).", relaxed)[0].text == ""
    assert read("She shouts.", relaxed)[0].verdicts == ("contradicted",)
