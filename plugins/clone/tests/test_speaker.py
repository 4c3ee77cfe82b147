import secrets
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from affekt import Clip, SpeechRequest, WeightsError, plugins
from affekt_clone.speaker import ClonedSpeaker
from affekt_testing import SpeakerSuite
from affekt_voices import ConsentError, ConsentRecord, VoiceStore
from affekt_voices.speaker_identity import embedding, similarity
from affekt_voices.store import embedding_hash
from affekt_voices.words import word_errors

READ = (
    "The north wind and the sun were arguing which of them was the stronger, when a traveller came along wrapped in a "
    "warm cloak. They agreed that the one who first made the traveller take his cloak off should be considered "
    "stronger than the other. Then the north wind blew as hard as he could, but the more he blew the more closely did "
    "the traveller fold his cloak around him, and at last the north wind gave up the attempt."
)
"""Aesop's fable, of which a voice of Kokoro's makes 25 s: a voice that belongs to nobody, lent for these tests."""


@pytest.fixture(scope="module")
def lent(tmp_path_factory):
    """The voice of Kokoro's man, enrolled under the name "kumo"; and its embedding."""
    try:
        (said,) = plugins().create("speaker", "kokoro", voice="jm_kumo").speak([SpeechRequest(text=READ)])
    except WeightsError as error:
        pytest.skip(f"needs the weights of Kokoro: {error}")
    folder = tmp_path_factory.mktemp("lent")
    voice, now = embedding(said.audio), datetime.now(UTC)
    record = ConsentRecord(
        id=secrets.token_hex(16),
        voice="kumo",
        person="nobody",
        purposes=("replies",),
        language="en",
        given=now - timedelta(minutes=1),
        expires=now + timedelta(days=1),
        phrase="",
        heard="",
        word_errors=0.0,
        similarity=1.0,
        encoder="GE2E",
        embedding_sha256=embedding_hash(voice),
    )
    VoiceStore(folder / "voices", folder / "keys").add(record, voice, [said.audio])
    return folder, voice


@pytest.fixture(autouse=True)
def store(lent, monkeypatch):
    monkeypatch.setenv("AFFEKT_VOICES", str(lent[0]))


class TestClone(SpeakerSuite):
    component = ClonedSpeaker
    options = {"voice": "kumo", "reader_voice": "jf_alpha"}


def test_the_speech_moves_to_the_lent_voice_and_keeps_its_words(lent):
    text = "The train to the coast leaves early in the morning."
    speaker = ClonedSpeaker(voice="kumo", reader_voice="jf_alpha")
    (read,) = plugins().create("speaker", "kokoro", voice="jf_alpha").speak([SpeechRequest(text=text)])
    (spoken,) = speaker.speak([SpeechRequest(text=text)])
    before, after = (similarity(embedding(one.audio), lent[1]) for one in (read, spoken))
    assert after > before + 0.05, (before, after)
    listener = plugins().create("preparer", "whisper", language="en")

    (clip,) = listener.prepare([Clip(id="spoken", audio=spoken.audio)])
    assert word_errors(text, clip.text or "") <= 0.2
    assert spoken.provenance["consent"] == VoiceStore().record("kumo").id


def test_what_is_computed_from_a_voice_is_kept_and_used_again(lent):
    speaker = ClonedSpeaker(voice="kumo")
    once, again = (speaker.speak([SpeechRequest(text="Good morning.")])[0].audio.samples for _ in range(2))
    np.testing.assert_array_equal(once, again)
    assert len(list((lent[0] / "voices").glob("*/derived-*.sealed"))) == 1


@pytest.mark.parametrize(
    ("options", "error"),
    [({}, "no lent voice is named"), ({"voice": "anna"}, "nobody lent a voice"), ({"purpose": "ads"}, "not lent for")],
)
def test_nothing_is_spoken_without_consent(options, error):
    with pytest.raises(ConsentError, match=error):
        ClonedSpeaker(**({"voice": "kumo"} if "purpose" in options else {}) | options).speak(
            [SpeechRequest(text="Hi.")]
        )
