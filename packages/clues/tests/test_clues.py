"""Clues: found where they are, and never marked as checked where they are not."""

from dataclasses import replace

import numpy as np
import pytest
from affekt import Clue, Features
from affekt_clues import face, voice
from affekt_clues.check import is_in
from affekt_clues.prosody import LOUDNESS, PITCH, SPEECH, VOICING
from handmade_clues import clip, evidence, units, words


def prosody(
    raised: float = 0.0, begin: float = 3.0, end: float = 5.0, seconds: float = 8.0, speech: float = 1.0
) -> Features:
    time = np.arange(round(seconds * 100)) / 100
    pitch = 1.5 * np.sin(time * 9) + raised * ((time >= begin) & (time < end))
    loudness = -30 + 2 * raised * ((time >= begin) & (time < end))
    voicing = np.ones_like(time)
    return Features(
        values=np.stack([pitch, loudness, voicing, speech * voicing], axis=1).astype(np.float32),
        hop=0.01,
        names=(PITCH, LOUDNESS, VOICING, SPEECH),
    )


def test_a_raised_unit_is_found_when_it_rises_and_checked():
    known = evidence(clip(), action_units=units(AU12=(0.7, 2.0, 5.0)))
    (found,) = [reason for reason in face.reasons(known.features["action_units"]) if "AU12" in reason.clue.text]
    assert found.clue.start == pytest.approx(2.0, abs=0.2)
    assert found.clue.end == pytest.approx(5.0, abs=0.2)
    assert "happy" in found.supports
    assert is_in(known, found.clue)


def test_a_blink_is_no_reason_but_eyes_that_stay_shut_are():
    assert not [reason for reason in face.reasons(units(AU45=(1.0, 1.0, 1.3))) if "AU45" in reason.clue.text]
    (shut,) = [reason for reason in face.reasons(units(AU45=(1.0, 1.0, 4.0))) if "AU45" in reason.clue.text]
    assert shut.clue.text == "the eyes stay shut (AU45)"


def test_a_still_face_is_said_to_be_still():
    (found,) = face.reasons(units())
    assert found.clue.text == "the face hardly moves"
    assert is_in(evidence(clip(), action_units=units()), found.clue)


def test_a_frowning_face_without_smile_or_raised_brows_is_told_so():
    raised = units(AU04=(0.7, 1.0, 5.0))
    texts = {reason.clue.text: reason for reason in face.reasons(raised)}
    found = texts["the lip corners (AU12) and the inner brows (AU01) hardly rise"]
    assert "neutral" in found.supports
    assert is_in(evidence(clip(), action_units=raised), found.clue)
    assert not is_in(evidence(clip(), action_units=units(AU12=(0.9, 1.0, 5.0))), found.clue)


def test_planted_face_clues_stay_unchecked():
    known = evidence(clip(), action_units=units(AU12=(0.7, 2.0, 5.0)))
    true = Clue(modality="face", start=2.2, end=4.8, text="the lip corners rise (AU12)", checked=False)
    assert is_in(known, true)
    assert not is_in(known, replace(true, text="the inner brows rise (AU01)"))
    assert not is_in(known, replace(true, text="the cheeks rise (AU09)"))
    assert not is_in(known, replace(true, start=0.0, end=1.5))
    assert not is_in(known, replace(true, text="she looks happy"))
    assert not is_in(known, replace(true, text="the face hardly moves"))
    assert not is_in(known, replace(true, text="the lip corners (AU12) and the brows rise (AU04)"))
    assert not is_in(evidence(clip()), true)


def test_a_higher_and_louder_voice_is_found_and_checked():
    known = evidence(clip(8.0), prosody=prosody(raised=5.0))
    texts = {reason.clue.text: reason.clue for reason in voice.reasons(known.features["prosody"])}
    assert any("semitones above" in text for text in texts)
    assert any("louder" in text for text in texts)
    assert all(is_in(known, clue) for clue in texts.values())


def test_an_even_voice_gives_no_departures():
    texts = [reason.clue.text for reason in voice.reasons(prosody())]
    assert texts == ["the pitch hardly moves (3 semitones)"]


def test_planted_voice_clues_stay_unchecked():
    known = evidence(clip(8.0), prosody=prosody(raised=5.0))
    true = Clue(
        modality="audio",
        start=3.0,
        end=5.0,
        text="the pitch is 5 semitones above this speaker's own average",
        checked=False,
    )
    assert is_in(known, true)
    assert not is_in(known, replace(true, text=true.text.replace("5", "9")))
    assert not is_in(known, replace(true, text=true.text.replace("above", "below")))
    assert not is_in(known, replace(true, start=0.0, end=2.0))
    assert not is_in(known, replace(true, text="the voice trembles"))
    assert not is_in(evidence(clip(8.0)), true)


def test_quotations_are_looked_up_at_their_time():
    said = words("How dare you leave me here?", 1.0, 3.0)
    known = evidence(clip(8.0, text="How dare you leave me here?", words=said))
    true = Clue(modality="text", start=1.0, end=3.0, text="the words “How dare you”", checked=False)
    assert is_in(known, true)
    assert not is_in(known, replace(true, text="the words “How kind of you”"))
    assert not is_in(known, replace(true, start=5.0, end=7.0))
    assert not is_in(known, replace(true, text="an angry remark"))
    assert not is_in(known, replace(true, text="the words “are you”"))


def test_a_forceful_voice_is_called_so_and_only_that():
    plain = prosody()
    rows = len(plain.values)
    quality = np.tile(np.array([-8.0, 9.0], np.float32), (rows, 1))  # treble against bass; harmonics over noise
    heard = replace(plain, values=np.hstack([plain.values, quality]), names=(*plain.names, "effort", "harmonicity"))
    known = evidence(clip(8.0), prosody=heard)
    (found,) = [reason for reason in voice.reasons(heard) if "voice is" in reason.clue.text]
    assert found.clue.text == "the voice is forceful (treble 8 dB under the bass)"
    assert "angry" in found.supports
    assert is_in(known, found.clue)
    assert not is_in(known, replace(found.clue, text="the voice is relaxed (treble 8 dB under the bass)"))
    assert not is_in(known, replace(found.clue, text="the voice is forceful (treble 2 dB under the bass)"))
    assert not is_in(known, replace(found.clue, text="the voice is rough (noise 5 dB under the tone)"))
