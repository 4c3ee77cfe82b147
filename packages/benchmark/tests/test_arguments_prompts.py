"""Arguments asked of language models by prompts: real reasoners around tiny random models and a loopback server."""

import json
from collections import Counter

import numpy as np
import pytest
import yaml
from affekt import Clip, EmotionPrediction, Evidence, plugins
from affekt_benchmark.arguments import prompting
from affekt_benchmark.arguments.corpus import LABELS
from affekt_benchmark.arguments.prompting import Prompt, Prompted, example_for
from affekt_benchmark.commands.bench import app as bench
from affekt_benchmark.material.suites import BenchmarkError
from typer.testing import CliRunner

TABLE = """id,text,rater 1,rater 2,group
one,We should all be afraid.,fear,fear,a
two,A plain fact.,none,none,b
three,They cheat us.,anger,none,c
"""


@pytest.fixture
def ask(tmp_path):
    table = tmp_path / "table.csv"
    table.write_text(TABLE)

    def run(*more):
        ran = CliRunner().invoke(bench, ["arguments", "--data", str(table), "--probe", "", "--draws", "0",
                                         "-o", str(tmp_path / "out"), *more])  # fmt: skip
        if ran.exception is not None and not isinstance(ran.exception, SystemExit):
            raise ran.exception
        study = json.loads((tmp_path / "out" / "study.json").read_text())
        return ran, {one["name"]: one["rows"] for one in study["tables"]}, study

    return run


def pipeline(folder, name, **reasoner):
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump({"name": name, "reasoner": reasoner}))
    return str(path)


def test_a_language_model_has_a_row_a_style_with_label_words_and_binary_answer(ask, llama, tmp_path):
    path = pipeline(tmp_path, "tiny", use="llama", model=str(llama))
    _, tables, study = ask("-p", path, "--prompt", "reasoning", "--prompt", "zero-shot", "--prompt", "one-shot")
    for style in ("zero-shot", "one-shot", "reasoning"):
        asked = [row[1] for row in tables["T3"] if row[0] == f"tiny, {style}"]
        assert asked[:2] == ["binary", "label"]
        assert any(row[0] == f"tiny, {style}, at people's rates" for row in tables["T4"])
        assert study["about"]["systems"][f"tiny, {style}"]["scored"]
    scores = [row for row in map(json.loads, (tmp_path / "out" / "answers.jsonl").read_text().splitlines())
              if "-closed-" in row["case"]]  # fmt: skip
    assert len(scores) == 9
    assert all(set(row["scores"]) == set(LABELS) for row in scores)
    assert all(row["rationale"] for row in scores if "-reasoning-" in row["case"])


def test_emotion_llama_is_prompted_as_well(emotion_llama, ask):
    path, _ = emotion_llama(("none", "anger", "fear"))
    _, tables, study = ask("-p", str(path), "--prompt", "one-shot", "--space", "closed")
    assert any(row[0] == "untrained, one-shot" for row in tables["T4"])
    assert not any(row[1] == "binary" for row in tables["T3"])
    assert not any("left out" in note for note in study["notes"])


def test_an_endpoints_answers_are_read_from_their_last_tagged_line(ask, chat_server, tmp_path):
    def answer(asked):
        question = asked["messages"][-1]["content"]
        if not isinstance(question, str):
            return json.dumps({"scores": {"none": 1}, "words": [], "reason": ""})
        if "emotional or none" in question:
            return "Answer: emotional"
        if "words of your own" in question:
            return "It scares me.\nAnswer: Scared, uneasy"
        return (
            "Answer: none, at first. On reflection:\nAnswer: fear"
            if "all be afraid" in question
            else "I cannot say.\nNo."
        )

    chat_server.answer = answer
    options = {"endpoint": chat_server.endpoint(), "labels": ["none", "anger"]}
    path = pipeline(tmp_path, "gpt", use="openai", **options)
    ran, tables, study = ask("-p", path, "--prompt", "reasoning")
    assert next(row for row in tables["T5"] if row[0] == "gpt, reasoning")[1] == 6
    assert study["about"]["systems"]["gpt, reasoning"]["counted"][prompting.UNREADABLE] == 2
    assert "gpt, reasoning: 2 no answer could be read" in ran.output.replace("\n", " ")
    asked = [one["messages"] for one in chat_server.asked if isinstance(one["messages"][-1]["content"], str)]
    assert len(asked) == 9
    assert all(messages[0]["role"] == "system" and len(messages) == 2 for messages in asked)


def test_a_study_that_was_interrupted_asks_prompts_only_for_what_is_left(ask, chat_server, tmp_path, monkeypatch):
    chat_server.answer = lambda asked: "Answer: none"
    path = pipeline(tmp_path, "gpt", use="openai", endpoint=chat_server.endpoint(), labels=["none", "anger"])
    ask("-p", path, "--prompt", "zero-shot", "--space", "closed")
    journal = tmp_path / "out" / "answers.jsonl"
    journal.write_text("".join(journal.read_text().splitlines(keepends=True)[:-1]))
    chat_server.asked.clear()
    ask("-p", path, "--prompt", "zero-shot", "--space", "closed")
    assert len(chat_server.asked) == 1
    monkeypatch.setattr(prompting, "WORDS", 17)
    chat_server.asked.clear()
    ask("-p", path, "--prompt", "zero-shot", "--space", "closed")
    assert len(chat_server.asked) == 3, "another prompt is another question"


def test_a_reasoner_is_named_without_a_file_and_one_that_takes_no_prompts_is_left_out(ask, tmp_path, rule):
    ran, tables, _ = ask("-p", "word-rule", "--prompt", "zero-shot")
    assert any(row[0] == "word-rule" for row in tables["T4"])
    assert "word-rule, zero-shot is left out" in ran.output.replace("\n", " ")


@pytest.fixture
def rule():
    import word_rule

    plugins().add("word_rule", "affekt-word-rule", "0.1.0", word_rule)
    yield
    plugins().components.pop(("reasoner", "word-rule"), None)


def test_a_prompt_that_does_not_exist_is_refused_with_what_was_meant(ask):
    with pytest.raises(BenchmarkError, match=r'--prompt "oneshot" does not exist.*one-shot'):
        ask("--prompt", "oneshot")


def test_examples_take_turns_and_are_answers_of_the_question():
    shown = Counter(example_for(f"text {number}")["closed"] for number in range(700))
    assert set(shown) == set(LABELS)
    assert min(shown.values()) > 60
    turns = Prompt(style="one-shot", space="binary").turns("a", "So be it.")
    assert [role for role, _ in turns] == ["system", "user", "assistant", "user"]
    assert turns[2][1] in ("Answer: emotional", "Answer: none")
    assert "So be it." in turns[3][1]


class Echo:
    """Goes on with fixed words, and keeps what it was asked."""

    def __init__(self, says, scores=None):
        self.says, self.scores, self.asked = says, scores, []

    def write(self, turns, most):
        self.asked.append(list(turns))
        return self.says


class Scoring(Echo):
    def score_answers(self, turns, answers):
        self.asked.append(list(turns))
        return np.arange(len(answers), dtype=float)


def felt(model, style, space) -> EmotionPrediction:
    (said,) = Prompted(model, Prompt(style=style, space=space)).reason([Evidence(clip=Clip(id="a", text="So be it."))])
    return said


def test_reasons_end_where_an_answer_begins_and_the_answer_is_scored_after_them():
    model = Scoring("It moves me.\nAnswer: joy")
    said = felt(model, "reasoning", "closed")
    assert model.asked[-1][-1] == ("assistant", "It moves me.\nAnswer:")
    assert (said.label, said.rationale) == (LABELS[-1], "It moves me.")


@pytest.mark.parametrize("says", ["fear or anger", "", "I would rather\nnot", "Answer: bliss"])
def test_an_answer_that_names_no_label_or_two_is_an_abstention(says):
    said = felt(Echo(says), "zero-shot", "closed")
    assert said.abstained == prompting.UNREADABLE
    assert len(set(said.scores.values())) == 1


def test_an_answer_without_a_tag_counts_when_it_is_all_there_is():
    assert felt(Echo("Fear."), "zero-shot", "closed").scores["fear"] == 1.0
    assert felt(Echo("uneasy, moved to tears"), "zero-shot", "open").labels == ("uneasy", "moved to tears")
