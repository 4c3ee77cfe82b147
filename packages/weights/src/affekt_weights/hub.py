"""Files out of a Hugging Face repository."""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from affekt_weights.contents import write_checked
from affekt_weights.errors import NotInManifest, Offline, SourceFailed
from affekt_weights.manifest import HubSource, WeightsInfo
from affekt_weights.offline import is_hub_offline
from affekt_weights.progress import growing

_MODEL_FILES = ("*.safetensors", "*.json", "*.txt", "*.model", "*.jinja", "*.gguf")


def from_hub(info: WeightsInfo, source: HubSource, staged: Path) -> Path:
    """Takes the files from the hub's own cache where they are, else downloads them into the staging folder.

    Raises:
        SourceFailed: the hub cannot deliver, or may not be asked.
        WrongHash: a file is not what the entry promises.
    """
    # huggingface_hub takes a third of a second to import, and most calls find everything in the cache.
    import huggingface_hub

    downloads, unpacked = staged / "hub", staged / "unpacked"
    for file in info.files:
        remote = source.files.get(file.path, file.path)
        cached_path = huggingface_hub.try_to_load_from_cache(source.repo, remote, revision=source.revision)
        if isinstance(cached_path, str):
            with Path(cached_path).open("rb") as stream:
                write_checked(unpacked / file.path, file, [stream])
            continue
        if is_hub_offline():
            raise SourceFailed(f"{remote} is not in the hub's cache, and the hub is off")
        with growing(downloads, f"{info.name}: {file.path}", file.size), _without_bars():
            arrived = _download(source, remote, downloads)
        with arrived.open("rb") as stream:
            write_checked(unpacked / file.path, file, [stream])
        arrived.unlink()
    return unpacked


def _download(source: HubSource, remote: str, folder: Path) -> Path:
    import huggingface_hub
    from huggingface_hub.errors import HfHubHTTPError

    try:
        return Path(huggingface_hub.hf_hub_download(source.repo, remote, revision=source.revision, local_dir=folder))
    except (HfHubHTTPError, OSError, ValueError) as error:
        raise SourceFailed(f"{remote}: {_first_line(error)}") from error


def snapshot(repo: str, revision: str | None, files: Sequence[str] = ()) -> Path:
    """A repository that no manifest names, in the hub's own cache: configuration, tokenizer and safe weights.

    Args:
        files: patterns of what is wanted besides, such as "pytorch_model.bin" where there are no safe weights.

    Raises:
        NotInManifest: there is no such repository.
        Offline: it is not in the hub's cache and may not be fetched.
        SourceFailed: the hub does not answer.
    """
    import huggingface_hub
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError

    where = f'"{repo}"' + (f" at revision {revision}" if revision else "")
    patterns = [*_MODEL_FILES, *files]
    try:
        offline = is_hub_offline()
        with _without_bars() if offline else nullcontext():
            return Path(
                huggingface_hub.snapshot_download(
                    repo, revision=revision, allow_patterns=patterns, local_files_only=offline
                )
            )
    except RepositoryNotFoundError as error:
        raise NotInManifest(
            f"{where} is neither weights of a plugin nor a Hugging Face repository",
            hint="affekt weights list, or the path of a local folder",
        ) from error
    except LocalEntryNotFoundError as error:
        if is_hub_offline():
            raise Offline(
                f"{where} is not in the hub's cache, and AFFEKT_OFFLINE or HF_HUB_OFFLINE is set",
                hint="the same command once while online, or the path of a local folder",
            ) from error
        raise _unreachable(where, error) from error
    except (HfHubHTTPError, OSError, ValueError) as error:
        raise _unreachable(where, error) from error


def _unreachable(where: str, error: Exception) -> SourceFailed:
    return SourceFailed(
        f"the Hugging Face hub does not deliver {where}: {_first_line(error)}",
        hint="again when the network is back, or the path of a local folder",
    )


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:300]


class _without_bars:
    """Silences the hub's own progress bars while ours shows."""

    def __enter__(self) -> None:
        from huggingface_hub.utils import (  # type: ignore[attr-defined, unused-ignore]
            are_progress_bars_disabled,
            disable_progress_bars,
        )

        self._were_off = are_progress_bars_disabled()
        disable_progress_bars()

    def __exit__(self, *exception: object) -> None:
        from huggingface_hub.utils import enable_progress_bars  # type: ignore[attr-defined, unused-ignore]

        if not self._were_off:
            enable_progress_bars()
