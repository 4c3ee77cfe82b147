"""One file of the store: what goes in comes out, and no byte of it can change unnoticed."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from affekt import Features, Missing
from affekt_features import Corrupt, FeatureStore
from affekt_features.entry import Checksum, pack, unpack
from affekt_features.store import name_of

RNG = np.random.default_rng(1)
KEY = "ab" * 32
REGULAR = Features(
    values=RNG.standard_normal((3, 2)).astype(np.float32), hop=0.1, start=1 / 3, names=("größe", "b"), source="x(y=1)"
)
IRREGULAR = Features(values=RNG.standard_normal((2, 5)).astype(np.float32), spans=np.array([[0, 0.5], [0.75, 1.1]]))


def read(data: bytes, key: str = KEY) -> Features | Missing:
    checksum = Checksum()
    checksum.feed(memoryview(data))
    return unpack(key, np.frombuffer(bytearray(data), np.uint8), checksum)


@pytest.mark.parametrize("features", [REGULAR, IRREGULAR], ids=["regular", "irregular"])
def test_features_come_back_bit_for_bit_and_can_be_written_to(features: Features) -> None:
    again = read(pack(KEY, features))
    assert isinstance(again, Features)
    np.testing.assert_array_equal(again.values, features.values)
    np.testing.assert_array_equal(again.clock(), features.clock())
    assert (again.hop, again.start, again.names, again.source) == (
        features.hop, features.start, features.names, features.source,
    )  # fmt: skip
    assert again.values.flags.writeable


def test_a_reason_for_missing_features_is_kept() -> None:
    assert read(pack(KEY, Missing(reason="no face in any of 87 frames"))) == Missing(
        reason="no face in any of 87 frames"
    )


def test_the_same_features_are_the_same_bytes_and_any_reader_of_safetensors_opens_them(tmp_path: Path) -> None:
    data = pack(KEY, IRREGULAR)
    assert data == pack(KEY, IRREGULAR)
    tensors = safetensors.numpy.load(data)
    np.testing.assert_array_equal(tensors["values"], IRREGULAR.values)
    np.testing.assert_array_equal(tensors["spans"], IRREGULAR.spans)
    (tmp_path / "x").write_bytes(data)
    with safetensors.safe_open(tmp_path / "x", "numpy") as file:
        assert file.metadata()["key"] == KEY


def test_every_single_flipped_byte_and_every_cut_is_noticed() -> None:
    data = pack(KEY, REGULAR)
    for position in range(len(data)):
        for bit in (1, 0x20, 0x80):
            damaged = bytearray(data)
            damaged[position] ^= bit
            with pytest.raises(Corrupt):
                read(bytes(damaged))
        with pytest.raises(Corrupt):
            read(data[:position])
    with pytest.raises(Corrupt):
        read(data + b"\0")


def test_an_entry_in_the_place_of_another_is_noticed() -> None:
    with pytest.raises(Corrupt, match="in the place of"):
        read(pack(KEY, REGULAR), "cd" * 32)


@pytest.mark.parametrize(("name", "dtype"), [("values", "F64"), ("values", "F16"), ("other", "F32"), ("", "")])
def test_a_whole_file_of_another_form_is_noticed_even_when_its_checksum_is_right(name: str, dtype: str) -> None:
    meta = {"checksum": "0" * 16, "format": "affekt-features-2", "key": KEY, "hop": "0.1", "start": "0.0", "source": ""}
    field = {"dtype": dtype, "shape": [1, 2], "data_offsets": [0, 8]}
    header = json.dumps({"__metadata__": meta, name: field} if name else {"__metadata__": meta}, separators=(",", ":"))
    data = len(header).to_bytes(8, "little") + header.encode() + bytes(8)
    checksum = Checksum()
    checksum.feed(memoryview(data))
    with pytest.raises(Corrupt):
        read(data.replace(b"0" * 16, checksum.digits()))


def test_a_store_in_object_storage_holds_the_same_bytes(tmp_path: Path) -> None:
    import fsspec

    here, there = FeatureStore(tmp_path / "a"), FeatureStore("memory://affekt-test/b")
    for store in (here, there):
        store.put(KEY, REGULAR)
        assert list(store.keys()) == [KEY]
        assert store.verify() == {"whole": 1, "corrupt": []}
    data = (tmp_path / "a" / name_of(KEY)).read_bytes()
    assert fsspec.filesystem("memory").cat_file(f"/affekt-test/b/{name_of(KEY)}") == data
    assert there.get("cd" * 32) is None
    fsspec.filesystem("memory").pipe_file(f"/affekt-test/b/{name_of(KEY)}", data[:-1])
    assert there.get(KEY) is None
    assert there.found_corrupt == 1
    assert there.verify(remove=True)["corrupt"] == [KEY]
    assert there.verify() == {"whole": 0, "corrupt": []}


def test_a_file_that_changes_after_it_was_trusted_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where its size and its time of modification stay."""
    store, path = FeatureStore(tmp_path), tmp_path / name_of(KEY)
    store.put(KEY, REGULAR)
    assert isinstance(store.get(KEY), Features)
    assert store._trusted == {}, "it is too young: a change at the same moment would not show"
    monkeypatch.setattr("affekt_features.backends._SETTLED", -(10**18))
    held = store.get(KEY)
    assert isinstance(held, Features)
    assert list(store._trusted) == [KEY]
    assert isinstance(store.get(KEY), Features)
    time.sleep(0.02)
    status, data = path.stat(), bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert store.get(KEY) is None
    path.write_bytes(data[:-1])
    assert store.get(KEY) is None
    np.testing.assert_array_equal(held.values, REGULAR.values)
    store.put(KEY, REGULAR)
    assert isinstance(store.get(KEY), Features)


def test_a_store_is_read_and_swept_with_what_every_system_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "readv", raising=False)  # which Windows lacks
    key, features = "a" * 64, Features(values=np.ones((3, 2), np.float32), hop=0.1)
    FeatureStore(tmp_path).put(key, features)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for writer in (os.getpid(), ended.pid):
        (tmp_path / ".partial" / f"{writer}-0").write_bytes(b"half")
    store = FeatureStore(tmp_path)
    assert [path.name for path in (tmp_path / ".partial").iterdir()] == [f"{os.getpid()}-0"]
    found = store.get(key)
    assert isinstance(found, Features)
    np.testing.assert_array_equal(found.values, features.values)
