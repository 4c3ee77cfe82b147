"""The main job, on real recordings through real models."""

from dataclasses import replace

import jiwer
import numpy as np
import pytest
import torch
from affekt import AudioSignal, Clip, DataError, SpeechRequest
from affekt_emotion_llama.language import generation
from affekt_emotion_llama.model import EmotionLlama
from affekt_recordings.asking import ask

SAID = (
    "Today, after two years of negotiations, the United States, together with our international partners, "
    "has achieved something"
)
"""Where the clip ends, in the middle of a sentence."""


def word_error(said: str, heard: str) -> float:
    normal = jiwer.Compose(
        [jiwer.ToLowerCase(), jiwer.RemovePunctuation(), jiwer.Strip(), jiwer.RemoveMultipleSpaces(),
         jiwer.ReduceToListOfListOfWords()]
    )  # fmt: skip
    return jiwer.wer(said, heard, reference_transform=normal, hypothesis_transform=normal)


@pytest.fixture(scope="module")
def statement_felt(pipeline, statement):
    return pipeline.analyze(statement)


@pytest.fixture(scope="module")
def tears_felt(pipeline, tears):
    return pipeline.analyze(tears)


def test_the_statement_is_heard_seen_and_read(statement_felt):
    clip = statement_felt.evidence.clip
    assert word_error(SAID, statement_felt.text) < 0.1
    assert clip.language == "en"
    assert clip.words[0].start < 1.5
    assert clip.words[-1].end > 7
    assert set(statement_felt.evidence.features) >= {"speech", "prosody", "action_units", "expression", "words"}
    assert statement_felt.missing() == {}


def test_the_speaking_face_is_chosen_and_the_choice_is_stated(statement_felt):
    faces = statement_felt.evidence.clip.faces
    assert "of 2" in faces.choice
    middle = faces.boxes[:, 0] + faces.boxes[:, 2] / 2
    assert np.ptp(middle) < 120  # one man, not jumps between two


def test_the_small_model_tells_each_task_and_refuses_free_questions(pipeline, statement_felt):
    voice, face = (ask(pipeline, statement_felt, task=task) for task in ("voice", "face"))
    assert voice.text.startswith("By itself the voice is likeliest ")
    assert face.text.startswith("By itself the face is likeliest ")
    assert {clue.modality for clue in voice.clues} <= {"audio"}
    assert {clue.modality for clue in face.clues} == {"face"}
    assert ask(pipeline, statement_felt, task="emotion").text
    assert ask(pipeline, statement_felt).text == statement_felt.rationale
    with pytest.raises(DataError, match="answers no free questions"):
        ask(pipeline, statement_felt, "Why does he speak so slowly?")


def test_without_its_adapters_the_small_model_writes_something_else():
    model = EmotionLlama.from_pretrained("emotion-llama-mini")
    learnt = [one for name, one in model.language_model.named_parameters() if "lora_B" in name]
    assert learnt
    assert all(one.abs().sum() > 0 for one in learnt), "they begin as zeros"
    ids = model.tokenizer("Voice: the pitch is high from 0.5 to 2.0 s. Tone: angry. reason:")["input_ids"]
    asked = model.plain.get_input_embeddings()(torch.tensor(ids)).detach()
    tuned = list(generation.tokens(model.plain, asked, most=12, ends=()))
    with model.language_model.disable_adapter():
        assert list(generation.tokens(model.plain, asked, most=12, ends=())) != tuned
    assert "voice" in model.tokenizer.decode(tuned)


def test_a_calm_formal_statement_is_not_called_happy_or_disgusted(statement_felt):
    assert (
        statement_felt.scores["happy"] + statement_felt.scores["disgusted"] + statement_felt.scores["surprised"] < 0.5
    )


def test_every_named_clue_was_looked_up_and_lies_in_the_clip(statement_felt, tears_felt):
    for felt in (statement_felt, tears_felt):
        assert felt.prediction.clues
        for clue in felt.prediction.clues:
            assert clue.checked
            assert 0 <= clue.start <= clue.end <= felt.duration + 0.1


def test_tears_turn_to_laughter_at_about_the_right_moment(tears_felt):
    def mean(emotion, start, end):
        inside = [m.scores[emotion] for m in tears_felt.prediction.timeline if start <= (m.start + m.end) / 2 < end]
        return float(np.mean(inside))

    assert mean("sad", 0, 7) > mean("happy", 0, 7)
    assert mean("happy", 12, 19) > mean("sad", 12, 19)
    assert mean("happy", 12, 19) > 0.5


def test_a_silent_track_gives_neither_transcript_nor_voice(tears_felt):
    assert tears_felt.text == ""
    assert "silent" in tears_felt.missing()["speech"]
    assert not {"speech", "prosody", "words"} & set(tears_felt.evidence.features)
    assert {clue.modality for clue in tears_felt.prediction.clues} == {"face"}


@pytest.mark.parametrize(
    ("kept", "absent"),
    [({"audio"}, {"action_units", "expression"}), ({"video"}, {"speech", "prosody", "words"})],
)
def test_any_subset_of_modalities_answers_and_says_what_is_missing(pipeline, statement_felt, kept, absent):
    clip = statement_felt.evidence.clip
    bare = Clip(
        id="subset",
        audio=clip.audio if "audio" in kept else None,
        video=clip.video if "video" in kept else None,
        missing={modality: "taken away" for modality in ("audio", "video") if modality not in kept},
    )
    felt = pipeline.analyze(bare)
    assert absent <= set(felt.missing())
    assert all(felt.missing()[slot] for slot in absent)
    assert felt.rationale


def test_with_nothing_to_go_by_the_answer_is_an_abstention(pipeline):
    quiet = AudioSignal(samples=np.zeros(48_000, np.float32), sample_rate=16_000)
    for clip in (Clip(id="silence", audio=quiet), Clip(id="nothing")):
        felt = pipeline.analyze(clip)
        assert felt.prediction.abstained
        assert felt.to_dict()["label"] is None
        assert felt.text == ""


def test_a_batch_gives_what_single_clips_give(pipeline, statement_felt):
    clip = replace(statement_felt.evidence.clip, text=None, words=(), faces=None, missing={})
    alone = pipeline.run([clip])[0]
    _, beside = pipeline.run([Clip(id="nothing"), clip])
    assert {k: round(v, 4) for k, v in alone.scores.items()} == {k: round(v, 4) for k, v in beside.scores.items()}


def test_what_is_recognised_can_be_answered_aloud(pipeline, statement_felt, tmp_path):
    from affekt_media import load
    from affekt_voices import detect, write_speech

    request = SpeechRequest(text="Thank you for telling me this.", emotion=statement_felt.label, intensity=0.6)
    path = tmp_path / "reply.wav"
    write_speech(pipeline.speak(request), path)
    audio = load(path).audio
    assert detect(audio).found
    heard = pipeline.prepare["transcript"].prepare([Clip(id="reply", audio=audio)])[0]
    assert word_error(request.text, heard.text or "") <= 0.2
