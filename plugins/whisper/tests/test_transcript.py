import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from affekt import Clip, WeightsError, Word, plugins
from faster_whisper import WhisperModel
from faster_whisper.audio import decode_audio

RATE = 16_000


@pytest.fixture(scope="module")
def whisper(real_weights):
    return plugins().create("preparer", "whisper", threads=2)


def noise(seconds, level=0.05):
    return level * np.random.default_rng(0).standard_normal(int(seconds * RATE))


def chords(seconds):
    """Broken triads with a soft attack: music without a voice."""
    time = np.arange(int(seconds * RATE)) / RATE
    notes = np.array([262, 330, 392, 523, 392, 330])[(time * 4).astype(int) % 6]
    return 0.2 * np.sin(2 * np.pi * np.cumsum(notes) / RATE) * np.exp(-3 * (time * 4 % 1))


def test_the_statement_is_written_down_word_for_word_with_times(whisper, statement, clip_of):
    (heard,) = whisper.prepare([clip_of(statement)])
    said = heard.text.lower()
    assert "after two years of negotiations, the united states, together with" in said
    assert "international partners" in said
    assert heard.language == "en"
    starts = [word.start for word in heard.words]
    assert starts == sorted(starts)
    assert all(0 <= word.start <= word.end <= heard.duration + 0.1 for word in heard.words)
    assert all(0 < word.probability <= 1 for word in heard.words)
    assert "text" not in heard.missing


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        (np.zeros(2 * RATE), "silent"),
        (noise(3), "nobody speaks"),
        (chords(6), "nobody speaks|no word of it"),
        (noise(0.05), "lasts only"),
    ],
    ids=["silence", "noise", "music", "a click"],
)
def test_nothing_is_invented_where_nobody_speaks(whisper, clip_of, samples, reason):
    (heard,) = whisper.prepare([clip_of(samples)])
    assert heard.text is None
    assert heard.words == ()
    assert re.search(reason, heard.missing["text"])


def shared(name):
    """A recording of the research data."""
    path = Path(os.environ.get("AFFEKT_SHARED", Path(__file__).resolve().parents[4] / "shared")) / name
    if not path.is_file():
        pytest.skip(f"{name}, of the data under AFFEKT_SHARED, is absent")
    return decode_audio(str(path), sampling_rate=RATE)


def test_speech_60_db_below_full_scale_is_heard_and_a_note_says_that_it_was_amplified(whisper, clip_of):
    (heard,) = whisper.prepare([clip_of(shared("samples/failing/quiet.wav"))])
    assert "after two years of negotiations" in heard.text
    assert re.search(r"very quiet: it was amplified by 5\d dB", heard.notes[-1])


def test_faint_noise_is_not_amplified_into_words(whisper, clip_of):
    (heard,) = whisper.prepare([clip_of(noise(3, level=5e-4))])
    assert "nobody speaks" in heard.missing["text"]


def test_a_laugh_holds_no_words(whisper, clip_of):
    (heard,) = whisper.prepare([clip_of(shared("samples/failing/nv_laugh1.wav"))])
    assert heard.text is None
    assert "no word of it" in heard.missing["text"]


def test_another_language_is_kept_with_whispers_translation_unless_told_otherwise(whisper, clip_of):
    german = clip_of(shared("data/emodb/03a01Wa.flac"))
    (heard,) = whisper.prepare([german])
    assert heard.text.startswith("Der Lappen liegt auf dem Eisschrank")
    assert (heard.language, heard.is_translated) == ("de", False)
    translation = heard.translation
    assert (translation.language, translation.original, translation.source) == ("en", "de", "Whisper")
    assert "is on the" in translation.text
    assert all(0 <= word.start <= word.end <= heard.duration + 0.1 for word in translation.words)
    subtitled = replace(german, text="Der Lappen.", language="de")
    (kept,) = whisper.prepare([subtitled])
    assert (kept.text, kept.translation) == (subtitled.text, translation)
    without = plugins().create("preparer", "whisper", threads=2, translate=False)
    assert without.prepare([subtitled]) == [subtitled]


def test_two_languages_of_one_window_are_each_written_down_as_such(whisper, clip_of):
    english = shared("data/ravdess/Actor_02/03-01-04-01-02-01-02.flac")
    german = shared("data/emodb/03a04Ta.flac")
    (heard,) = whisper.prepare([clip_of(np.concatenate([english, np.zeros(RATE, np.float32), german]))])
    assert "by the door" in heard.text
    assert "Heute" in heard.text
    assert heard.language == "de"
    assert "by the door" in heard.translation.text
    assert re.fullmatch(r"several languages are spoken: en from .* s, de from .* s", heard.notes[-1])
    starts = [word.start for word in heard.words]
    assert starts == sorted(starts)
    assert heard.words[-1].end <= heard.duration


def test_finding_the_language_and_transcribing_encode_a_short_clip_once(real_weights, statement, clip_of, monkeypatch):
    encoded = []
    encode = WhisperModel.encode
    monkeypatch.setattr(WhisperModel, "encode", lambda model, features: encoded.append(1) or encode(model, features))
    (heard,) = plugins().create("preparer", "whisper").prepare([clip_of(statement[: 4 * RATE])])
    assert heard.language == "en"
    assert len(encoded) == 1


def test_a_clip_without_sound_keeps_the_reason(whisper):
    (heard,) = whisper.prepare([Clip(id="b", missing={"audio": "no audio track"})])
    assert heard.missing["text"] == "no audio track"


def test_subtitles_are_kept_unless_told_otherwise(whisper, statement, clip_of):
    given = clip_of(statement, text="As written.", words=(Word(start=0.0, end=8.0, text="As written."),))
    assert whisper.prepare([given]) == [given]
    (heard,) = plugins().create("preparer", "whisper", overwrite=True, threads=2).prepare([given])
    assert "negotiations" in heard.text


def test_a_folder_without_a_model_is_refused(tmp_path, clip_of):
    with pytest.raises(WeightsError, match="cannot load"):
        plugins().create("preparer", "whisper", model=str(tmp_path)).prepare([clip_of(noise(3))])
