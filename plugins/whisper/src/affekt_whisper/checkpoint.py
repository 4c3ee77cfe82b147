"""Whisper in the form that each library reads: transformers', CTranslate2's, or openai-whisper's."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from affekt import WeightsError
from affekt_encoding.checkpoints import silent_loading
from affekt_weights import WeightsInfo, catalogue, derive, derive_from, fetch
from safetensors import SafetensorError
from transformers import WhisperModel
from transformers.models.whisper.modeling_whisper import WhisperEncoder

from affekt_whisper.conversion import convert, convert_whole

CONVERSION = "transformers-encoder-1"
"""The version of converted folders: another way of converting needs another number."""
WHOLE = "transformers-1"
"""The version of folders with encoder and decoder together."""


def load_encoder(model: str, revision: str | None) -> WhisperEncoder:
    """Whisper's encoder in single precision, ready to run.

    Args:
        model: a name from `affekt weights list`, a local folder, or a Hugging Face repository.

    Raises:
        WeightsError: there is no such model, or its files hold no Whisper encoder.
    """
    folder = fetch(model, revision=revision, files=("model.bin",))
    if not (folder / "config.json").is_file():
        raise WeightsError(f'"{folder}" has no config.json', hint="a folder that transformers or faster-whisper reads")
    encoder: WhisperEncoder
    try:
        with silent_loading():
            if list(folder.glob("*.safetensors")):
                encoder = WhisperModel.from_pretrained(folder, dtype="float32", use_safetensors=True).encoder
                encoder.eval()  # type: ignore[no-untyped-call]
                return encoder
            if (folder / "model.bin").is_file():
                converted = _converted(model, folder, CONVERSION, convert)
                encoder = WhisperEncoder.from_pretrained(converted, dtype="float32", use_safetensors=True)
                encoder.eval()  # type: ignore[no-untyped-call]
                return encoder
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise WeightsError(f'"{folder}" holds no Whisper encoder: {error}', hint="model: whisper-base") from error
    content = ", ".join(sorted(path.name for path in folder.iterdir())[:8])
    raise WeightsError(
        f'"{folder}" has neither *.safetensors nor model.bin; found {content}', hint="model: whisper-base"
    )


def faster_whisper_folder(model: str, revision: str | None) -> Path:
    """A folder that CTranslate2 reads; faster-whisper itself says what is wrong with it."""
    return fetch(model, revision=revision, files=("model.bin",))


def transformers_folder(model: str, revision: str | None) -> Path:
    """A folder with the whole of Whisper that transformers reads; a CTranslate2 folder is converted once.

    Raises:
        WeightsError: there is no such model, or it is in neither form.
    """
    folder = fetch(model, revision=revision, files=("model.bin", "pytorch_model*.bin"))
    if not (folder / "model.bin").is_file():
        return folder
    try:
        return _converted(model, folder, WHOLE, convert_whole)
    except (OSError, ValueError, RuntimeError) as error:
        raise WeightsError(f'"{folder}" cannot be converted: {error}', hint="model: whisper-base") from error


def openai_path(model: str, revision: str | None) -> Path:
    """A `.pt` file as it is, or a folder as for transformers."""
    path = Path(model).expanduser()
    return path if path.is_file() else transformers_folder(model, revision)


def _converted(model: str, folder: Path, label: str, build: Callable[[Path, Path], None]) -> Path:
    entry = catalogue().get(model)
    if isinstance(entry, WeightsInfo):
        return derive(entry, label, build)
    state = (folder / "model.bin").stat()
    key = sha256(f"{folder.resolve()} {state.st_size} {state.st_mtime_ns}".encode()).hexdigest()[:12]
    return derive_from(folder, f"{folder.name}-{key}", label, build)
