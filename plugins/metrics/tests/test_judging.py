"""A judge's replies are ratings only when they are ratings; and the judge of this machine, a tiny real one."""

import json

import pytest
from affekt import DataError, EmotionPrediction, Reference
from affekt_metrics.emer import overlap
from affekt_metrics.judging import JudgeFailed, Prompts, parse_rating


@pytest.mark.parametrize(
    ("reply", "meaning"),
    [
        ("7", 7.0),
        ("Both name the frown.\n\nScore: 6.5", 6.5),
        ("**Score: 8**", 8.0),
        ("rating = 10.", 10.0),
        ("10/10", "malformed"),
        ("Score: 7/10", "malformed"),
        ("Score: N/A", "malformed"),
        ("Score: between 3 and 5", "malformed"),
        ("7 or 8", "malformed"),
        ("Score: 7\nHope that helps!", "malformed"),
        ("0", "out_of_range"),
        ("Score: 11", "out_of_range"),
        ("", "empty"),
        (" \n ", "empty"),
        ("<!DOCTYPE html><html><body>502 Bad Gateway</body></html>", "html"),
        ("<html>\n7", "html"),
    ],
)
def test_only_a_rating_is_a_rating(reply, meaning):
    assert parse_rating(reply) == meaning


def judge_of(clue):
    """Answers what a list holds for clue overlap, 4 for labels; lists words by looking for two."""
    replies = iter(clue)

    def judge(prompt):
        if "separated by commas" in prompt:
            return "worried" if "worried" in prompt.rsplit("Text:", 1)[1] else ""
        if "clues" in prompt:
            reply = next(replies)
            if isinstance(reply, JudgeFailed):
                raise reply
            return reply
        return "Score: 4"

    return judge


def said(text):
    return EmotionPrediction(scores={"worried": 1.0}, rationale=text)


def failure(kind):
    error = JudgeFailed(f"the endpoint: {kind}")
    error.kind = kind
    return error


def test_what_is_no_rating_is_counted_and_left_out(tmp_path):
    truth = [Reference(description="She is worried: a frown.")] * 3
    answers = [said("worried, she frowns"), said("a {truth} worried voice"), said("  ")]
    replies = ["Score: 8", "10/10", "Score: 6", "<html></html>", failure("rate_limit"), failure("timeout")]
    log = tmp_path / "log.jsonl"
    found = overlap(answers, truth, judge_of(replies), Prompts(), 3, log)
    assert found["clue"] == 7.0
    assert (found["clue.rated"], found["clue.spread"], found["label"], found["unanswered"]) == (1, 1.0, 4.0, 1)
    assert {name: count for name, count in found.items() if name.startswith("fault:")} == {
        "fault:malformed": 1,
        "fault:html": 1,
        "fault:rate_limit": 1,
        "fault:timeout": 1,
    }
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert len(lines) == found["asked"] == 16
    assert {line["prompts"] for line in lines} == {Prompts().fingerprint()}


def test_a_judge_that_never_rates_is_an_error():
    with pytest.raises(DataError, match=r"rated none of 1 clips: \{'empty': 5\}"):
        overlap([said("worried")], [Reference(description="sad")], lambda _: "", Prompts(), 3, None)


def test_own_prompts_change_the_fingerprint_and_must_be_prompts(tmp_path):
    path = tmp_path / "prompts.yaml"
    path.write_text("clue: 'Rate {truth} against {answer}'\n")
    assert Prompts.read(path).fingerprint() != Prompts().fingerprint()
    path.write_text("clues: [1]\n")
    with pytest.raises(DataError, match="should hold the prompts"):
        Prompts.read(path)


def test_descriptions_are_needed(evaluator):
    for name, options in (("emer", {"model": "none"}), ("emer-proxy", {})):
        with pytest.raises(DataError, match="1 of 1 clips have no description"):
            evaluator(name, **options).evaluate([said("worried")], ["worried"])


def test_the_proxy_compares_clues_and_words_for_emotions(evaluator):
    truth = [Reference(description="The woman frowns, her voice trembles: she is worried and sad.")]
    proxy = evaluator("emer-proxy")
    same = proxy.evaluate([said("She frowned; her voice is trembling. Sad, worried.")], truth)
    other = proxy.evaluate([said("A joyful man laughs loudly.")], truth)
    assert same["label"] == 1.0
    assert same["clue"] == pytest.approx(2 * 1.0 * 0.75 / 1.75)
    assert other["label"] == other["clue"] == 0.0


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    from tokenizers import Tokenizer, models, pre_tokenizers

    folder = tmp_path_factory.mktemp("judge")
    vocabulary = {word: index for index, word in enumerate(["<s>", "</s>", "<unk>", *"0123456789.:Score"])}
    inner = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="</s>", unk_token="<unk>")
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=len(vocabulary), hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2
    )
    transformers.LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def test_a_model_of_this_machine_is_asked_and_its_nonsense_is_no_rating(evaluator, tiny_model, tmp_path):
    log = tmp_path / "log.jsonl"
    emer = evaluator("emer", model=str(tiny_model), repeats=2, max_new_tokens=4, log=log)
    with pytest.raises(DataError, match="rated none of 1 clips"):
        emer.evaluate([said("she is worried")], [Reference(description="worried")])
    replies = [json.loads(line)["reply"] for line in log.read_text().splitlines()]
    assert replies[2] == replies[3] != ""
    assert emer.describe()["prompts_sha256"] == Prompts().fingerprint()
