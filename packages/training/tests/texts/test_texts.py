"""Tuning MiniLM on comments and lines: exact resume, what is learnt, and that a pipeline reads what was written."""

import json
from dataclasses import replace
from itertools import count

import numpy as np
import pytest
import torch
from affekt import Clip, WeightsError, plugins
from affekt_text.goemotions import GROUPS, GoEmotionsHead
from affekt_training.heads.meld_emorynlp import Utterance
from affekt_training.texts import head, material, training
from affekt_training.texts.training import Settings
from safetensors.torch import load_file
from transformers import BertConfig, BertModel, BertTokenizerFast

JOY, ANGER = material.labels().index("joy"), material.labels().index("anger")
SETTINGS = Settings(epochs=2, rank=2, batch=8, rate=1e-2)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bert")
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    (folder / "vocab.txt").write_text("\n".join(vocabulary))
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    BertModel(BertConfig(vocab_size=len(vocabulary), **sizes)).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    """Comments in which h means joy and g anger, both where both stand, and lines likewise."""
    random, folder = np.random.default_rng(0), tmp_path_factory.mktemp("goemotions")
    number = count()
    for split, size in (("train", 96), ("dev", 40), ("test", 40)):
        rows = []
        for _ in range(size):
            has = random.random(2) < 0.5
            words = [*(["hh"] * 2 if has[0] else []), *(["gg"] * 2 if has[1] else []), *random.choice(list("klmn"), 3)]
            codes = [str(code) for code, there in zip((JOY, ANGER), has, strict=True) if there] or ["27"]
            rows.append(f"{' '.join(random.permutation(words))}\t{','.join(codes)}\tid{next(number)}")
        (folder / f"{split}.tsv").write_text("\n".join(rows) + "\n")
    lines = [
        Utterance(corpus=corpus, split="train", text=f"{word} {word} k", emotion=emotion, speaker="A", episode="1-1")
        for corpus in ("meld", "emorynlp") for word, emotion in (("hh", "happy"), ("gg", "angry")) for _ in range(4)
    ]  # fmt: skip
    splits = {split: material.comments(folder, split) for split in ("train", "dev", "test")}
    return splits, material.joined(splits["train"], material.lines(lines, "train"))


def network_of(tiny):
    return plugins().create("encoder", "minilm", model=str(tiny)).network


@pytest.fixture(scope="module")
def run(tiny, texts, tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    return training.train(*network_of(tiny), texts[1], SETTINGS, out), out


def test_comments_have_all_their_labels_and_lines_their_corpus(texts):
    splits, together = texts
    assert splits["train"].expressed[:, [JOY, ANGER]].all(axis=1).any()
    assert not together.expressed[-16:].any()
    assert together.corpora.tolist() == [material.COMMENT] * 96 + [0] * 8 + [1] * 8


def test_a_run_that_was_stopped_ends_as_one_that_was_not(tiny, texts, run, tmp_path, monkeypatch):
    def stopped(batches, description, steps):
        if description.startswith("epoch 2"):
            raise KeyboardInterrupt
        return batches

    with monkeypatch.context() as patched:
        patched.setattr(training, "track", stopped)
        with pytest.raises(KeyboardInterrupt):
            training.train(*network_of(tiny), texts[1], SETTINGS, tmp_path)
    assert [json.loads(line)["epoch"] for line in (tmp_path / "log.jsonl").read_text().splitlines()] == [1]
    training.train(*network_of(tiny), texts[1], SETTINGS, tmp_path)
    one, two = (load_file(folder / "adapter.safetensors") for folder in (run[1], tmp_path))
    assert one.keys() == two.keys()
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_every_matrix_of_lora_moves_and_the_encoder_reads_with_them(tiny, run, texts):
    network, out = run
    adapter = out / "adapter.safetensors"
    matrices = load_file(adapter)
    assert len(matrices) == 2 * 2 * 6  # two blocks of six layers
    assert all(value.abs().max() > 0 for value in matrices.values())
    encoder = plugins().create("encoder", "minilm", model=str(tiny), adapter=str(adapter))
    (found,) = encoder.encode([Clip(id="a", text="hh gg k")])
    tokenizer, _ = encoder.network
    network.eval()
    with torch.no_grad():
        wanted = network(*training.padded([tokenizer("hh gg k")["input_ids"]]))
    np.testing.assert_allclose(found.values, torch.nn.functional.normalize(wanted), atol=2e-3)
    (plain,) = plugins().create("encoder", "minilm", model=str(tiny)).encode([Clip(id="a", text="hh gg k")])
    assert np.abs(plain.values - found.values).max() > 0.02


def test_the_head_names_what_unseen_comments_express_and_is_read_back(tiny, texts, tmp_path):
    network = training.train(*network_of(tiny), texts[1], replace(SETTINGS, epochs=50, rank=4, dropout=0.0), tmp_path)
    adapter = tmp_path / "adapter.safetensors"
    encoded = {split: head.encode(texts[0][split], str(adapter), str(tiny)) for split in ("dev", "test")}
    own = head.of_network(network, network_of(tiny)[0], texts[0]["dev"])
    fitted = head.with_thresholds(own, encoded["dev"])
    likely = encoded["test"].probabilities(fitted)
    for label in (JOY, ANGER):
        right = (likely[:, label] >= fitted.thresholds[label]) == encoded["test"].expressed[:, label]
        assert right.mean() > 0.85
    found = head.measures(fitted, encoded["test"])
    assert all(low <= value <= high for value, low, high in found.values())
    assert found["macro-F1"][0] > 1.6 / 28
    head.save(fitted, adapter, tmp_path / "both.safetensors", {"goemotions test": found})
    again = GoEmotionsHead.load(tmp_path / "both.safetensors")
    np.testing.assert_allclose(encoded["test"].probabilities(again), likely, atol=1e-5)
    with pytest.raises(WeightsError, match="no head of GoEmotions"):
        GoEmotionsHead.load(adapter)


def test_groups_are_those_that_the_data_set_publishes():
    from affekt_datasets import vocabulary

    words = vocabulary("goemotions")
    published = {label: words.common.get(label) or words.near.get(label) or label for label in words.labels}
    assert {label: name for name, labels in GROUPS.items() for label in labels} == published
