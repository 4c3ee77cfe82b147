"""A model of Pocket TTS: a folder, or a name of the library's that it fetches from the Hugging Face hub.

    config.yaml         as the library's own; `weights_path` and `tokenizer_path` may be relative to the folder
    model.safetensors   with the encoder that clones
    tokenizer.model

Kyutai publishes each model twice, with the encoder that clones for those who accept the terms, and without. The library
takes the second where it cannot have the first, and speaks in voices of its own then: here that is an error.
"""

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from affekt.errors import MissingDependency, WeightsError
from safetensors import SafetensorError, safe_open

if TYPE_CHECKING:
    from pocket_tts import TTSModel  # type: ignore[import-untyped]

CONFIG = "config.yaml"
_ENCODER, _PROJECTION = "mimi.encoder.", "flow_lm.speaker_proj_weight"
_TERMS = "accept the terms on huggingface.co/kyutai/pocket-tts, `hf auth login`, and the same again"


@dataclass(frozen=True)
class Bundle:
    """A model that clones."""

    model: "TTSModel"
    digest: str
    """sha256 of the weights; of the name and the library's version where they are the hub's."""


def opened(model: str, temperature: float | None) -> Bundle:
    """The model of a folder, or of a name such as "english".

    Raises:
        WeightsError: there is no such model, a file is missing or damaged, or it cannot clone.
        MissingDependency: the library is not installed.
    """
    library = _library()
    folder = Path(model).expanduser()
    try:
        if folder.is_dir():
            return _of_folder(library, folder, temperature)
        loaded = library.TTSModel.load_model(language=model, temp=temperature)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise WeightsError(
            f'Pocket TTS cannot load "{model}": {str(error).splitlines()[0]}',
            hint="a folder with config.yaml, weights and tokenizer, or a name such as english",
        ) from error
    if not loaded.has_voice_cloning:
        raise WeightsError(f'the weights of "{model}" came without the encoder that clones', hint=_TERMS)
    loaded.max_decoder_frames_per_call = 1  # see `_of_folder`
    return Bundle(loaded, hashlib.sha256(f"{model} {version()}".encode()).hexdigest())


def version() -> str:
    """The version of the library: the states of one version are of no use to another."""
    from importlib.metadata import version as installed

    return installed("pocket-tts")


def _of_folder(library: Any, folder: Path, temperature: float | None) -> Bundle:
    if not (folder / CONFIG).is_file():
        raise WeightsError(f'"{folder}" lacks {CONFIG}', hint="the folder of a model of Pocket TTS")
    config = yaml.safe_load((folder / CONFIG).read_text(encoding="utf-8"))
    weights = _inside(folder, config.get("weights_path", "model.safetensors"))
    table = config["flow_lm"]["lookup_table"]
    table["tokenizer_path"] = str(_inside(folder, table["tokenizer_path"]))
    config["weights_path"] = str(weights)
    config.pop("weights_path_without_voice_cloning", None)  # nothing takes the place of what was asked for
    _require_encoder(weights)
    with tempfile.TemporaryDirectory() as workspace:
        resolved = Path(workspace) / CONFIG
        resolved.write_text(yaml.safe_dump(config), encoding="utf-8")
        model = library.TTSModel.load_model(config=resolved, temp=temperature)
    # Else as many frames at once as happen to be ready, which changes the last digits from one run to the next.
    model.max_decoder_frames_per_call = 1
    with weights.open("rb") as stream:
        return Bundle(model, hashlib.file_digest(stream, "sha256").hexdigest())


def _inside(folder: Path, path: str) -> Path:
    """A file of the bundle: of an address, the name alone, since a folder needs no hub."""
    name = path.split("@")[0].rpartition("/")[2] if "://" in path else path
    file = folder / name
    if not file.is_file():
        raise WeightsError(f'"{folder}" lacks {name}', hint="the whole bundle, as it was published")
    return file


def _require_encoder(weights: Path) -> None:
    """A bundle without it would speak, but never in the voice that is asked for."""
    with safe_open(weights, framework="np") as file:
        names = set(file.keys())
        missing = not any(name.startswith(_ENCODER) for name in names) or _PROJECTION not in names
        if missing or not file.get_tensor(_PROJECTION).any():
            raise WeightsError(f'"{weights}" holds no encoder that clones', hint=f"the full model: {_TERMS}")


def _library() -> Any:
    """The library, whose import sets torch's threads to one for everybody; they are set back."""
    import torch

    threads = torch.get_num_threads()
    try:
        import pocket_tts
    except ImportError as error:
        raise MissingDependency(f"Pocket TTS cannot be imported: {error}", hint="pip install pocket-tts") from error
    finally:
        torch.set_num_threads(threads)
    return pocket_tts
