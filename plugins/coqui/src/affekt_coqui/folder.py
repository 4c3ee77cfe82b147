"""What a model's folder holds, looked at before anything of it is loaded: nothing in it may run code."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from affekt import WeightsError
from TTS.config import read_json_with_comments  # type: ignore[import-untyped]

FAMILIES = ("xtts", "yourtts", "vits", "tacotron2", "freevc", "openvoice")
CHECKPOINTS = ("model.pth", "model_file.pth", "model_file.pth.tar", "checkpoint.pth", "best_model.pth")
OTHERS = ("speakers_xtts.pth", "speakers.pth", "speaker_ids.pth", "model_se.pth", "model_se.pth.tar", "WavLM-Large.pt")
_LEGACY = re.compile(r"TTS\.(tts\.models\.xtts|tts\.configs\.xtts_config|config\.shared_configs)\.")
"""The original XTTS-v2 holds its configuration as these classes; Coqui's loader lists them, and no others, as safe."""


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A model on the disk."""

    path: Path
    family: str
    config: Path
    checkpoint: Path
    options: dict[str, Any]
    """The contents of config.json."""

    def digest(self) -> str:
        """SHA-256 of the checkpoint."""
        with self.checkpoint.open("rb") as file:
            checksum = sha256()
            while block := file.read(1 << 22):
                checksum.update(block)
        return checksum.hexdigest()


def opened(path: Path, *, vocoder: bool = False) -> Folder:
    """The folder of a model, if it is one that can be loaded safely.

    Args:
        vocoder: of any kind; a model of speech is of one of `FAMILIES`.

    Raises:
        WeightsError: there is none, a file is missing, it is of another family, or a file would run code.
    """
    if not path.is_dir():
        what = "a file" if path.is_file() else "nothing"
        raise WeightsError(f'"{path}" should be the folder of a Coqui model, found {what}', hint="the folder itself")
    options = _options(path)
    family = "vocoder" if vocoder else _family(options, path)
    checkpoint = _checkpoint(path, family)
    if family == "xtts":
        _require(path, "vocab.json")
    for file in _pickles(path, checkpoint):
        _require_plain(file, legacy=family == "xtts" and file == checkpoint)
    return Folder(path=path, family=family, config=path / "config.json", checkpoint=checkpoint, options=options)


def missing_wavlm(folder: Folder) -> WeightsError:
    """FreeVC hears through WavLM-Large, which is not in its own checkpoint."""
    return WeightsError(f'"{folder.path}" lacks WavLM-Large.pt, through which FreeVC hears', hint="put it there")


def _options(path: Path) -> dict[str, Any]:
    _require(path, "config.json")
    try:
        options = read_json_with_comments(path / "config.json")
    except ValueError as error:
        raise WeightsError(
            f'"{path / "config.json"}" is not JSON: {error}', hint="the file that came with it"
        ) from error
    if not isinstance(options, dict):
        raise WeightsError(f'"{path / "config.json"}" holds no options', hint="the file that came with the model")
    return options


def _family(options: dict[str, Any], path: Path) -> str:
    kind = options.get("model")
    if isinstance(options.get("data"), dict) and not isinstance(kind, str):
        return "openvoice"
    kind = kind.lower() if isinstance(kind, str) else kind  # older models call themselves "Tacotron2"
    arguments = options.get("model_args") or {}
    if kind == "vits" and (options.get("use_d_vector_file") or arguments.get("use_d_vector_file")):
        return "yourtts"
    if kind in FAMILIES and kind not in ("yourtts", "openvoice"):
        return kind
    raise WeightsError(f'"{path}" holds a model of the kind {kind!r}', hint=f"one of {', '.join(FAMILIES)}")


def _checkpoint(path: Path, family: str) -> Path:
    names = ("model.pth",) if family == "xtts" else CHECKPOINTS
    for name in names:
        if (path / name).is_file():
            return path / name
    raise WeightsError(f'"{path}" lacks {" or ".join(names)}; {_found(path)}', hint="the whole folder of the model")


def _require(path: Path, name: str) -> None:
    if not (path / name).is_file():
        raise WeightsError(f'"{path}" lacks {name}; {_found(path)}', hint="the whole folder of the model")


def _found(path: Path) -> str:
    names = sorted(file.name for file in path.iterdir())
    return f"found {', '.join(names[:8])}" if names else "it is empty"


def _pickles(path: Path, checkpoint: Path) -> Iterator[Path]:
    yield checkpoint
    yield from (path / name for name in OTHERS if (path / name).is_file())


def _require_plain(file: Path, *, legacy: bool) -> None:
    """Names what torch's unpickler of plain weights, through which Coqui loads all of them, would refuse."""
    try:
        names = torch.serialization.get_unsafe_globals_in_checkpoint(file)
    except Exception:
        return  # it is broken or of torch's older format: loading goes through the same unpickler, and says so
    refused = [name for name in names if not (legacy and _LEGACY.match(name))]
    if refused:
        raise WeightsError(
            f'"{file}" holds more than weights and could run code: {", ".join(sorted(refused)[:5])}',
            hint='torch.save({"model": weights}, …) where you trust it',
        )
