import pytest
import torch
from affekt import DataError
from affekt_emotion_llama.language import scoring
from affekt_emotion_llama.language.prompt import PromptForm, answer_ids, build
from affekt_emotion_llama.language.sequence import assemble, embed
from transformers import AutoModelForCausalLM, AutoTokenizer

LABELS = ("happy", "sad", "fear", "fearful", "surprise")
FORM = PromptForm(video_tokens=8, feature_tokens=4)


@pytest.fixture(scope="module")
def model(llama):
    return AutoModelForCausalLM.from_pretrained(llama).eval()


@pytest.fixture(scope="module")
def tokenizer(llama):
    return AutoTokenizer.from_pretrained(llama)


@pytest.fixture(scope="module")
def answers(tokenizer):
    ids = [answer_ids(tokenizer, label, end=False) for label in LABELS]
    return scoring.endings(ids, tokenizer.eos_token_id)


def prompts(model, tokenizer, *said, task="emotion", mask=None):
    generator = torch.Generator().manual_seed(0)
    tokens = torch.randn(12, model.config.hidden_size, generator=generator)
    mask = torch.ones(12, dtype=torch.bool) if mask is None else mask
    return [embed(model.get_input_embeddings(), build(tokenizer, FORM, task, text), tokens, mask) for text in said]


@torch.no_grad()
def plainly(model, prompt, answer):
    """One pass of the whole model a label: what a hand-written script does."""
    sequence = torch.cat([prompt, model.get_input_embeddings()(torch.tensor(answer))])
    rows = model(inputs_embeds=sequence[None]).logits[0].double().log_softmax(dim=-1)
    return sum(float(rows[len(prompt) - 1 + place, piece]) for place, piece in enumerate(answer))


def test_all_labels_in_one_pass_score_as_one_pass_each(model, tokenizer, answers):
    """Prompts of different lengths, labels of different lengths, one of which begins another."""
    asked = prompts(model, tokenizer, "we won", "I miss her so much and nobody knows why", None)
    assert len({len(answer) for answer in answers}) > 2
    found = scoring.log_probabilities(model, asked, answers)
    plain = torch.tensor([[plainly(model, one, answer) for answer in answers] for one in asked], dtype=torch.float64)
    torch.testing.assert_close(found, plain, atol=2e-5, rtol=0)


def test_questions_that_share_a_beginning_score_as_whole_prompts(model, tokenizer, answers):
    whole = [prompts(model, tokenizer, "we won", task=task)[0] for task in ("emotion", "reason", "reason_v2")]
    length = scoring.shared_length(whole)
    assert 20 < length < min(map(len, whole))
    beginning = scoring.read(model, whole[0][:length])
    for _ in range(2):  # the beginning is left as it was
        found = scoring.ask(model, beginning, [one[length:] for one in whole], [answers, answers[:1], answers[1:]])
        for one, own, scores in zip(whole, (answers, answers[:1], answers[1:]), found, strict=True):
            plain = torch.tensor([plainly(model, one, answer) for answer in own], dtype=torch.float64)
            torch.testing.assert_close(scores, plain, atol=2e-5, rtol=0)


def test_a_single_label_can_be_scored(model, tokenizer, answers):
    (asked,) = prompts(model, tokenizer, "we won")
    assert scoring.log_probabilities(model, [asked], answers[:1]).shape == (1, 1)


def test_ends_are_scored_only_where_labels_begin_one_another():
    assert scoring.endings([(5,), (6, 7)], 2) == [(5,), (6, 7)]
    assert scoring.endings([(5,), (5, 7)], 2) == [(5, 2), (5, 7, 2)]


def test_masked_tokens_cannot_be_seen(model, tokenizer, answers):
    """What stands under a closed mask, be it NaN, changes nothing; the rest keeps its order."""
    tokens = torch.randn(12, model.config.hidden_size)
    mask = torch.ones(12, dtype=torch.bool)
    mask[9] = False
    prompt = build(tokenizer, FORM, "emotion", "we won")
    scores = []
    for value in (0.0, float("nan")):
        tokens[9] = value
        scores.append(
            scoring.log_probabilities(model, [embed(model.get_input_embeddings(), prompt, tokens, mask)], answers)
        )
    assert torch.equal(*scores)
    assert scores[0].isfinite().all()


def test_leaving_a_token_out_is_what_a_closed_attention_mask_does(model, tokenizer):
    mask = torch.ones(12, dtype=torch.bool)
    mask[[2, 9]] = False
    (whole,), (short,) = prompts(model, tokenizer, "we won"), prompts(model, tokenizer, "we won", mask=mask)
    start = next(at for at in range(len(whole)) if not torch.equal(whole[at], short[at]))
    open_ = torch.ones(1, len(whole), dtype=torch.long)
    places = build(tokenizer, FORM, "emotion", "we won").pieces
    feature = len(places[0]) + 8 + len(places[2])
    open_[0, [start, feature + 1]] = 0
    positions = (open_.cumsum(dim=1) - 1).clamp(min=0)
    with torch.no_grad():
        masked = model(inputs_embeds=whole[None], attention_mask=open_, position_ids=positions).logits[0, -1]
        torch.testing.assert_close(model(inputs_embeds=short[None]).logits[0, -1], masked, atol=1e-5, rtol=1e-4)


def test_the_loss_is_on_answers_alone(model, tokenizer):
    tokens, mask = torch.randn(2, 12, model.config.hidden_size), torch.ones(2, 12, dtype=torch.bool)
    asked = [build(tokenizer, FORM, "emotion", said) for said in ("we won", None)]
    given = [answer_ids(tokenizer, label) for label in ("happy", "surprise")]
    batch = assemble(model.get_input_embeddings(), asked, tokens, mask, given)
    for row, prompt, answer in zip(range(2), asked, given, strict=True):
        counted = batch.labels[row][batch.labels[row] != -100]
        assert counted.tolist() == list(answer)
        assert int(batch.attention_mask[row].sum()) == len(prompt) + len(answer)
    with torch.no_grad():
        loss = float(model(**vars(batch)).loss)
    embedding = model.get_input_embeddings()
    singles = [plainly(model, embed(embedding, asked[i], tokens[i], mask[i]), given[i]) for i in range(2)]
    assert loss == pytest.approx(-sum(singles) / sum(map(len, given)), abs=1e-4)


def test_tokens_of_another_fuser_are_refused(model, tokenizer):
    with pytest.raises(DataError, match="places for 12 fused tokens; found 3"):
        embed(model.get_input_embeddings(), build(tokenizer, FORM, "emotion"), torch.zeros(3, 32), torch.ones(3).bool())
