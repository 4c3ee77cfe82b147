"""A voice is lent by recordings and a spoken consent; whatever is neither is refused with its reason, and not kept."""

from datetime import UTC, datetime

import numpy as np
import pytest
import soundfile
from affekt_voices import EnrolmentError, VoiceStore
from affekt_voices.enrolment import Consent, enrol

RATE = 24_000
AGREED = Consent(person="Mary Smith", purposes=("replies",), expires=datetime(2090, 5, 5, tzinfo=UTC))


def music(seconds):
    """Chords with a beat."""
    time = np.arange(int(seconds * RATE)) / RATE
    roots = 220 * 2 ** (np.floor(time) % 4 * 5 % 12 / 12)
    phase = 2 * np.pi * np.cumsum(roots) / RATE
    chord = np.sin(phase) + np.sin(1.26 * phase) + np.sin(1.5 * phase)
    return (0.1 * chord * np.exp(-3 * (time * 2 % 1))).astype(np.float32)


@pytest.fixture
def refused(tmp_path):
    """Tries to enrol a sound, and gives the error."""

    def attempt(samples):
        path = tmp_path / "reference.wav"
        soundfile.write(path, samples, RATE)
        store = VoiceStore(tmp_path / "voices", tmp_path / "keys")
        with pytest.raises(EnrolmentError) as caught:
            enrol(store, "anna", AGREED, [path], path)
        assert not store.records()
        assert sorted(found.name for found in tmp_path.rglob("*")) == ["reference.wav"]
        assert caught.value.hint
        return caught.value.message

    return attempt


@pytest.fixture
def written(tmp_path):
    """Writes a recording."""

    def write(name, samples):
        soundfile.write(tmp_path / name, samples, RATE)
        return tmp_path / name

    return write


def test_who_says_the_consent_in_their_own_voice_lends_that_voice_and_no_other(alpha, kumo, spoken, written, tmp_path):
    consent = written("consent.wav", spoken(AGREED.phrase, "jm_kumo").samples)
    store = VoiceStore(tmp_path / "voices", tmp_path / "keys")
    other = written("alpha.wav", np.tile(alpha.samples, 2))
    with pytest.raises(EnrolmentError, match="is not the one in the recordings: similarity 0"):
        enrol(store, "anna", AGREED, [other], consent)
    record = enrol(store, "kumo", AGREED, [written("kumo.wav", kumo.samples)], consent)
    assert (record.similarity > 0.75, record.word_errors <= 0.25) == (True, True)
    assert 8 < record.seconds < 15
    lent = store.use("kumo", "replies")
    assert lent.record == record
    assert len(lent.recordings[0].samples) == pytest.approx(len(kumo.samples), rel=0.01)
    assert [one.voice for one in store.records()] == ["kumo"]


def test_a_fifth_of_a_second_is_too_short(alpha, refused):
    assert "s of speech, less than 8 s" in refused(alpha.samples[: RATE // 5])


def test_silence_is_silent(refused):
    assert "is silent" in refused(np.zeros(20 * RATE, dtype=np.float32))


def test_music_is_not_speech(refused):
    assert "of speech, less than 8 s" in (told := refused(music(20))) or "no words are heard" in told or "noisy" in told


def test_two_speakers_are_not_one_voice(alpha, kumo, refused):
    assert "several people" in refused(np.concatenate([alpha.samples, kumo.samples[: 6 * RATE]]))


def test_speech_without_the_consent_phrase_is_no_consent(kumo, refused):
    assert 'should say "I, Mary Smith, allow affekt' in refused(kumo.samples)
