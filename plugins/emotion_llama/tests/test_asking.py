"""Questions about a recording: the four tasks, and free ones to the tiny random model that writes."""

from dataclasses import replace

import pytest
from affekt import Clip, DataError, EmotionPrediction, Evidence, Pipeline
from affekt_emotion_llama.explaining import asking
from affekt_emotion_llama.linear import LinearFuser
from affekt_emotion_llama.reasoner import EmotionLlamaReasoner
from affekt_recordings import Analysis
from affekt_recordings.asking import ask
from affekt_recordings.windows import Part
from affekt_testing import make_evidence
from tiny_checkpoints import save

SAD = EmotionPrediction(scores={"sad": 0.7, "happy": 0.27, "angry": 0.03}, rationale="The voice is low.")


def analysed(*evidence, prediction=SAD):
    return Analysis(source="clip.wav", parts=tuple(Part(evidence=one, prediction=prediction) for one in evidence))


@pytest.fixture(scope="module")
def writer(llama, tmp_path_factory):
    return save(llama, tmp_path_factory.mktemp("writer"))


def fused(model):
    [known, *_] = make_evidence()
    [tokens] = LinearFuser(model=model).fuse([known])
    return replace(known, fused=tokens)


def asked(model, *arguments, evidence=None, **options):
    pipeline = Pipeline(reasoner=EmotionLlamaReasoner(model=model, most_tokens=12))
    return ask(pipeline, analysed(evidence or fused(model)), *arguments, **options)


def test_a_free_question_stands_in_the_prompt_and_changes_what_is_written(writer, monkeypatch):
    seen = []
    monkeypatch.setattr(asking.explanation, "read", lambda text, known: seen.append(text) or READ)
    READ = asking.explanation.Explanation(text="It is so.", clues=())
    for question in ("Why does she laugh?", "Is the voice loud?"):
        assert asked(writer, question).text == "It is so."
    assert len(set(seen)) == 2


def test_what_the_model_claims_against_the_evidence_is_left_out(writer, monkeypatch):
    written = iter(["Nothing rises. ", 'She says "bananas are blue". ', "That is all. "])
    monkeypatch.setattr(asking.generation, "text", lambda tokenizer, ids: written)
    answer = asked(writer, "What is said?")
    assert "bananas" not in answer.text
    assert any("bananas" in clause for clause in answer.struck)


def test_tasks_tell_the_emotion_the_reason_and_each_modality(llama, tmp_path):
    model = save(llama, tmp_path, opinions=True)
    assert asked(model, task="emotion").text == "Sad (70%), then happy (27%)."
    assert asked(model, task="reason").text == "The voice is low."
    known = fused(model)
    for task in ("voice", "face"):
        assert asked(model, task=task, evidence=known).text
    deaf = replace(known, clip=Clip(id="deaf", missing={"audio": "the file has no sound."}), features={}, fused=None)
    assert asked(model, task="voice", evidence=deaf).text == "The voice tells nothing: the file has no sound."


def test_an_abstention_is_told_as_one():
    doubtful = analysed(Evidence(clip=Clip(id="x")), prediction=replace(SAD, abstained="too little is known"))
    text = asking.by_task(doubtful, "emotion", {}).text
    assert text == "Nothing is claimed: too little is known. Likeliest is sad (70%), then happy (27%)."


def test_what_a_modality_makes_likeliest_by_itself_is_told():
    known = analysed(Evidence(clip=Clip(id="x")))
    assert asking.by_task(known, "voice", {"audio": ("angry", 0.62)}).text == (
        "By itself the voice is likeliest angry (62%)."
    )


def test_what_cannot_be_answered_is_refused_with_what_to_do(llama, writer, tmp_path):
    small = save(llama, tmp_path, opinions=True)
    with pytest.raises(DataError, match=r"answers no free questions\nTry: one of its tasks \(emotion, reason, voice"):
        asked(small, "Why?")
    with pytest.raises(DataError, match='there is no task "mood"'):
        asked(small, task="mood")
    with pytest.raises(DataError, match="the question is empty"):
        asked(writer, " ")
    known = fused(writer)
    with pytest.raises(DataError, match=r"about one window, and clip\.wav has 2"):
        ask(Pipeline(reasoner=EmotionLlamaReasoner(model=writer)), analysed(known, known), "Why?")
    with pytest.raises(DataError, match=r"answers no questions\nTry: a pipeline around"):
        ask(Pipeline(reasoner=object()), analysed(known))
