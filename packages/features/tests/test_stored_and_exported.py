"""Features that stay in the store until they are used, half precision, and features under the names of clips."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from affekt import Component, DataError, EmotionPrediction, Features, Missing, Modality, Pipeline, Use, plugins
from affekt_datasets import Sample
from affekt_features import Corrupt, FeatureIndex, FeatureStore, StoredFeatures, StoreError, cached, cached_pipeline
from affekt_features.entry import Header
from affekt_features.extract_command import app as extract_app
from affekt_features.extraction import extract
from affekt_features.job import Job
from affekt_features.store import name_of
from affekt_features.store_command import app as store_app
from typer.testing import CliRunner

Clips = Callable[[int], list[Sample]]
Make = Callable[..., Job]
KEY = "ab" * 32
VALUES = np.random.default_rng(0).standard_normal((4, 3)).astype(np.float32)


def stored(store: FeatureStore, key: str = KEY) -> StoredFeatures:
    header = store.header(key)
    assert isinstance(header, Header)
    return StoredFeatures(store=store, key=key, header=header)


def test_half_precision_stays_half_until_it_is_loaded(tmp_path: Path) -> None:
    store = FeatureStore(tmp_path)
    size = store.put(KEY, Features(values=VALUES, hop=0.1), "float16")
    assert size < store.put("cd" * 32, Features(values=VALUES, hop=0.1))
    found = stored(store)
    assert (found.values.dtype, found.header.shape, found.width) == (np.dtype(np.float16), (4, 3), 3)
    np.testing.assert_array_equal(found.values, VALUES.astype(np.float16))
    loaded = found.load()
    assert loaded.values.dtype == np.float32
    np.testing.assert_array_equal(loaded.values, VALUES.astype(np.float16).astype(np.float32))
    assert store.verify() == {"whole": 2, "corrupt": []}
    with pytest.raises(DataError, match="half precision ends at 65504"):
        store.put(KEY, Features(values=VALUES * 1e6, hop=0.1), "float16")


def test_values_are_mapped_and_a_changed_byte_is_noticed_before_they_are_used(tmp_path: Path) -> None:
    store, path = FeatureStore(tmp_path), tmp_path / name_of(KEY)
    store.put(KEY, Features(values=VALUES, hop=0.1, names=("a", "ä", "c" * 4000)))
    found = stored(store)
    assert found.names == ("a", "ä", "c" * 4000), "a header longer than what is read at first"
    mapped = found.values
    assert not mapped.flags.owndata
    assert not mapped.flags.writeable
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.with_suffix(".new").write_bytes(data)
    path.with_suffix(".new").replace(path)
    with pytest.raises(Corrupt):
        _ = found.values
    np.testing.assert_array_equal(mapped, VALUES)  # what was mapped before is what it was
    path.unlink()
    with pytest.raises(StoreError, match="is gone"):
        _ = found.values
    assert store.header(KEY) is None


def test_a_store_in_object_storage_gives_headers_and_values_too() -> None:
    store = FeatureStore("memory://affekt-test/stored")
    store.put(KEY, Features(values=VALUES, hop=0.1))
    np.testing.assert_array_equal(stored(store).values, VALUES)
    store.put(KEY, Missing(reason="silent"))
    assert store.header(KEY) == Missing(reason="silent")


def test_single_precision_serves_where_half_is_asked_for_and_not_the_other_way(voices: Clips, job: Make) -> None:
    samples = voices(2)
    assert extract(job("loudness"), samples).computed == 2
    assert extract(job("loudness", half=("loudness",)), samples).reused == 2
    halved = job("loudness", store="half", half=("loudness",))
    assert extract(halved, samples).computed == 2
    store = FeatureStore(halved.store)
    assert {store.header(key).dtype for key in list(store.keys())} == {np.dtype(np.float16)}  # type: ignore[union-attr]
    assert extract(job("loudness", store="half"), samples).computed == 2
    clip = samples[0].clip()
    (again,) = cached(plugins().create("encoder", "loudness"), store, "float16").encode([clip])
    (fresh,) = cached(plugins().create("encoder", "loudness"), FeatureStore("memory://h"), "float16").encode([clip])
    assert isinstance(again, Features)
    assert isinstance(fresh, Features)
    np.testing.assert_array_equal(again.values, fresh.values)


def test_each_encoder_sees_its_own_preparers_and_a_clip_is_decoded_once(
    voices: Clips, job: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples, decoded, real = voices(2), [], Sample.clip
    monkeypatch.setattr(Sample, "clip", lambda self, **decode: decoded.append(self.id) or real(self, **decode))
    uses = {"alone": Use(use="loudness"), "after": Use(use="prosody")}
    text = {"t": Use(use="given-text", text="well")}
    both = Job(store=job("loudness").store, encoders=uses, prepare=text, needs={"alone": ()})
    assert extract(both, samples).computed == 2
    assert decoded == ["voice-0", "voice-1"]
    assert extract(job("loudness"), samples).reused == 2, "what runs before another encoder is none of its business"
    with pytest.raises(Exception, match='no preparer in the slot "x"'):
        Job(store="s", encoders=uses, needs={"alone": ("x",)}).check()


@pytest.fixture
def filled(voices: Clips, tmp_path: Path) -> Path:
    """A store with prosody of three clips, extracted by the command."""
    voices(3)
    store = tmp_path / "store"
    arguments = [str(tmp_path / "voices"), "--encoders", "loudness,brightness", "--half", "loudness"]
    done = CliRunner().invoke(extract_app, [*arguments, "--store", str(store)])
    assert done.exit_code == 0, done.output
    return store


def test_mertools_folders_leave_a_store_and_come_back(filled: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = [str(filled), "--layout", "mertools", "-o", str(out)]
    done = CliRunner().invoke(store_app, ["export", *arguments, "--as", "loudness=LOUD-UTT", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["files"] == {"LOUD-UTT": 3}
    vector = np.load(out / "LOUD-UTT/0.npy")
    done = CliRunner().invoke(store_app, ["export", *arguments, "--as", "loudness=LOUD-FRA"])
    rows = np.load(out / "LOUD-FRA/0.npy")
    assert rows.dtype == vector.dtype == np.float16
    np.testing.assert_array_equal(vector, rows.mean(axis=0, dtype=np.float32).astype(np.float16))
    back = CliRunner().invoke(store_app, ["import", str(out / "LOUD-UTT"), "--store", str(filled)])
    assert back.exit_code == 0, back.output
    store = FeatureStore(filled)
    keys = store.noted("imports/LOUD-UTT.json")
    assert set(keys) == {"0", "1", "2"}
    np.testing.assert_array_equal(stored(store, keys["0"]).values[0], vector)
    assert stored(store, keys["0"]).values.dtype == np.float16
    # Clips without the modality have no file, and are counted.
    done = CliRunner().invoke(store_app, ["export", *arguments, "--dataset", "voices"])
    assert "brightness: 0 clips, 3 without features" in done.stdout
    wrong = CliRunner().invoke(store_app, ["export", *arguments, "--as", "speech=HL-UTT"])
    assert 'no features in the slot "speech"' in str(wrong.exception)
    assert "one of LOUD-UTT, brightness, loudness" in str(wrong.exception)


@pytest.mark.parametrize(("layout", "name"), [("parquet", "f.parquet"), ("datasets", "f")])
def test_tables_leave_a_store_and_come_back(filled: Path, tmp_path: Path, layout: str, name: str) -> None:
    pytest.importorskip("datasets" if layout == "datasets" else "pyarrow")
    arguments = ["export", str(filled), "--layout", layout, "-o", str(tmp_path / name), "--as", "loudness=loud"]
    done = CliRunner().invoke(store_app, arguments)
    assert done.exit_code == 0, done.output
    other = tmp_path / "other"
    back = CliRunner().invoke(store_app, ["import", str(tmp_path / name), "--store", str(other), "--json"])
    assert back.exit_code == 0, back.output
    assert (json.loads(back.stdout)["name"], json.loads(back.stdout)["clips"]) == ("loud", 3)
    there, here = FeatureStore(other), FeatureStore(filled)
    (listing,) = (name for name in here.backend.names("clips") if "loudness" in name)
    for clip, key in here.noted(listing)["clips"].items():
        first, second = here.get(key), there.get(there.noted("imports/loud.json")[clip])
        assert isinstance(first, Features)
        assert isinstance(second, Features)
        np.testing.assert_array_equal(first.values, second.values)
        assert (first.hop, first.start, first.names, first.source) == (
            second.hop, second.start, second.names, second.source,
        )  # fmt: skip


def test_a_store_without_clips_says_how_to_get_some(tmp_path: Path) -> None:
    done = CliRunner().invoke(store_app, ["export", str(tmp_path), "-o", str(tmp_path / "out")])
    assert "lists no clips" in str(done.exception)
    assert "Try: affekt extract DATASET" in str(done.exception)


def test_the_preparer_that_help_readme_and_hint_name_is_there() -> None:
    from affekt_features.work import Work

    readme = (Path(__file__).parents[1] / "README.md").read_text()
    shown = CliRunner().invoke(extract_app, ["--help"], terminal_width=300).output
    with pytest.raises(Exception, match="looks at faces") as raised:
        Work(Job(store="memory://none", encoders={"expression": Use(use="expression")}))
    for text in (readme, shown, str(raised.value)):
        assert "--prepare" in text
        assert "face-track" in text
    assert plugins().find("preparer", "face-track")


def test_a_clip_is_found_by_its_name(filled: Path) -> None:
    store = FeatureStore(filled)
    index = FeatureIndex(store)
    assert list(index) == ["0", "1", "2"]
    assert index.slots() == ("brightness", "loudness")
    entries = index["1"]
    assert entries["brightness"] == Missing(reason="the file has no video track")
    loudness = entries["loudness"]
    assert isinstance(loudness, StoredFeatures)
    assert loudness.load().names == ("loudness",)
    assert loudness.key == index.keys_of("1")["loudness"]
    assert "3" not in index
    assert len(FeatureIndex(store, "another")) == 0
    (filled / name_of(loudness.key)).unlink()
    with pytest.raises(StoreError, match='of "1" is gone'):
        index["1"]


def test_two_recipes_of_a_slot_stand_apart_and_two_data_sets_are_told_apart(filled: Path, tmp_path: Path) -> None:
    again = [str(tmp_path / "voices"), "--encoders", "loudness", "--set", "loudness.hop=0.5", "--store", str(filled)]
    assert CliRunner().invoke(extract_app, again).exit_code == 0
    store = FeatureStore(filled)
    recipes = [slot for slot in FeatureIndex(store)["0"] if slot.startswith("loudness-")]
    assert len(recipes) == 2
    (tmp_path / "voices").rename(tmp_path / "others")
    (tmp_path / "others/0.wav").write_bytes((tmp_path / "others/1.wav").read_bytes())
    other = [str(tmp_path / "others"), "--encoders", "loudness", "--half", "loudness", "--store", str(filled)]
    assert CliRunner().invoke(extract_app, other).exit_code == 0
    with pytest.raises(StoreError, match='other features of a clip "0"'):
        FeatureIndex(store)
    assert list(FeatureIndex(store, "others")["0"]) == ["loudness"]


def test_the_command_lists_a_store_and_a_clip(filled: Path) -> None:
    done = CliRunner().invoke(store_app, ["list", str(filled)])
    assert done.exit_code == 0, done.output
    assert "voices: loudness-" in done.stdout
    assert "3 clips" in done.stdout
    done = CliRunner().invoke(store_app, ["list", str(filled), "--clip", "2"])
    assert "brightness: none: the file has no video track" in done.stdout
    assert "loudness: 5 rows of 1, every 0.1 s, float16" in done.stdout
    plain = json.loads(CliRunner().invoke(store_app, ["list", str(filled), "--clip", "2", "--json"]).stdout)
    assert plain["slots"]["loudness"]["columns"] == 1
    wrong = CliRunner().invoke(store_app, ["list", str(filled), "--clip", "nobody"])
    assert 'lists no clip "nobody"' in str(wrong.exception)


def test_a_pipeline_moves_to_another_device_with_the_encoders_that_a_store_stands_before() -> None:
    class Ear(Component):
        modality: ClassVar[Modality] = "audio"
        device: str = "cpu"

        def encode(self, clips: object) -> list[Features | Missing]:
            return []

    class Say(Component):
        def reason(self, evidence: object) -> list[EmotionPrediction]:
            return []

    store = FeatureStore("memory://affekt-test/moved")
    before = cached_pipeline(Pipeline(encoders={"speech": Ear()}, reasoner=Say()), store)
    after = before.to("cuda")
    assert after.encoders["speech"].encoder == Ear(device="cuda")  # type: ignore[attr-defined]
    assert after.encoders["speech"].store is store  # type: ignore[attr-defined]


def test_the_device_of_a_pipeline_file_holds_for_an_extraction(tmp_path: Path) -> None:
    from affekt import PipelineSpec
    from affekt_features.extract_command import _components

    text = "device: cuda\nencoders: {words: minilm, level: loudness}\nreasoner: loud-is-excited"
    (tmp_path / "p.yaml").write_text(text)
    for encoders in (
        _components(None, None, str(tmp_path / "p.yaml"), None)["encoders"],
        Job.of_pipeline(PipelineSpec.read(tmp_path / "p.yaml"), "memory://x").encoders,
    ):
        assert encoders["words"].options == {"device": "cuda"}
        assert encoders["level"].options == {}
