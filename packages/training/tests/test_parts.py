"""Configurations, the order of a run, probes and measures."""

import numpy as np
import pytest
import torch
from affekt import SpecError
from affekt_training import config, measures, probe
from affekt_training.cross_validation import HeldOut


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


def test_a_discriminant_tells_apart_what_a_mean_cannot_and_is_silent_about_absent_labels():
    random = torch.Generator().manual_seed(0)
    labels = torch.arange(200) % 2 * 2  # label 1 is absent
    vectors = torch.randn(200, 6, generator=random) * torch.tensor([9.0, 1, 1, 1, 1, 1])
    vectors[:, 1] += 2.0 * (labels == 2) + 0.3 * vectors[:, 0]
    weight, bias = probe.discriminant(vectors, labels, 3, 0.01)
    logits = vectors @ weight + bias
    assert (logits[:, [0, 2]].argmax(dim=1) * 2 == labels).float().mean() > 0.75
    assert weight[:, 1].abs().sum() == 0


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
