"""What makes two results the same."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from affekt import AudioSignal, Clip, Component, Pipeline, VideoFrames, plugins
from affekt_features import FeatureStore, cached, cached_pipeline
from affekt_features.keys import contents, describe, key_of
from affekt_features.weights import contents_of_option, of_path

SOUND = AudioSignal(samples=np.sin(np.arange(16_000) / 9).astype(np.float32), sample_rate=16_000)
CLIP = Clip(id="a", audio=SOUND, text="well")


def test_a_key_follows_what_is_heard_and_not_what_it_is_called() -> None:
    assert contents(CLIP, "audio") == contents(replace(CLIP, id="b", text="else", notes=("x",)), "audio")
    louder = AudioSignal(samples=SOUND.samples * np.float32(1.0001), sample_rate=16_000)
    faster = AudioSignal(samples=SOUND.samples, sample_rate=8_000)
    others = [replace(CLIP, audio=louder), replace(CLIP, audio=faster), replace(CLIP, audio=None)]
    others.append(replace(CLIP, audio=None, missing={"audio": "silent"}))
    assert len({contents(clip, "audio") for clip in [CLIP, *others]}) == 5
    assert contents(CLIP, "text") != contents(replace(CLIP, text="else"), "text")
    frames = np.zeros((2, 4, 4, 3), np.uint8)
    shapes = [Clip(id="v", video=VideoFrames(frames=frames.reshape(s), fps=5)) for s in ((2, 4, 4, 3), (2, 2, 8, 3))]
    assert contents(shapes[0], "video") != contents(shapes[1], "video")


def test_a_key_follows_options_and_version_but_not_the_device() -> None:
    made = [plugins().create("encoder", "loudness", hop=hop) for hop in (0.1, 0.2)]
    described = [describe(one) for one in made]
    assert described[0]["name"] == "loudness"
    keys = {key_of("x", one) for one in described}
    keys.add(key_of("x", described[0] | {"version": "9"}))
    keys.add(key_of("x", described[0] | {"weights": {"m": "other"}}))
    assert len(keys) == 4

    class Somewhere(Component):
        device: str = "cpu"
        batch_size: int = 1
        layer: int = 1

    assert describe(Somewhere()) == describe(Somewhere(device="cuda:1", batch_size=8))
    assert describe(Somewhere()) != describe(Somewhere(layer=2))


def test_a_key_follows_the_bytes_of_the_weights(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"1")
    first = contents_of_option("model", str(tmp_path), None)
    (tmp_path / "model.safetensors").write_bytes(b"12")
    second = contents_of_option("model", str(tmp_path), None)
    assert None not in (first, second)
    assert first != second
    (tmp_path / "model.safetensors").rename(tmp_path / "other.safetensors")
    assert of_path(tmp_path) != second
    assert contents_of_option("pool", "mean", None) is None


def test_a_pipeline_with_cached_encoders_computes_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loudness = plugins().create("encoder", "loudness")
    called: list[int] = []
    real = type(loudness).encode
    monkeypatch.setattr(type(loudness), "encode", lambda self, clips: called.append(len(clips)) or real(self, clips))
    plain = Pipeline(encoders={"level": loudness}, reasoner=plugins().create("reasoner", "loud-is-excited"))
    stored = cached_pipeline(plain, FeatureStore(tmp_path))
    silent = Clip(id="s", missing={"audio": "the file has no audio track"})
    expected = plain.gather([CLIP, silent, CLIP])
    for _ in range(2):
        found = stored.gather([CLIP, silent, CLIP])
        assert [one.missing for one in found] == [one.missing for one in expected]
        np.testing.assert_array_equal(found[0].features["level"].values, expected[0].features["level"].values)
    assert called == [3, 2]  # the twin is not computed twice, and nothing is the second time
    assert stored.analyze(CLIP).provenance["level"] == plain.analyze(CLIP).provenance["level"]
    assert cached(stored.encoders["level"], FeatureStore(tmp_path)) is stored.encoders["level"]


def test_an_encoder_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loudness = plugins().create("encoder", "loudness")

    def fail(self: object, clips: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(type(loudness), "encode", fail)
    with pytest.raises(RuntimeError, match="no"):
        cached(loudness, FeatureStore(tmp_path)).encode([CLIP])
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
