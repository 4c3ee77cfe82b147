from dataclasses import replace
from importlib import import_module

import affekt
import numpy as np
import pytest
from affekt import AudioSignal, Clip, Component, DataError, EmotionPrediction, Pipeline, SpeechRequest, SpeechResult
from affekt_reply import closed_loop, relative_to_neutral, respond
from affekt_reply.wording import word_error_rate, words_of


class Voice(Component):
    """Says how it was asked to speak in its samples: intensity, and whether the style asks for more height."""

    reads_style: bool = True

    def speak(self, requests):
        return [
            SpeechResult(audio=AudioSignal(samples=self._sound(asked), sample_rate=16_000), request=asked)
            for asked in requests
        ]

    def _sound(self, asked):
        samples = np.zeros(1600, dtype=np.float32)
        samples[:2] = asked.intensity, self.reads_style * ("higher" in asked.style)
        return samples


class Ear(Component):
    """Hears joy from `needs` on; loses the words above `loses`."""

    needs: float = 0.8
    loses: float = 2.0

    def prepare(self, clips):
        return [replace(clip, text="so so" if clip.audio.samples[0] > self.loses else "so it is") for clip in clips]

    def reason(self, evidence):
        return [self._felt(known.clip.audio.samples) for known in evidence]

    def _felt(self, samples):
        joy = float(np.clip(samples[0] + 0.3 * samples[1] - self.needs + 0.5, 0, 1))
        return EmotionPrediction(scores={"happy": joy, "neutral": 1 - joy}, rationale="by ear")


def pipeline(voice=Voice(), ear=Ear()):  # noqa: B008
    return Pipeline(prepare={"ear": ear}, reasoner=ear, speaker=voice)


ASKED = SpeechRequest(text="So it is.", emotion="happy", intensity=0.6)


def test_words_are_compared_with_those_that_the_speaker_says_it_spoke():
    class Reader(Voice):
        def speak(self, requests):
            return [replace(result, provenance={"spoken_text": "So it is."}) for result in super().speak(requests)]

    asked = replace(ASKED, text="[laughs] So it is. ;-)", intensity=1.0)
    assert closed_loop(pipeline(Reader()), asked).attempts[0].word_errors == 0.0
    assert closed_loop(pipeline(), asked).attempts[0].word_errors == 0.25


def test_intensity_rises_until_the_emotion_is_heard():
    reply = closed_loop(pipeline(ear=Ear(needs=1.2)), ASKED)
    assert [attempt.request.intensity for attempt in reply.attempts] == [0.6, 1.0]
    assert reply.succeeded
    assert reply.result.request.intensity == 1.0
    assert reply.result.provenance["heard_as_meant"] is True
    assert reply.result.provenance["attempts"] == 2


def test_intensity_falls_when_the_words_are_lost():
    reply = closed_loop(pipeline(ear=Ear(needs=0.3, loses=0.5)), ASKED)
    assert [attempt.clear for attempt in reply.attempts] == [False, True]
    assert [attempt.request.intensity for attempt in reply.attempts] == [0.6, 0.3]
    assert reply.succeeded
    assert reply.attempts[0].word_errors == pytest.approx(2 / 3)


def test_a_voice_that_never_sounds_happy_by_itself_is_heard_beside_its_neutral():
    reply = closed_loop(pipeline(ear=Ear(needs=0.9)), ASKED)
    (attempt,) = reply.attempts
    assert attempt.heard.label == "neutral"
    assert attempt.felt
    assert not attempt.felt_alone
    assert reply.result.provenance["heard"] == "neutral"
    assert reply.result.provenance["heard_beside_neutral"] == "happy"


def test_what_is_meant_to_be_neutral_is_heard_by_itself():
    reply = closed_loop(pipeline(ear=Ear(needs=0.4)), replace(ASKED, emotion="neutral", intensity=0.0), attempts=1)
    assert reply.succeeded
    assert reply.attempts[0].shares == dict(reply.attempts[0].heard.scores)


def test_the_emotions_to_choose_from_can_be_named():
    heard, neutral = prediction(happy=0.2, sad=0.1, calm=0.7), prediction(happy=0.1, sad=0.1, calm=0.8)
    shares = relative_to_neutral(heard, neutral, ("happy", "sad"))
    assert shares["happy"] / shares["sad"] == pytest.approx(2.0, rel=0.01)
    assert sum(shares.values()) == pytest.approx(1)
    with pytest.raises(DataError, match="is not among"):
        closed_loop(pipeline(), ASKED, among=("sad", "neutral"))
    with pytest.raises(DataError, match="none of"):
        relative_to_neutral(prediction(happy=1.0), prediction(happy=1.0), ("sad",))


def prediction(**scores):
    return EmotionPrediction(scores=scores, rationale="by ear")


def test_where_intensity_does_not_do_the_style_is_tried():
    reply = closed_loop(pipeline(ear=Ear(needs=1.6)), ASKED)
    assert reply.succeeded
    assert reply.result.request.style == "higher"


def test_when_nothing_helps_the_best_attempt_says_that_it_failed():
    reply = closed_loop(pipeline(ear=Ear(needs=2.0)), ASKED, attempts=12)
    assert reply.succeeded is False
    assert reply.result.provenance["heard_as_meant"] is False
    assert reply.result is not max(reply.attempts, key=lambda one: one.score).result  # told in its provenance
    assert reply.result.request == max(reply.attempts, key=lambda one: one.score).request


def test_a_speaker_that_reads_no_style_is_not_listened_to_twice_for_one_sound():
    reply = closed_loop(pipeline(Voice(reads_style=False), Ear(needs=3.0)), ASKED, attempts=20)
    assert len({attempt.request.intensity for attempt in reply.attempts}) == len(reply.attempts) <= 3


def test_right_words_count_more_than_the_emotion():
    reply = closed_loop(pipeline(ear=Ear(needs=1.4, loses=0.7)), ASKED, attempts=2)
    assert [attempt.clear for attempt in reply.attempts] == [True, False]
    assert reply.result.request.intensity == 0.6


def test_one_call_recognises_and_answers():
    clip = Clip(id="a", audio=AudioSignal(samples=np.ones(1600, dtype=np.float32), sample_rate=16_000))
    reply = respond(clip, text="So it is.", pipeline=pipeline(), until_felt=True)
    assert reply.felt.label == reply.result.request.emotion == "happy"
    told = reply.to_dict()
    assert told["succeeded"] is True
    assert told["attempts"][-1]["heard_beside_neutral"] == "happy"
    assert told["clip"]["source"] == "a"
    assert respond(clip, text="So it is.", pipeline=pipeline()).succeeded is None


def test_a_reasoner_may_write_the_reply_and_must_say_when_it_cannot():
    class Writer(Ear):
        answer: str = "I hear joy."
        replies: bool = True

        def reply(self, felt, language):
            return self.answer

    clip = Clip(id="a", audio=AudioSignal(samples=np.ones(1600, dtype=np.float32), sample_rate=16_000))
    assert respond(clip, pipeline=pipeline(ear=Writer())).result.request.text == "I hear joy."
    for reasoner in (Ear(), Writer(replies=False)):
        with pytest.raises(DataError, match=r"writes no replies\nTry: give the text"):
            respond("nowhere.mp4", pipeline=pipeline(ear=reasoner))
    with pytest.raises(DataError, match="wrote an empty reply"):
        respond(clip, pipeline=pipeline(ear=Writer(answer=" ")))


def test_no_attempts_are_refused():
    with pytest.raises(DataError, match="at least one attempt"):
        closed_loop(pipeline(), ASKED, attempts=0)


def test_words_are_compared_without_case_punctuation_and_contractions():
    assert words_of("It's 5 o'clock — can’t you see?") == ["it", "is", "five", "o'clock", "can", "not", "you", "see"]
    assert word_error_rate("I can't go.", "i cannot go") == 0
    assert word_error_rate("one two three four", "one too four") == pytest.approx(0.5)
    assert word_error_rate("…", "something") == float("inf")
    assert word_error_rate("Привет, мир!", "привет мир") == 0


def test_affekt_respond_is_the_door_to_it():
    clip = Clip(id="a", audio=AudioSignal(samples=np.ones(1600, dtype=np.float32), sample_rate=16_000))
    assert affekt.respond(clip, text="So it is.", pipeline=pipeline()).result.request.emotion == "happy"


def test_every_attempt_is_told_to_the_caller_also_under_the_former_name():
    watched, formerly = [], []
    reply = closed_loop(pipeline(ear=Ear(needs=0.9)), ASKED, on_progress=watched.append)
    assert tuple(watched) == reply.attempts
    with pytest.warns(DeprecationWarning, match='"told" of closed_loop is called "on_progress" now'):
        closed_loop(pipeline(ear=Ear(needs=0.9)), ASKED, told=formerly.append)
    assert [attempt.request for attempt in formerly] == [attempt.request for attempt in watched]


def test_old_paths_in_core_lead_here_with_a_warning():
    for path, name, new in (
        ("affekt", "closed_loop", closed_loop),
        ("affekt.reply", "respond", respond),
        ("affekt.beside", "beside", relative_to_neutral),
        ("affekt.wording", "words_of", words_of),
    ):
        with pytest.warns(DeprecationWarning, match=rf"{path}.{name} is affekt_reply.*the next minor version"):
            assert getattr(import_module(path), name) is new
