"""The encoder's network from whatever folder the user names: transformers' own form, or CTranslate2's."""

from hashlib import sha256
from pathlib import Path

from affekt import WeightsError
from affekt_weights import WeightsInfo, catalogue, derive, derive_from, fetch
from safetensors import SafetensorError
from transformers import WhisperModel
from transformers.models.whisper.modeling_whisper import WhisperEncoder

from affekt_whisper.conversion import convert

CONVERSION = "transformers-encoder-1"
"""Of converted folders: another way of converting needs another number."""


def load_encoder(model: str, revision: str | None) -> WhisperEncoder:
    """Whisper's encoder in single precision, ready to run.

    Args:
        model: a name from `affekt weights list`, a local folder, or a Hugging Face repository.

    Raises:
        WeightsError: there is no such model, or its files hold no Whisper encoder.
    """
    folder = fetch(model, revision=revision)
    if not (folder / "config.json").is_file():
        raise WeightsError(f'"{folder}" has no config.json', hint="a folder that transformers or faster-whisper reads")
    try:
        if list(folder.glob("*.safetensors")):
            return WhisperModel.from_pretrained(folder, dtype="float32", use_safetensors=True).encoder.eval()
        if (folder / "model.bin").is_file():
            converted = _converted(model, folder)
            return WhisperEncoder.from_pretrained(converted, dtype="float32", use_safetensors=True).eval()
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise WeightsError(f'"{folder}" holds no Whisper encoder: {error}', hint="model: whisper-base") from error
    found = ", ".join(sorted(path.name for path in folder.iterdir())[:8])
    raise WeightsError(f'"{folder}" has neither *.safetensors nor model.bin; found {found}', hint="model: whisper-base")


def _converted(model: str, folder: Path) -> Path:
    entry = catalogue().get(model)
    if isinstance(entry, WeightsInfo):
        return derive(entry, CONVERSION, convert)
    state = (folder / "model.bin").stat()
    key = sha256(f"{folder.resolve()} {state.st_size} {state.st_mtime_ns}".encode()).hexdigest()[:12]
    return derive_from(folder, f"{folder.name}-{key}", CONVERSION, convert)
