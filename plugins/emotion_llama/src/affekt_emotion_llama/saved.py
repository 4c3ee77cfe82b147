"""A saved Emotion-LLaMA: what `save_pretrained` writes and `from_pretrained` reads.

emotion_llama.json        configuration: language model, fuser, prompt, labels, calibration
projections.safetensors   the fusion module
adapter/                  LoRA, as PEFT saves it; absent when the language model is used as it is, or merged
language_model/           the language model with LoRA folded in, of a merged model; or language_model.gguf
README.md, packages.txt   the model card, and the packages that were installed when it was saved
"""

import json
import shutil
from collections.abc import Mapping
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, Literal

import torch
from affekt import WeightsError, plugins
from affekt.trained_with import TrainedWith
from affekt_encoding.devices import device_of
from affekt_weights import catalogue, fetch, load_state
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors.torch import save_file
from torch import Tensor, nn

from affekt_emotion_llama.fusing import Loaded
from affekt_emotion_llama.language.prompt import LABELS, PromptForm
from affekt_emotion_llama.streams import TrainableFuser

CONFIG, PROJECTIONS, ADAPTER, CARD = "emotion_llama.json", "projections.safetensors", "adapter", "README.md"
MERGED: Mapping[str, str] = {"safetensors": "language_model", "gguf": "language_model.gguf"}
"""How a merged language model is kept → the folder or file that holds it."""
PACKAGES = "packages.txt"


class FuserUse(BaseModel):
    """A fuser by name, with its options, as in a pipeline file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    use: str = "linear"
    options: dict[str, Any] = Field(default_factory=dict)


class ModelConfig(BaseModel):
    """All of a saved model but its tensors."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = 1
    language_model: str
    """A name of `affekt weights list`, a Hugging Face repository, or a folder."""
    revision: str | None = None
    merged: Literal["safetensors", "gguf"] | None = None
    """How the language model is kept beside the projections, the adapters folded into its weights. None where it is had
    by its name, and the adapters are kept."""
    fuser: FuserUse = FuserUse()
    dims: dict[str, int]
    """Slot → columns of its features."""
    encoders: dict[str, TrainedWith] = Field(default_factory=dict)
    """Slot → the encoder it was trained with; a pipeline with others is refused. Empty where it does not say."""
    hidden: int
    """Width of the language model's embeddings."""
    prompt: PromptForm = PromptForm()
    labels: tuple[str, ...] = Field(default=LABELS, min_length=1)
    written: dict[str, str] = Field(default_factory=dict)
    """Label → how it is written as an answer, where that differs: "disgusted" → "disgust", a single token."""
    temperature: float = Field(default=1.0, gt=0)
    """Divides the labels' log-probabilities; calibrated on held-out data."""
    prior: dict[str, float] = Field(default_factory=dict)
    """Label → what is subtracted from its log-probability before the temperature; see the model's card."""
    window: float | None = Field(default=None, gt=0)
    """Seconds it judges at once, as long as what it was trained on; a clip that is clearly longer is judged window by
    window, and its scores are their mean. None judges every clip as a whole."""
    hop: float = Field(default=1.0, gt=0)
    """Seconds from one window to the next."""
    lead: str = ""
    """How an explanation begins; `{label}` stands for the label that was scored highest."""
    coordinates: dict[str, tuple[float, float]] = Field(default_factory=dict)
    """Label → (valence, arousal), each from -1 to 1."""
    shows_measured: bool = False
    """Whether what was observed is shown in words, in the prompt, when it is asked to explain; see `observed`."""
    words: str | None = None
    """Slot of sentence vectors."""
    languages: tuple[str, ...] = ()
    """The languages of the words it reads, such as "en"; words in others are left out. Empty: any."""
    face: str | None = None
    """Slot of an expression classifier whose probabilities count less where the person talks, or smiles without raised
    lip corners; see `affekt_clues.expression`."""
    opinions: bool = False
    """Whether every token is an opinion (`opinions`): labels are read from the tokens then, slots can be trusted less
    and asked alone, and the language model only explains."""
    trained_on: tuple[str, ...] = ()
    """Data sets, each with its split where only that was used: "RAVDESS", "FER2013 train". Benchmarks warn of them."""
    licence: str = ""
    """The licence of the data it was trained on, and hence of the weights."""

    def fusion(self) -> nn.Module:
        """The fusion module with random weights.

        Raises:
            WeightsError: the fuser cannot be trained, so it has no module.
        """
        fuser = plugins().create("fuser", self.fuser.use, **self.fuser.options)
        if not isinstance(fuser, TrainableFuser):
            raise WeightsError(f'the fuser "{self.fuser.use}" offers no torch module', hint="linear")
        return fuser.module(self.dims, self.hidden)


def locate(name: str, revision: str | None = None) -> Path:
    """The folder of a saved model: one of `affekt weights list`, a folder, or a repository of the hub.

    Raises:
        WeightsError: there is none of this name.
    """
    folder = fetch(
        name, revision=revision, files=(CONFIG, f"{ADAPTER}/*", f"{MERGED['safetensors']}/*", MERGED["gguf"])
    )
    if not (folder / CONFIG).is_file():
        content = ", ".join(sorted(path.name for path in folder.iterdir())[:8]) or "nothing"
        raise WeightsError(f'"{folder}" holds no {CONFIG}; found {content}', hint="a folder written by save_pretrained")
    return folder


def in_use(model: str | None, language_model: bool = False) -> tuple[str, ...]:
    """The names that a saved model has in `affekt weights list`, for provenance; none for one of another origin.

    Args:
        language_model: also that of the language model it adapts, where the saved model lies on this machine.
    """
    if model is None:
        return ()
    entries = catalogue()
    names = [model]
    if language_model and (model in entries or (Path(model) / CONFIG).is_file()):
        names.append(read_config(locate(model)).language_model)
    return tuple(name for name in names if name in entries)


def language_model_of(config: ModelConfig, folder: Path) -> tuple[str, str | None]:
    """What `language_model.load` takes: a name and its revision, or the merged model in the folder.

    Raises:
        WeightsError: it should be in the folder and is not.
    """
    if config.merged is None:
        return config.language_model, config.revision
    path = folder / MERGED[config.merged]
    if not path.exists():
        raise WeightsError(f'"{folder}" holds a merged model, but "{path.name}" is not there', hint="save it anew")
    return str(path), None


def remove_language_model(folder: Path) -> None:
    """Removes adapters and merged weights that an earlier model left in a folder to be written anew."""
    for name in (ADAPTER, MERGED["safetensors"]):
        if (folder / CONFIG).is_file() and (folder / name).is_dir():
            shutil.rmtree(folder / name)
    if (folder / CONFIG).is_file():
        (folder / MERGED["gguf"]).unlink(missing_ok=True)


def write_packages(folder: Path) -> None:
    """Writes the name and version of every installed distribution, as `pip install -r` reads them."""
    versions = {dist.metadata["Name"]: dist.version for dist in distributions() if dist.metadata["Name"]}
    lines = [f"{name}=={versions[name]}" for name in sorted(versions, key=str.lower)]
    (folder / PACKAGES).write_text("\n".join([*lines, ""]), encoding="utf-8")


def read_config(folder: Path) -> ModelConfig:
    """Reads a saved model's configuration.

    Raises:
        WeightsError: it is not one.
    """
    try:
        values = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        if isinstance(values, dict):
            values.pop("explains", None)  # of models saved by 0.1.0
        return ModelConfig.model_validate(values)
    except (ValidationError, ValueError) as error:
        first = str(error).splitlines()
        raise WeightsError(f'"{folder / CONFIG}" is no configuration: {"; ".join(first[:4])}') from error


def write_config(config: ModelConfig, folder: Path) -> None:
    """Writes it; the file is made to be read."""
    text = json.dumps(config.model_dump(mode="json"), indent=2, ensure_ascii=False)
    (folder / CONFIG).write_text(f"{text}\n", encoding="utf-8")


def read_fusion(folder: Path, config: ModelConfig) -> nn.Module:
    """The fusion module with its weights.

    Raises:
        WeightsError: tensors are missing, left over or of another shape; all are listed.
    """
    module = config.fusion()
    state = {name: tensor.float() for name, tensor in load_state(folder / PROJECTIONS).items()}
    load_exactly(module, state, str(folder / PROJECTIONS))
    return module.eval()


def write_fusion(module: nn.Module, folder: Path, dtype: torch.dtype | None = None) -> None:
    """Writes the fusion module's tensors, in another precision where one is given."""
    state = {name: tensor.detach().cpu().contiguous() for name, tensor in module.state_dict().items()}
    save_file({name: tensor.to(dtype) if dtype else tensor for name, tensor in state.items()}, folder / PROJECTIONS)


def load_exactly(module: nn.Module, state: Mapping[str, Tensor], where: str) -> None:
    """Loads a table of tensors, or says everything that does not fit.

    Raises:
        WeightsError: tensors are missing, left over or of another shape; all are listed.
    """
    problems = differences({name: own.shape for name, own in module.state_dict().items()}, state)
    if problems:
        raise WeightsError(f"{where} does not fit:\n" + "\n".join(f"  {problem}" for problem in problems))
    module.load_state_dict(dict(state))


def differences(wanted: Mapping[str, torch.Size], state: Mapping[str, Tensor]) -> list[str]:
    """Every tensor that is missing, unexpected or of another shape, in words."""
    return [
        *(f"missing: {name} {list(wanted[name])}" for name in sorted(wanted.keys() - state.keys())),
        *(f"unexpected: {name} {list(state[name].shape)}" for name in sorted(state.keys() - wanted.keys())),
        *(
            f"shape: {name} should be {list(wanted[name])}, found {list(state[name].shape)}"
            for name in sorted(wanted.keys() & state.keys())
            if state[name].shape != wanted[name]
        ),
    ]


def load_fuser(kind: str, name: str | None, revision: str | None, device: str) -> Loaded:
    """A fuser's module and the widths it knows, out of a saved model.

    Raises:
        OptionsError: this machine has no such device.
        WeightsError: no model is named, it cannot be had, or its fuser is another one.
    """
    if name is None:
        raise WeightsError(f"the fuser {kind} has no weights", hint=f"fuser: {{use: {kind}, model: A_SAVED_MODEL}}")
    where = device_of(device)
    folder = locate(name, revision)
    config = read_config(folder)
    if config.fuser.use != kind:
        raise WeightsError(f'"{name}" has the fuser {config.fuser.use}, not {kind}', hint=f"use: {config.fuser.use}")
    return Loaded(module=read_fusion(folder, config).to(where), dims=config.dims)
