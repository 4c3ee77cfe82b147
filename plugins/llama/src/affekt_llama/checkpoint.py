"""A causal language model and its tokenizer, from a folder of Hugging Face or a GGUF file.

Reading GGUF unpacks every block in Python and takes 20 s for SmolLM2. It is done once: the result is kept as
safetensors in the cache of affekt-weights and loads in under a second.
"""

import hashlib
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from affekt import WeightsError
from affekt_encoding.devices import device_of
from affekt_weights import derive_from, fetch
from affekt_weights.cache import cache_folder
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import logging as transformers_logging

logger = logging.getLogger(__name__)

CONVERSION = "safetensors-1"
"""Names the conversion and its version; a change of it makes a new folder."""


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A model ready to run."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase


def load(name: str, *, revision: str | None = None, device: str = "cpu", dtype: str = "float32") -> Checkpoint:
    """Loads a causal language model.

    Args:
        name: of `affekt weights list`, a Hugging Face repository, a folder, or a GGUF file.

    Raises:
        OptionsError: this machine has no such device.
        WeightsError: it cannot be had, or the folder holds no model, or several GGUF files.
    """
    where = device_of(device)
    folder = local(name, revision)
    with bars(False):
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model: Any = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, dtype=getattr(torch, dtype))
    return Checkpoint(model=model.to(where).eval(), tokenizer=tokenizer)


def local(name: str, revision: str | None = None) -> Path:
    """A folder that `from_pretrained` reads; GGUF is converted on first use."""
    if Path(name).suffix.lower() == ".gguf" and Path(name).is_file():
        return _converted(Path(name))
    folder = fetch(name, revision=revision)
    if (folder / "config.json").is_file():
        return folder
    files = sorted(folder.glob("*.gguf"))
    if len(files) != 1:
        content = ", ".join(path.name for path in files or sorted(folder.iterdir())[:9]) or "nothing"
        raise WeightsError(
            f'"{folder}" should hold config.json with safetensors, or one GGUF file; found {content}',
            hint=f"model={files[0]}" if files else "a folder written by save_pretrained",
        )
    return _converted(files[0])


@contextmanager
def bars(shown: bool) -> Iterator[None]:
    """Shows or hides the progress bars of transformers, which would stand in every pipe and log."""
    before = transformers_logging.is_progress_bar_enabled()
    (transformers_logging.enable_progress_bar if shown else transformers_logging.disable_progress_bar)()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        (transformers_logging.enable_progress_bar if before else transformers_logging.disable_progress_bar)()  # type: ignore[no-untyped-call]


def _converted(file: Path) -> Path:
    entry = file.parent
    if entry.parent == cache_folder():
        key = entry.name  # `affekt weights remove` then takes the conversion too
    else:
        stat = file.stat()
        identity = f"{file.resolve()} {stat.st_size} {stat.st_mtime_ns}"
        key = f"gguf-{hashlib.sha256(identity.encode()).hexdigest()[:12]}"
    return derive_from(entry, key, CONVERSION, partial(_convert, file.name))


def _convert(gguf: str, source: Path, out: Path) -> None:
    """Writes the unpacked weights as half-precision safetensors, with configuration and tokenizer."""
    logger.info("unpacking %s, once", gguf)
    with bars(sys.stderr.isatty()):
        _write_plain(gguf, source, out)


def _write_plain(gguf: str, source: Path, out: Path) -> None:
    read: Any = AutoModelForCausalLM.from_pretrained(source, gguf_file=gguf, dtype=torch.float16)
    settings = {key: value for key, value in read.config.to_dict().items() if key != "quantization_config"}
    # The object that was read refuses save_pretrained ("quantized with gguf"), so a plain one takes its tensors.
    with torch.device("meta"):
        plain: Any = type(read)(type(read.config).from_dict(settings))
    plain.load_state_dict(read.state_dict(), assign=True)
    plain.tie_weights()
    plain.generation_config = read.generation_config
    plain.save_pretrained(out)
    AutoTokenizer.from_pretrained(source, gguf_file=gguf).save_pretrained(out)
