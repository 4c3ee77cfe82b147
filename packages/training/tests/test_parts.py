"""Configurations, the order of a run, probes and measures."""

import subprocess
import sys

import affekt_datasets as datasets
import numpy as np
import pytest
import tones
import torch
from affekt import DataError, SpecError
from affekt_training import config, cross_validation, features, measures, probe, recalibration
from affekt_training.cross_validation import HeldOut
from affekt_training.heads import sample_sets


def test_every_preset_is_read_and_states_its_licence():
    for name in config.presets():
        assert config.read(name).licence


def test_a_wrong_key_is_refused_with_its_name(tmp_path):
    file = tmp_path / "stage.yaml"
    file.write_text("name: a\nout: b\nfeatures: {}\ndata: [{set: emodb, wieght: 1}]\n")
    with pytest.raises(SpecError, match=r"data\.0\.wieght"):
        config.read(file)
    with pytest.raises(SpecError, match="no configuration"):
        config.read("emotion-lama-7b-stage-1")


def test_changes_reach_into_mappings_and_lists(tmp_path):
    file = tmp_path / "stage.yaml"
    file.write_text(
        "name: a\nout: b\nfeatures: {voice: {use: loudness}}\ndata: [{set: dfew}, {set: emodb}]\nlora: {rank: 8}\n"
    )
    changes = {"data.0.fold": 1, "data.1.limit": 5, "lora.rank": 2, "validation.share": 0.3, "epochs": 2}
    found = config.read(file, {**changes, "features.voice.options.hop": 0.2})
    assert [(use.set, use.fold, use.limit) for use in found.data] == [("dfew", "1", None), ("emodb", None, 5)]
    assert (found.lora.rank, found.validation.share, found.epochs) == (2, 0.3, 2)
    assert found.features["voice"].options == {"hop": 0.2}
    with pytest.raises(SpecError, match=r'"data" is a list, and "2" none of its numbers\nTry: 0 to 1'):
        config.read(file, {"data.2.fold": 1})
    with pytest.raises(SpecError, match=r"\"name\" is 'a', which holds no keys\nTry: name=VALUE"):
        config.read(file, {"name.first": 1})
    with pytest.raises(SpecError, match=r"data\.0\.fould"):
        config.read(file, {"data.0.fould": 1})


def test_weights_in_float16_are_refused_beside_arithmetic_in_bfloat16():
    changes = {"bf16": True, "dtype": "float16"}
    with pytest.raises(SpecError, match="dtype: float16 does not mix with bf16: true"):
        config.read("mini-stage-1", changes)
    assert config.read("mini-stage-1", changes | {"dtype": "bfloat16"}).bf16


def test_a_sample_weighs_the_same_however_many_copies_it_has():
    stage = config.read("mini-stage-1")
    assert probe._parts(stage.probe, 1) == [1.0]
    assert probe._parts(stage.probe, 3) == [0.5, 0.25, 0.25]
    assert probe._parts(stage.probe.model_copy(update={"as_recorded": None}), 4) == [0.25] * 4


def test_a_stage_is_cross_validated_over_the_folds_of_its_data_sets(tmp_path):
    root = tones.write(tmp_path / "tones", 8)
    told = {"name": "a", "out": tmp_path, "features": {"voice": {"use": "loudness"}}, "data": [{"set": "folder"}] * 2}
    told["data"] = [{**use, "root": root} for use in told["data"]]
    held = cross_validation.folds(config.StageConfig.model_validate(told), 3)
    tested = [{sample.speaker for sample in fold.test} for fold in datasets.folds(datasets.read("folder", root), 3)]
    assert [set(group) for group in held] == tested
    assert tested == [{"speaker-0", "speaker-1"}, {"speaker-2"}, {"speaker-3"}]


def test_an_interval_draws_whole_speakers():
    right = np.repeat([1, 0, 1, 0], 10)  # two speakers are always right, two never
    probabilities = np.stack([right, 1 - right], axis=1) * 0.8 + 0.1
    held = HeldOut(
        ids=tuple(map(str, range(40))), groups=tuple(np.repeat(list("abcd"), 10)), truth=np.zeros(40, dtype=np.int64),
        named=np.ones((40, 2), dtype=bool), scores=np.log(probabilities),
    )  # fmt: skip
    low, high = measures.intervals(held)["accuracy"]
    assert measures.measures(held.probabilities, held.truth)["accuracy"] == 0.5
    assert low < 0.1
    assert high > 0.9


def test_the_interval_of_a_share_is_wilsons():
    assert measures.wilson(50, 100) == pytest.approx((0.4038, 0.5962), abs=1e-4)


def test_opinions_are_joined_as_the_heads_join_them():
    from affekt_emotion_llama import opinions

    fusion, opinion = pytest.importorskip("affekt_heads.fusion"), pytest.importorskip("affekt_heads.opinion")
    logits = torch.randn(3, 9, generator=torch.Generator().manual_seed(0)).double() * 2
    logits -= logits.mean(dim=1, keepdim=True)
    said = [
        opinion.Opinion(modality=modality, ratios=row.numpy()[None], observed=np.array([True]))
        for modality, row in zip(("audio", "face", "text"), logits, strict=True)
    ]
    for kept in ([0], [1, 2], [0, 1, 2]):
        theirs, _ = fusion.fuse([said[index] for index in kept], np.full(9, 1 / 9))
        present = torch.tensor([[index in kept for index in range(3)]])
        ours = opinions.joined(logits[None], present).exp()
        assert ours[0].numpy() == pytest.approx(theirs[0], abs=1e-6)


def test_labels_without_a_name_take_those_of_their_family():
    stage = config.read("mini-stage-1")
    weight, bias = torch.arange(18.0).reshape(2, 9), torch.arange(9.0)
    known = torch.tensor([label not in ("calm", "bored") for label in stage.labels])
    found, offset = probe._with_families(weight, bias, known, stage)
    assert torch.equal(found[:, 1], found[:, 0])
    assert torch.equal(found[:, 8], found[:, 0])
    assert torch.equal(found[:, 2:8] - found[:, :1], weight[:, 2:8] - weight[:, :1])
    assert offset[1] == offset[8] == offset[0] - probe.UNNAMED
    assert found.sum(dim=1).tolist() == pytest.approx([0.0, 0.0], abs=1e-4)
    assert float(offset.sum()) == pytest.approx(0.0, abs=1e-4)


def test_beside_the_mixture_of_a_data_set_labels_are_equally_likely():
    random = torch.Generator().manual_seed(0)
    labels = (torch.rand(4000, generator=random) < 0.1).long()  # one in ten
    vectors = torch.randn(4000, 1, generator=random) + 2.0 * labels[:, None] - 1.0
    mixture = torch.tensor([0.9, 0.1]).log().expand(4000, 2)
    named, weights = torch.ones(4000, 2, dtype=torch.bool), torch.ones(4000)
    weight, bias = probe.regress(vectors, labels, named, weights, 1e-6, mixture)
    logits = (torch.zeros(1, 1) @ weight + bias)[0]  # half way between the two
    assert float(logits[1] - logits[0]) == pytest.approx(0.0, abs=0.25)


def test_asterisks_prompts_are_neutral_and_deny_nobodys_calm():
    pytest.importorskip("affekt_training.heads.asterisk_prompts", exc_type=ImportError)
    found = sample_sets.featured(config.read("mini-stage-1"), sample_sets.ASTERISK, None)
    assert (len(found), len({one.group for one in found})) == (60, 5)
    assert {one.label for one in found} == {"neutral"}
    assert "calm" not in found[0].named
    assert found[0].copies[1]["speech"].values.shape == (1, 4096)


def test_a_fold_is_recalibrated_by_the_others():
    random = np.random.default_rng(0)
    parts = []
    for _ in range(3):
        truth = random.integers(3, size=300)
        logits = random.normal(size=(300, 3)) + 1.5 * np.eye(3)[truth]
        scores = 3.0 * 1.5 * logits  # three times too sure
        parts.append({"set": HeldOut(ids=tuple(map(str, range(300))), groups=("a",) * 300, truth=truth,
                                     named=np.ones((300, 3), dtype=bool), scores=scores)})  # fmt: skip
    before = measures.measures(parts[0]["set"].probabilities, parts[0]["set"].truth)["ece"]
    after = recalibration.recalibrated(parts, ["set"])["set"]
    assert before > 0.1
    assert measures.measures(after.probabilities, after.truth)["ece"] < 0.05


def test_a_fold_that_alone_is_too_sure_stays_so_for_the_others_cannot_know():
    random = np.random.default_rng(0)
    parts = []
    for fold, factor in enumerate((3.0, 1.0, 1.0)):
        truth = random.integers(3, size=300)
        scores = factor * 1.5 * (random.normal(size=(300, 3)) + 1.5 * np.eye(3)[truth])
        parts.append({"set": HeldOut(ids=tuple(f"{fold}-{row}" for row in range(300)), groups=(str(fold),) * 300,
                                     truth=truth, named=np.ones((300, 3), dtype=bool), scores=scores)})  # fmt: skip
    after = recalibration.recalibrated(parts, ["set"])["set"]
    first = np.array([name.startswith("0-") for name in after.ids])
    assert np.linalg.norm(parts[0]["set"].scores) < 1.5 * np.linalg.norm(after.scores[first])


def test_distorted_copies_are_refused_where_nothing_makes_them():
    use = config.FeatureUse(use="prosody", copies=True)
    with pytest.raises(DataError, match=r"(?s)no distorted copies for prosody.*Try: copies: false"):
        features._distorted(use, None)


def test_what_trains_emotion_llama_imports_nothing_of_the_heads():
    code = "import sys, affekt_training.stage, affekt_training.heads.commands, affekt_training.mini_commands;"
    code += "print([name for name in sys.modules if name.startswith(('affekt_heads', 'affekt_face'))])"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "[]\n"
