"""The voice among the others: when it is asked, and what is said when it is not."""

import numpy as np
import pytest
from affekt import ComponentError, Features
from affekt_heads.reasoner import HeadsReasoner
from affekt_heads.voice import LAYERS, WIDTH, VoiceHead
from handmade import clip, evidence, expression


def speech(emotion: int, seconds: float = 6.0) -> Features:
    """Rows that the shipped head takes for an emotion: its centre, pushed along the emotion's weights."""
    head = VoiceHead.load()
    half = len(LAYERS) * WIDTH
    push = head.weight[:half, emotion] - head.weight[:half].mean(axis=1)
    row = head.centre[:half] + 3 * push / np.square(push).sum()
    count = round(seconds * 50)
    noise = np.random.default_rng(0).normal(size=(count, half)) * head.centre[half:]
    return Features(values=(row + noise - noise.mean(axis=0)).astype(np.float32), hop=0.02, source="whisper")


def prosody(begin: float, end: float, seconds: float = 6.0) -> Features:
    time = np.arange(round(seconds * 100)) / 100
    voicing = ((time >= begin) & (time < end)).astype(float)
    columns = np.stack([30 + 0 * time, -20 + 0 * time, voicing, 1 + 0 * time], axis=1)
    return Features(values=columns.astype(np.float32), hop=0.01, names=("pitch", "loudness", "voicing", "speech"))


def test_a_voice_alone_is_enough_for_an_answer():
    (felt,) = HeadsReasoner.create().reason([evidence(clip(), speech=speech(4), prosody=prosody(0, 6))])
    assert felt.label == "angry"
    assert felt.abstained is None
    assert "The face was not looked at" in felt.rationale


def test_the_voice_says_nothing_about_moments_without_one():
    known = evidence(clip(20.0), speech=speech(4, 20.0), prosody=prosody(8, 10, 20.0))
    (felt,) = HeadsReasoner.create().reason([known])
    assert 6 <= felt.timeline[0].start < felt.timeline[-1].end <= 13


def test_sound_in_which_nobody_speaks_is_no_voice():
    known = evidence(clip(), speech=speech(4), prosody=prosody(0, 0), expression=expression((6, "happy")))
    (felt,) = HeadsReasoner.create().reason([known])
    assert felt.label == "happy"
    assert "The voice was not judged: there is sound, but nobody speaks in it." in felt.rationale


def test_music_is_no_voice_though_it_has_a_pitch():
    silent = clip(missing={"text": "nobody speaks"})
    known = evidence(silent, speech=speech(4), prosody=prosody(0, 6), expression=expression((6, "happy")))
    (felt,) = HeadsReasoner.create().reason([known])
    assert felt.label == "happy"
    assert "The voice was not judged: nobody speaks." in felt.rationale


def test_noise_alone_is_nothing_to_judge_and_a_voice_without_words_is_something():
    noise = clip(missing={"text": "nobody speaks", "face": "nobody is seen"})
    (felt,) = HeadsReasoner.create().reason([evidence(noise, speech=speech(4), prosody=prosody(0, 0))])
    assert felt.nothing_to_judge
    (felt,) = HeadsReasoner.create().reason([evidence(noise, speech=speech(4), prosody=prosody(0, 6))])
    assert "there may be a voice without words" in felt.rationale
    assert not felt.nothing_to_judge


def test_a_syllable_is_too_short_to_be_judged():
    (felt,) = HeadsReasoner.create().reason([evidence(clip(), speech=speech(4), prosody=prosody(1.0, 1.2))])
    assert felt.abstained is not None
    assert "the voice is too short to be judged" in felt.rationale


def test_voice_and_face_that_differ_are_said_to():
    known = evidence(clip(), speech=speech(4), prosody=prosody(0, 6), expression=expression((6, "happy"), sure=0.95))
    (felt,) = HeadsReasoner.create().reason([known])
    assert "They differ: alone, the voice sounds angry" in felt.rationale
    assert "the face looks happy" in felt.rationale
    assert max(felt.scores.values()) < 0.7


def test_another_speech_encoder_is_refused_with_a_way_out():
    hubert = Features(values=np.zeros((300, 768), dtype=np.float32), hop=0.02, source="HubertEncoder(layer=-1)")
    expected = r"(?s)768 columns of HubertEncoder.*voice head cannot read.*Try: .*layer: .*voice: null"
    with pytest.raises(ComponentError, match=expected):
        HeadsReasoner.create().reason([evidence(clip(), speech=hubert)])
    (felt,) = HeadsReasoner.create(voice=None).reason(
        [evidence(clip(), speech=hubert, expression=expression((6, "sad")))]
    )
    assert felt.label == "sad"
