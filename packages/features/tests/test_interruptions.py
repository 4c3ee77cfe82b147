"""Kills, corruption, rivals and full disks: the store stays right, and little work is done twice."""

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from affekt import Features, plugins
from affekt_datasets import Sample
from affekt_features import FeatureStore, StoreFull
from affekt_features.extraction import extract
from affekt_features.job import Job

Faces = Callable[[int], list[Sample]]
Make = Callable[..., Job]
Files = Callable[[str], dict[str, bytes]]


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every clip that the encoder begins with, also in forked processes."""
    path = tmp_path / "log"
    path.touch()
    kind = plugins().load("encoder", "brightness")
    real = kind.encode  # type: ignore[attr-defined]

    def encode(self: object, clips: list[object]) -> object:
        with path.open("a") as file:
            file.write("".join(f"{clip.id}\n" for clip in clips))  # type: ignore[attr-defined]
        return real(self, clips)

    monkeypatch.setattr(kind, "encode", encode)
    return path


def forked(call: Callable[[], object]) -> int:
    child = os.fork()
    if child == 0:
        try:
            call()
            os._exit(0)
        except BaseException:
            os._exit(1)
    return child


def test_twenty_kills_leave_the_same_bytes_and_repeat_at_most_one_clip(
    faces: Faces, job: Make, files: Files, log: Path
) -> None:
    samples, count = faces(60), 60
    begin = time.perf_counter()
    extract(job("brightness", store="whole"), samples)
    whole, lasts = files(job("brightness", store="whole").store), time.perf_counter() - begin
    assert len(whole) == 2 * count
    chance, interrupted = random.Random(7), 0
    for number in range(20):
        log.write_text("")
        one = job("brightness", store=f"killed-{number}")
        child = forked(lambda one=one: extract(one, samples))  # type: ignore[misc]
        time.sleep(chance.uniform(0, lasts))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        before = len([n for n in files(one.store) if n.startswith("features")]) if Path(one.store).exists() else 0
        interrupted += os.WIFSIGNALED(status) and before < count
        summary = extract(one, samples)
        assert files(one.store) == whole
        assert summary.corrupt == 0
        assert summary.computed + summary.reused == count
        worked = Counter(log.read_text().split())
        assert len(worked) == count
        assert worked.total() <= count + 1
    assert interrupted >= 10, "the kills came too late to show anything"


def test_a_thousand_corrupt_entries_are_all_found_and_computed_again(faces: Faces, job: Make, files: Files) -> None:
    samples, one = faces(1000), job("brightness")
    extract(one, samples)
    whole = files(one.store)
    chance = np.random.default_rng(5)
    paths = sorted((Path(one.store) / "features").rglob("*.safetensors"))
    assert len(paths) == 1000
    for number, path in enumerate(paths):
        data = bytearray(path.read_bytes())
        match number % 4:
            case 0:
                data[chance.integers(len(data))] ^= int(chance.integers(1, 256))
            case 1:
                del data[chance.integers(len(data)) :]
            case 2:
                tensors = safetensors.numpy.load(bytes(data))
                data = bytearray(safetensors.numpy.save({name: a.astype(np.float16) for name, a in tensors.items()}))
            case 3:
                data = bytearray(whole[paths[(number + 4) % 1000].relative_to(one.store).as_posix()])
        path.write_bytes(data)
    assert len(FeatureStore(one.store).verify()["corrupt"]) == 1000
    summary = extract(one, samples)
    assert (summary.corrupt, summary.computed, summary.failed) == (1000, 1000, [])
    assert files(one.store) == whole
    again = extract(one, samples)
    assert (again.corrupt, again.reused) == (0, 1000)


def test_corrupt_notes_of_what_media_decode_to_are_found_too(faces: Faces, job: Make, files: Files) -> None:
    samples, one = faces(4), job("brightness")
    extract(one, samples)
    whole = files(one.store)
    paths = sorted((Path(one.store) / "contents").rglob("*-video"))
    for path, data in zip(paths, (b"", b"\xff" * 98, paths[0].read_bytes(), None), strict=True):
        path.unlink() if data is None else path.write_bytes(data)
    # A note that is gone, or another clip's: the clip is decoded once more, its features are not computed again.
    summary = extract(one, samples)
    assert summary.failed == []
    assert files(one.store) == whole


def test_eight_processes_compute_each_key_once(faces: Faces, job: Make, files: Files, log: Path) -> None:
    samples, one = faces(40), job("brightness")
    children = [forked(lambda: extract(one, samples)) for _ in range(8)]
    for child in children:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert Counter(log.read_text().split()) == Counter(sample.id for sample in samples)
    alone = job("brightness", store="alone")
    extract(alone, samples)
    assert files(one.store) == files(alone.store)


def test_a_killed_holder_of_a_claim_stops_nobody(tmp_path: Path) -> None:
    store = FeatureStore(tmp_path)

    def hold() -> None:
        with store.claims.one("aa"):
            time.sleep(60)

    child = forked(hold)
    while not (tmp_path / ".claims/aa").exists():
        time.sleep(0.01)
    time.sleep(0.05)
    with store.claims.some(["aa", "bb"]) as mine:
        assert mine == ["bb"]
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with store.claims.one("aa"):
        pass
    assert list((tmp_path / ".claims").iterdir()) == []


FULL = """
import sys
from pathlib import Path
import numpy as np
from affekt import Features
from affekt_features import FeatureStore, StoreFull

store = FeatureStore(sys.argv[1])
features = [Features(values=np.full((64, 64), n, np.float32), hop=0.1) for n in range(200)]
keys = [f"{n:064x}" for n in range(200)]
try:
    for key, value in zip(keys, features):
        store.put(key, value)
    sys.exit("the disk was never full")
except StoreFull as error:
    assert "intact" in str(error) and "Try: " in str(error), error
held = list(store.keys())
assert 5 < len(held) < 200, len(held)
for _ in range(20):
    try:
        store.put("f" * 64, Features(values=np.ones((999, 64), np.float32), hop=0.1))
        sys.exit("it fitted")
    except StoreFull:
        pass
assert store.verify() == {"whole": len(held), "corrupt": []}
assert list(store.keys()) == held
for key, value in zip(held, features):
    assert np.array_equal(store.get(key).values, value.values)
assert not list((Path(sys.argv[1]) / ".partial").iterdir()), "half-written files were left"
print(len(held))
"""


def test_a_full_disk_leaves_the_old_store_intact(tmp_path: Path) -> None:
    mount = f"mount -t tmpfs -o size=400k tmpfs {tmp_path} && exec {sys.executable} -c '{FULL}' {tmp_path}/store"
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rm", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small disk here (unshare -rm)")
    done = subprocess.run([unshare, "-rm", "sh", "-c", mount], capture_output=True, text=True, check=False)
    if "mount:" in done.stderr:
        pytest.skip(f"no right to mount a small disk here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 5


def test_a_file_that_may_not_grow_is_no_entry(tmp_path: Path) -> None:
    """Quotas and limits on the size of a file, where no disk can be mounted."""
    store = FeatureStore(tmp_path)
    store.put("a" * 64, Features(values=np.ones((2, 2), np.float32), hop=1.0))

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with pytest.raises(StoreFull):
            store.put("b" * 64, Features(values=np.ones((64, 64), np.float32), hop=1.0))
        store.put("c" * 64, Features(values=np.ones((3, 3), np.float32), hop=1.0))

    assert os.waitstatus_to_exitcode(os.waitpid(forked(limited), 0)[1]) == 0
    assert store.verify() == {"whole": 2, "corrupt": []}
    assert list((tmp_path / ".partial").iterdir()) == []


def test_a_disk_too_small_is_told_before_it_is_full(faces: Faces, job: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("affekt_features.backends.Folder.free", lambda self: 5000)
    with pytest.raises(StoreFull, match="will take about"):
        extract(job("brightness"), faces(50))
