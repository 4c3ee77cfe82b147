"""A voice without words is neither silence nor speech, and a translation is not what was said."""

import numpy as np
import pytest
from affekt import AudioSignal, Clip, Clue, Evidence, Features, SoundEvent, Translation, Word
from affekt_clues.check import is_in
from affekt_clues.claims import measured_reasons
from affekt_clues.phrasing import Absent, instead, nothing, silences, which_words
from affekt_clues.sounds import wordless
from affekt_clues.words import cited, words_between


def event(name, vocal=True, start=1.0, end=2.5):
    return SoundEvent(start=start, end=end, name=name, vocal=vocal, probability=0.8)


def heard(*events, pitched=0.0, **fields):
    """Three seconds of sound, of which so many have a pitch."""
    voicing = (np.arange(300) < pitched * 100).astype(np.float32)
    prosody = Features(
        values=np.stack([40 + 0 * voicing, voicing, 0 * voicing], axis=1),
        hop=0.01,
        names=("pitch", "voicing", "speech"),
    )
    sound = AudioSignal(samples=np.zeros(48_000, np.float32), sample_rate=16_000)
    return Evidence(clip=Clip(id="a", audio=sound, events=events, **fields), features={"prosody": prosody})


@pytest.mark.parametrize("name", ["laughter", "crying", "scream", "gasp", "a sneeze"])
def test_a_vocal_sound_is_a_voice_without_words(name):
    assert wordless(heard(event(name), event("music", vocal=False))) == f"a voice without words is heard: {name}"


def test_without_a_recogniser_a_pitch_may_be_a_voice_and_noise_is_none():
    assert "may be a voice without words" in wordless(heard(pitched=1.0))
    assert wordless(heard(pitched=0.1)) is None
    assert wordless(heard(event("music", vocal=False), pitched=3.0)) is None, "a recogniser knows better than a pitch"
    assert wordless(heard(pitched=1.0, text="Hello.")) is None


def test_no_voice_is_never_said_where_one_is_heard():
    absent = [Absent(modality="audio", reason="nobody speaks", instead="a voice without words is heard: laughter")]
    assert nothing(absent) == "no speech was heard; a voice without words is heard: laughter"
    assert silences(absent) == "The voice was not judged: nobody speaks."
    assert instead(absent) == "A voice without words is heard: laughter."


def test_a_laugh_is_a_reason_that_is_looked_up():
    known = heard(event("laughter"), event("a sneeze"), event("music", vocal=False))
    (reason,) = measured_reasons(known)
    assert (reason.clue.text, reason.supports) == ("laughter is heard", ("happy",))
    assert is_in(known, reason.clue)
    assert not is_in(known, Clue(modality="audio", start=1.0, end=2.0, text="crying is heard", checked=False))
    assert not is_in(known, Clue(modality="audio", start=2.8, end=2.9, text="laughter is heard", checked=False))


def test_a_quoted_translation_says_that_it_is_one_and_is_found_in_it():
    german = Clip(
        id="a",
        text="Lass mich in Ruhe",
        language="de",
        words=(Word(start=0.0, end=1.0, text="Lass mich in Ruhe"),),
        translation=Translation(
            language="en",
            original="de",
            source="Whisper",
            text="Leave me alone",
            words=(Word(start=0.0, end=1.0, text="Leave me alone"),),
        ),
    )
    read = german.in_language(("en",))
    assert words_between(Evidence(clip=read), 0.0, 1.0) == "Leave me alone"
    assert cited(german, "Lass mich in Ruhe") == "the words “Lass mich in Ruhe”"
    told = cited(read, "Leave me alone")
    assert told == "the words “Leave me alone” (translated by Whisper from de)"
    clue = Clue(modality="text", start=0.0, end=1.0, text=told, checked=False)
    assert is_in(Evidence(clip=read), clue)
    assert is_in(Evidence(clip=german), clue)
    assert which_words(german) == ""
    assert which_words(read) == "The words judged are Whisper's translation from de."


@pytest.mark.parametrize("languages", [(), ("de",), ("fr",)])
def test_who_reads_the_language_or_not_the_translation_gets_the_clip_as_it_is(languages):
    translation = Translation(language="en", original="de", source="Whisper", text="No.")
    clip = Clip(id="a", text="Nein.", language="de", translation=translation)
    assert clip.in_language(languages) is clip
    assert Clip(id="b", text="Nein.", translation=translation).in_language(("en",)).text == "Nein."
