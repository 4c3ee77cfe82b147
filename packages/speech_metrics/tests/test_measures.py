"""On sounds whose properties are known, and against the libraries that first had the measures."""

import numpy as np
import pytest
from affekt import AudioSignal, DataError, EmotionPrediction
from affekt_speech_metrics.contours import correlation
from affekt_speech_metrics.emotion import agrees, emotion_similarity
from affekt_speech_metrics.intervals import estimate
from affekt_speech_metrics.prosody import prosody
from affekt_speech_metrics.quality import SAMPLE_RATE, quality
from affekt_speech_metrics.wording import character_error_rate, normalised, word_error_rate

RATE = 16_000


def voice(pitch, seconds=2.0, level=0.1, bend=0.0, vowels=(500.0, 900.0)):
    """A buzz with two changing resonances and syllables, which rises by `bend` octaves."""
    time = np.arange(int(seconds * RATE)) / RATE
    hertz = pitch * 2 ** (bend * time / seconds)
    phase = 2 * np.pi * np.cumsum(hertz) / RATE
    mix = 0.5 + 0.5 * np.sin(2 * np.pi * time / seconds * 3)
    sound = np.zeros_like(time)
    for harmonic in range(1, 25):
        near = sum(
            share / (1 + ((harmonic * pitch - resonance) / 150) ** 2)
            for share, resonance in zip((mix, 1 - mix), vowels, strict=True)
        )
        sound += near * np.sin(harmonic * phase)
    syllables = 0.6 + 0.4 * np.sin(2 * np.pi * 4 * time)
    sound *= syllables
    return AudioSignal(samples=(level * sound / np.abs(sound).max()).astype(np.float32), sample_rate=RATE)


def test_words_and_characters_are_compared_after_normalisation():
    assert normalised("It's 5 o'clock — can’t you see?") == "it is five o'clock can not you see"
    assert word_error_rate("One two, three four.", "one TWO three for") == 0.25
    assert character_error_rate("abcd", "abxd") == 0.25
    with pytest.raises(DataError, match="no words to compare"):
        word_error_rate("…", "hello")


def test_an_octave_is_twelve_semitones_and_twice_the_amplitude_six_decibels():
    low = prosody(voice(110))
    assert prosody(voice(220)).pitch - low.pitch == pytest.approx(12, abs=0.3)
    assert prosody(voice(110, level=0.2)).energy - low.energy == pytest.approx(6, abs=0.1)
    assert low.span < 0.5 < prosody(voice(110, bend=0.5)).span


def test_a_pause_counts_as_a_pause_and_not_as_speech():
    one = voice(120, 1.0).samples
    joined = AudioSignal(samples=np.concatenate([one, np.zeros(RATE, np.float32), one]), sample_rate=RATE)
    found = prosody(joined)
    assert found.pauses == pytest.approx(1 / 3, abs=0.08)
    assert found.seconds == pytest.approx(2.0, abs=0.3)


def test_silence_has_no_prosody_and_no_quality():
    quiet = AudioSignal(samples=np.zeros(RATE, dtype=np.float32), sample_rate=RATE)
    for measure in (prosody, quality):
        with pytest.raises(DataError, match="cannot be measured"):
            measure(quiet)


def test_the_same_course_at_another_pace_correlates_and_the_opposite_does_not():
    rising = voice(120, 1.5, bend=0.6)
    assert correlation(voice(140, 1.9, bend=0.6), rising).pitch > 0.9
    assert correlation(voice(180, 1.5, bend=-0.6), rising).pitch < -0.9
    assert correlation(rising, rising).energy == pytest.approx(1.0)


def test_dnsmos_is_what_speechmos_says():
    speechmos = pytest.importorskip("speechmos.dnsmos", reason="its own code needs librosa, requests and pandas")
    for sound in (voice(120, 2.0), voice(120, 11.5)):
        own, theirs = quality(sound), speechmos.run(sound.samples, sr=SAMPLE_RATE)
        assert own.overall == pytest.approx(float(theirs["ovrl_mos"]), abs=1e-3)
        assert own.signal == pytest.approx(float(theirs["sig_mos"]), abs=1e-3)
        assert own.background == pytest.approx(float(theirs["bak_mos"]), abs=1e-3)


def test_agreement_is_the_likeliest_emotion_and_similarity_the_cosine():
    glad = EmotionPrediction(scores={"happy": 0.8, "sad": 0.2})
    unsure = EmotionPrediction(scores={"happy": 0.8, "sad": 0.2}, abstained="too little")
    assert agrees(glad, "happy")
    assert not agrees(glad, "sad")
    assert not agrees(unsure, "happy")
    assert emotion_similarity(glad, glad) == pytest.approx(1)
    assert emotion_similarity(glad, EmotionPrediction(scores={"calm": 1.0})) == 0


def test_intervals_draw_groups_and_leave_out_what_does_not_exist():
    alone = estimate([0.0, 1.0] * 20)
    assert alone.mean == 0.5
    assert 0.3 < alone.low < 0.5 < alone.high < 0.7
    together = estimate([0.0] * 20 + [1.0] * 20, ["a"] * 20 + ["b"] * 20)
    assert (together.low, together.high) == (0.0, 1.0)
    assert estimate([np.nan, 2.0]).count == 1
    assert np.isnan(estimate([np.nan]).mean)
