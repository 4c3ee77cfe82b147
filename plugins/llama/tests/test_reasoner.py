import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from affekt import Clip, Evidence, Features, OptionsError, plugins
from affekt_llama import zero_shot
from affekt_llama.prompt import answer, continuation, conversation, description, prompt
from affekt_weights import fetch
from transformers import AutoModelForCausalLM, AutoTokenizer

LABELS = ("happy", "sad", "happyhappy")


@pytest.fixture
def reasoner(tiny):
    return plugins().create("reasoner", "llama", model=str(tiny), labels=LABELS, contrast=False)


def said(text):
    return Evidence(clip=Clip(id=text, text=text))


def seen():
    """A smile from 1 to 2 s of 3, and a voice that moves."""
    smile = np.full((30, 2), 0.1, np.float32)
    smile[10:20, 0] = 0.9
    voice = np.stack([np.linspace(30, 36, 300), np.ones(300), np.ones(300)], axis=1).astype(np.float32)
    return Evidence(
        clip=Clip(id="seen"),
        features={
            "action_units": Features(values=smile, hop=0.1, names=("AU12", "AU04")),
            "prosody": Features(values=voice, hop=0.01, names=("pitch", "voicing", "speech")),
            "speech": Features(values=np.ones((5, 8), np.float32), hop=0.02),
        },
    )


def test_scores_are_the_labelslog_probabilities_after_the_prompt(reasoner, tiny):
    """The batched pass over a shared prompt gives what one plain pass a label gives."""
    tokenizer, model = AutoTokenizer.from_pretrained(tiny), AutoModelForCausalLM.from_pretrained(tiny).eval()
    asked = prompt(tokenizer, 'Words: "we won"', LABELS)
    plain = []
    for label in LABELS:
        pieces = answer(tokenizer, label)
        with torch.no_grad():
            rows = model(torch.tensor([asked + pieces])).logits[0].double().log_softmax(-1)
        plain.append(sum(float(rows[len(asked) - 1 + i, piece]) for i, piece in enumerate(pieces)))
    assert len({len(answer(tokenizer, label)) for label in LABELS}) > 1, "labels of different lengths"

    (felt,) = reasoner.reason([said("we won")])
    shares = np.exp(np.array(plain) - max(plain))
    np.testing.assert_allclose(list(felt.scores.values()), shares / shares.sum(), atol=1e-6)
    assert felt.labels == (felt.label,)


def test_answers_in_a_conversation_are_scored_after_what_was_begun_and_it_is_gone_on_with(reasoner, tiny):
    """As one plain pass an answer gives it; what is written is the likeliest token after another."""
    tokenizer, model = AutoTokenizer.from_pretrained(tiny), AutoModelForCausalLM.from_pretrained(tiny).eval()
    turns = [("system", "You read."), ("user", "we won"), ("assistant", "Answer:")]
    asked = conversation(tokenizer, turns)
    assert tokenizer.decode(asked) == "You read.\n\nwe won\n\nAnswer:"
    plain = []
    for label in LABELS:
        pieces = continuation(tokenizer, label)
        assert tokenizer.decode(pieces) == f" {label}"
        with torch.no_grad():
            rows = model(torch.tensor([asked + pieces])).logits[0].double().log_softmax(-1)
        plain.append(sum(float(rows[len(asked) - 1 + i, piece]) for i, piece in enumerate(pieces)))
    np.testing.assert_allclose(reasoner.score_answers(turns, LABELS), plain, atol=1e-4)
    with torch.no_grad():
        first = int(model(torch.tensor([asked])).logits[0, -1].argmax())
    assert reasoner.write(turns, 1) == tokenizer.decode([first], skip_special_tokens=True)


def test_contrast_takes_out_what_the_label_is_worth_without_evidence(reasoner, tiny):
    contrasted = reasoner.model_copy(update={"contrast": True})
    (raw,), (felt,) = reasoner.reason([said("we won")]), contrasted.reason([said("we won")])
    expected = np.log(list(raw.scores.values())) - reasoner.log_probabilities("")
    shares = np.exp(expected - expected.max())
    np.testing.assert_allclose(list(felt.scores.values()), shares / shares.sum(), atol=1e-6)


def test_clips_do_not_disturb_each_other(reasoner):
    texts = ["we won", "I miss her so much, and nobody knows why it had to be like this", "no"]
    together = reasoner.reason([said(text) for text in texts])
    for text, felt in zip(texts, together, strict=True):
        assert felt.scores == pytest.approx(dict(reasoner.reason([said(text)])[0].scores), abs=1e-6)


def test_clues_are_measured_and_the_rationale_only_says_what_was_shown(reasoner):
    (felt,) = reasoner.reason([seen()])
    voice, smile = felt.clues
    assert (voice.modality, voice.text) == ("audio", "pitch moves over 5 semitones")
    assert (smile.modality, smile.text, smile.checked) == ("face", "lip corners up (AU12 up by 0.80)", True)
    assert (smile.start, smile.end) == pytest.approx((1.0, 2.0))
    assert felt.rationale == (
        "A language model scored the labels after it was shown: pitch moves over 5 semitones (0.0 to 3.0 s); "
        "lip corners up (AU12 up by 0.80) (1.0 to 2.0 s)."
    )


def test_nothing_to_read_is_an_abstention_and_not_a_guess(reasoner):
    silent = Evidence(clip=Clip(id="a", missing={"text": "no speech"}), missing={"face": "no face"})
    (felt,) = reasoner.reason([silent])
    assert "nothing was said" in felt.abstained
    assert set(felt.scores.values()) == {1 / 3}
    assert felt.rationale == ""


def test_missing_modalities_leave_the_prompt():
    assert description("hello", []) == 'Words: "hello"'
    assert description(None, []) == ""
    assert len(description("word " * 5000, []).split()) < 310


def test_one_label_is_no_choice(tiny):
    with pytest.raises(OptionsError, match="labels"):
        plugins().create("reasoner", "llama", model=str(tiny), labels=("happy",))


@pytest.mark.slow
def test_smollm2_answers_with_its_real_weights():
    fetch("smollm2")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # two threads that wait for each other on a busy machine take a minute
    try:
        (felt,) = plugins().create("reasoner", "llama").reason([said("That food is rotten, yuck.")])
    finally:
        torch.set_num_threads(threads)
    assert felt.scores["disgusted"] == pytest.approx(0.45, abs=0.03)
    assert felt.scores["surprised"] == pytest.approx(0.19, abs=0.03)


def test_listing_imports_no_framework():
    code = "import sys, affekt_llama.plugin; print('torch' in sys.modules or 'transformers' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"


def test_the_zero_shot_measure_takes_as_many_lines_of_every_label(tiny, tmp_path, monkeypatch, capsys):
    table = tmp_path / "lines.csv"
    table.write_text("text,label\n" + "\n".join(f"line {i},{'happy' if i % 3 else 'sad'}" for i in range(12)))
    monkeypatch.setattr(sys, "argv", ["zero_shot", str(table), "--each", "3", "--model", str(tiny)])
    zero_shot.main()
    report = json.loads(capsys.readouterr().out)
    assert (report["lines"], report["labels"], report["chance"]) == (6, ["happy", "sad"], 0.5)
    assert 0 <= report["raw"] <= 1 >= report["contrast"] >= 0
