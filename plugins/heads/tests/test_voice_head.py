import dataclasses

import numpy as np
import pytest
from affekt import DataError, Features, TrainedWith
from affekt_heads import voice
from affekt_heads.emotions import EMOTIONS
from affekt_heads.voice import LAYERS, WIDTH, VoiceHead


@pytest.fixture(scope="module")
def head():
    return VoiceHead.load()


def rows(count, seed=0):
    values = np.random.default_rng(seed).standard_normal((count, len(LAYERS) * WIDTH)).astype(np.float32)
    return Features(values=values, hop=0.02)


def test_every_window_gets_a_distribution_and_an_empty_one_no_preference(head):
    found = head.posterior(rows(100), np.array([[0.0, 1.0], [1.0, 2.0], [5.0, 6.0]]))
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    np.testing.assert_allclose(found[2], 1 / len(EMOTIONS))


def test_other_layers_are_refused_with_the_ones_it_needs(head):
    narrow = Features(values=np.zeros((5, WIDTH), dtype=np.float32), hop=0.02)
    assert "layer: [1, 2, 3, 4]" in head.refuse(narrow)
    assert head.refuse(rows(5)) is None


def test_pauses_are_left_out_of_the_statistics(head):
    probe = dataclasses.replace(head.probe, weight=np.eye(1, WIDTH, dtype=np.float32)[0], bias=0.0)
    loud, faint = np.zeros((50, 2048), np.float32), np.ones((50, 2048), np.float32)
    faint[:, 0] = -40.0
    pooled = probe.pool(np.concatenate([loud, faint]))
    assert np.abs(pooled[5:2048]).max() < 0.05


def test_a_file_that_is_no_voice_head_is_refused(tmp_path):
    (tmp_path / "x.safetensors").write_bytes(b"nothing")
    with pytest.raises(DataError, match="not a voice head"):
        VoiceHead.load(tmp_path / "x.safetensors")


def test_an_encoder_with_an_adapter_is_another_encoder():
    own = {"model": "whisper-base", "adapter": None, "layer": [1, 2, 3, 4], "pool": "none"}
    assert voice.WHISPER.difference(TrainedWith(use="whisper", options=own)) is None
    tuned = TrainedWith(use="whisper", options=own | {"adapter": "tuned/adapter.safetensors"})
    assert "adapter" in str(voice.WHISPER.difference(tuned))
