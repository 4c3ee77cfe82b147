"""Checkpoints as s3prl and Microsoft write them: one `.pt` file with the settings `cfg` and the tensors `model`."""

import pickle
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from affekt import WeightsError
from affekt_weights import UnsafeWeights, fetch
from s3prl.upstream.wavlm.hubconf import wavlm_local  # type: ignore[import-untyped]

_ARITHMETIC = re.compile(r"[\d\s(),*+\[\]]{1,300}")
"""What a list of convolutions is written in, such as "[(512,10,5)] + [(512,3,2)] * 4"."""


def load_wavlm(model: str, revision: str | None) -> Any:
    """s3prl's expert for a checkpoint: sounds in, all hidden states out.

    Args:
        model: a file, or OWNER/REPOSITORY/FILE of the hub.

    Raises:
        WeightsError: there is no such file, or it holds no whole WavLM.
        UnsafeWeights: it could run code when loaded.
    """
    path = _found(model, revision)
    _require_safe(path)
    try:
        with without_warnings():
            return wavlm_local(str(path)).eval()
    except (RuntimeError, TypeError, ValueError, AssertionError) as error:
        raise WeightsError(
            f'"{path}" does not load as WavLM: {" ".join(str(error).split())[:300]}', hint="preset: large"
        ) from error


@contextmanager
def without_warnings() -> Iterator[None]:
    """torch warns of what s3prl uses; nobody who runs an encoder can do anything about it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", FutureWarning)
        yield


def _found(model: str, revision: str | None) -> Path:
    path = Path(model).expanduser()
    if path.is_file():
        return path
    repository, slash, file = model.rpartition("/")
    if not slash or not file.endswith(".pt") or path.is_absolute() or repository.count("/") != 1:
        raise WeightsError(
            f'model: "{model}" is neither a file nor a file of the hub',
            hint="path/to/WavLM-Large.pt, or s3prl/converted_ckpts/wavlm_large.pt",
        )
    path = fetch(repository, revision=revision, files=(file,)) / file
    if not path.is_file():
        raise WeightsError(f'the repository "{repository}" has no file "{file}"', hint="preset: large")
    return path


def _require_safe(path: Path) -> None:
    """s3prl loads the file again, trusting it: it evaluates the list of convolutions as Python."""
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise UnsafeWeights(
            f'"{path}" holds more than tensors and settings and could run code, or is damaged: '
            f"{str(error).splitlines()[0][:200]}",
            hint="s3prl/converted_ckpts/wavlm_large.pt, or Microsoft's WavLM-Large.pt",
        ) from error
    if (
        not isinstance(checkpoint, Mapping)
        or not {"cfg", "model"} <= set(checkpoint)
        or not isinstance(checkpoint["cfg"], Mapping)
    ):
        keys = (
            ", ".join(map(str, list(checkpoint)[:6])) if isinstance(checkpoint, Mapping) else type(checkpoint).__name__
        )
        raise WeightsError(
            f'"{path}" is no checkpoint of s3prl\'s WavLM with "cfg" and "model"; found {keys}',
            hint="s3prl/converted_ckpts/wavlm_large.pt, or Microsoft's WavLM-Large.pt",
        )
    convolutions = checkpoint["cfg"].get("conv_feature_layers", "[]")
    if not isinstance(convolutions, str) or not _ARITHMETIC.fullmatch(convolutions):
        raise UnsafeWeights(
            f'"{path}": conv_feature_layers, which s3prl evaluates as Python, is no list of numbers: {convolutions!r}',
            hint="a checkpoint from a source you trust",
        )
