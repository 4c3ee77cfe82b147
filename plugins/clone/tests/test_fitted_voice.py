"""A short search for a real voice, by real ears: kept sealed, spoken with, taken back."""

import re
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from affekt import OptionsError, SpeechRequest, WeightsError
from affekt_clone.fitting import Losses, Search
from affekt_clone.hearing import Heard
from affekt_clone.person import FITTED, fit, fitted_voice, helps
from affekt_clone.speaker import ClonedSpeaker
from affekt_clone.stock import voices
from affekt_kokoro.voices import VOICES
from affekt_kokoro.weights import ALL_VOICES
from affekt_voices import ConsentError, VoiceStore
from affekt_voices.commands import app
from affekt_voices.speaker_identity import embedding
from affekt_weights import fetch
from typer.testing import CliRunner

from .conftest import record

SHORT = Search(
    timbre=3,
    prosody=2,
    population=(4, 4),
    generations=(1, 1),
    sentences=("We talked for long.",),
    checks=("Nobody knew.",),
)
"""The least that goes through all of it."""


class Interrupted(Exception):
    """Somebody presses Ctrl-C."""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("fitted")


@pytest.fixture(scope="module")
def fitted(place, kumo):
    """The voice of Kokoro's man, lent as "kumo" and fitted, once interrupted."""
    try:
        fetch(ALL_VOICES)
    except WeightsError as error:
        pytest.skip(f"needs all voices of Kokoro: {error}")
    store = VoiceStore(place / "voices", place / "keys")
    voice = embedding(kumo)
    store.add(record("kumo", voice), voice, [kumo])
    lent, reader = store.use("kumo", "replies"), ClonedSpeaker()._reader

    def interrupt(heard, of):
        if heard == 4:
            raise Interrupted

    with pytest.raises(Interrupted):
        fit(store, lent, reader, interrupt, SHORT)
    assert fitted_voice(store, lent) is None
    assert len(Losses.of(store.kept(lent.record, f"unfinished {SHORT.name}")).rows[0]) == 1
    found = fit(store, lent, reader, lambda heard, of: None, SHORT)
    assert store.kept(lent.record, f"unfinished {SHORT.name}") is None
    return found


@pytest.fixture(autouse=True)
def store(place, monkeypatch):
    monkeypatch.setenv("AFFEKT_VOICES", str(place))
    return VoiceStore(place / "voices", place / "keys")


def test_a_fitted_voice_is_kept_sealed_and_is_no_worse_than_where_the_search_began(fitted, store, place):
    assert fitted.heard.loss <= fitted.start.loss
    kept = fitted_voice(store, store.use("kumo", "replies"))
    np.testing.assert_array_equal(kept.voice.style, fitted.voice.style)
    assert (kept.voice.own, kept.heard, kept.convert) == (fitted.voice.own, fitted.heard, fitted.convert)
    content = b"".join(path.read_bytes() for path in place.rglob("*") if path.is_file())
    assert fitted.voice.style[7, 0, :8].tobytes() not in content


def test_it_is_spoken_with_in_every_emotion_and_says_so(fitted, store):
    speaker = ClonedSpeaker(voice="kumo", conversion=False)
    calm, angry = speaker.speak([SpeechRequest(text="Nobody knew.", emotion=name) for name in ("neutral", "angry")])
    assert calm.provenance["method"] == "voice fitted in the space of Kokoro's"
    assert calm.provenance["consent"] == store.record("kumo").id
    assert (calm.provenance["cloned"], calm.provenance["voice"]) == (True, "kumo")
    assert calm.audio.duration > 0.4
    assert np.sqrt(np.mean(angry.audio.samples**2)) > 1.2 * np.sqrt(np.mean(calm.audio.samples**2))
    other = ClonedSpeaker(voice="kumo", conversion=False, reader_voice="jf_alpha")
    (read,) = other.speak([SpeechRequest(text="Nobody knew.")])
    assert read.provenance["method"] == "voice of the reader"


def test_what_is_fitted_is_not_fitted_again_unless_asked_for(fitted):
    calls: list[int] = []
    speaker = ClonedSpeaker()
    assert speaker.fit("kumo", lambda heard, of: calls.append(heard)).heard == fitted.heard
    assert calls == []
    done = CliRunner().invoke(app, ["fit", "kumo"])
    assert done.exit_code == 0, done.output
    assert re.search(r'"kumo" is fitted in .* words wrong \d\.\d\d, DNSMOS \d\.\d\d', done.stdout)
    with pytest.raises(OptionsError, match="cannot be fitted to a person"):
        ClonedSpeaker(reader="beeps").fit("kumo")


ATTEMPTS = {
    "no such voice": ("anna", "replies", {}),
    "another purpose": ("ida", "advertising", {}),
    "consent of the past": ("ida", "replies", {"expires": datetime.now(UTC) - timedelta(hours=1)}),
    "consent of the future": ("ida", "replies", {"given": datetime.now(UTC) + timedelta(hours=1)}),
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_nothing_is_fitted_without_consent_and_nothing_is_written(attempt, tmp_path, monkeypatch, kumo):
    name, purpose, changes = ATTEMPTS[attempt]
    monkeypatch.setenv("AFFEKT_VOICES", str(tmp_path))
    then = changes.get("expires", datetime.now(UTC)) - timedelta(hours=2)
    voice = embedding(kumo)
    VoiceStore(now=lambda: then).add(record("ida", voice, **{"given": then, **changes}), voice, [kumo])
    for _ in range(25):
        with pytest.raises(ConsentError):
            ClonedSpeaker(purpose=purpose).fit(name)
    assert not list(tmp_path.rglob("derived-*"))


def test_a_voice_taken_back_while_it_is_fitted_is_not_kept_and_silent_at_once(fitted, store, place, kumo):
    voice = embedding(kumo)
    store.add(record("otto", voice), voice, [kumo])
    lent = store.use("otto", "replies")
    store.keep(lent.record, FITTED, store.kept(store.record("kumo"), FITTED))
    speaker = ClonedSpeaker(voice="otto", conversion=False)
    assert speaker.speak([SpeechRequest(text="Nobody knew.")])
    style = fitted_voice(store, lent).voice.style
    sealed = [path.read_bytes() for path in (place / "voices" / lent.record.id).glob("*")]
    assert CliRunner().invoke(app, ["revoke", "otto"]).exit_code == 0
    with pytest.raises(ConsentError):  # a stream asks for one sentence after another
        speaker.speak([SpeechRequest(text="Nobody knew.")])
    with pytest.raises(ConsentError):
        store.keep(lent.record, FITTED, {"style": style})
    left = b"".join(path.read_bytes() for path in place.rglob("*") if path.is_file())
    for whole in (style.tobytes(), *sealed):
        assert not any(whole[begin : begin + 16] in left for begin in range(0, min(len(whole), 4096) - 15, 16))


def test_conversion_is_used_where_it_brings_likeness_at_no_cost_of_words():
    before = Heard(likeness=0.70, quality=3.2, wrong=0.1)
    assert helps(before, Heard(likeness=0.75, quality=3.1, wrong=0.1))
    assert not helps(before, Heard(likeness=0.72, quality=3.2, wrong=0.0))
    assert not helps(before, Heard(likeness=0.80, quality=3.2, wrong=0.2))
    assert not helps(before, Heard(likeness=0.80, quality=2.8, wrong=0.0))


def test_every_english_voice_is_known_to_the_encoder_and_women_are_told_from_men():
    known = voices()
    assert set(known) == {name for name, voice in VOICES.items() if voice.language == "en"}
    women = np.mean([row for name, row in known.items() if VOICES[name].sex == "woman"], axis=0)
    men = np.mean([row for name, row in known.items() if VOICES[name].sex == "man"], axis=0)
    told = [(row @ women > row @ men) == (VOICES[name].sex == "woman") for name, row in known.items()]
    assert np.mean(told) > 0.9
