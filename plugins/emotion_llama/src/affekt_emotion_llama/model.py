"""Emotion-LLaMA as one object: fusion module, language model with its adapters, tokenizer and configuration."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Self

import torch
from affekt import MissingDependency, WeightsError
from affekt_encoding.devices import device_of
from affekt_weights import load_state
from peft import LoraConfig, PeftModel, get_peft_model_state_dict, set_peft_model_state_dict
from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from affekt_emotion_llama.card import card_of
from affekt_emotion_llama.language import int8
from affekt_emotion_llama.language import language_model as language
from affekt_emotion_llama.saved import (
    ADAPTER,
    CARD,
    MERGED,
    ModelConfig,
    differences,
    language_model_of,
    locate,
    read_config,
    read_fusion,
    remove_language_model,
    write_config,
    write_fusion,
    write_packages,
)

WEIGHTS = "adapter_model.safetensors"


@dataclass(frozen=True, kw_only=True)
class EmotionLlama:
    """A model to train, to run and to save."""

    config: ModelConfig
    fusion: nn.Module
    """See `streams.FusionModule`."""
    language_model: PreTrainedModel | PeftModel
    tokenizer: PreTrainedTokenizerBase
    merged: bool = False
    """Whether adapters were folded into the language model's weights, so that they have to be saved with it."""

    @property
    def plain(self) -> PreTrainedModel:
        """The language model with its adapters in place; what `scoring` and `sequence` take."""
        return language.plain(self.language_model)

    @classmethod
    def from_pretrained(
        cls,
        name: str,
        *,
        revision: str | None = None,
        device: str = "cpu",
        dtype: language.Dtype = "float32",
        bits: Literal[4, 8] | None = None,
        merge: bool = False,
    ) -> Self:
        """Loads what `save_pretrained` wrote: a folder, a repository of the hub, or a shipped name.

        Args:
            merge: fold the adapters into the frozen weights, for speed; not while they are quantised. Saved, such a
                model is whole.

        Raises:
            OptionsError: this machine has no such device.
            WeightsError: it cannot be had, or its parts do not fit each other; every tensor at fault is listed.
        """
        device_of(device)
        folder = locate(name, revision)
        config = read_config(folder)
        source, source_revision = language_model_of(config, folder)
        loaded = language.load(source, revision=source_revision, device=device, dtype=dtype, bits=bits)
        if (hidden := loaded.model.config.hidden_size) != config.hidden:
            raise WeightsError(
                f'"{folder}" was made for embeddings {config.hidden} wide; "{config.language_model}" has {hidden}'
            )
        adapted: Any = loaded.model
        if config.merged is None and (folder / ADAPTER).is_dir():
            adapted = read_adapter(loaded.model, folder / ADAPTER)
        fusion = read_fusion(folder, config).to(device, getattr(torch, dtype))
        model = cls(
            config=config, fusion=fusion, language_model=adapted.eval(), tokenizer=loaded.tokenizer,
            merged=config.merged is not None,
        )  # fmt: skip
        return model.merge() if merge and bits is None else model

    def merge(self) -> Self:
        """The model with its adapters folded into the language model's weights, which are changed in place.

        Raises:
            WeightsError: the weights are quantised, which would lose what the adapters learnt.
        """
        if not isinstance(self.language_model, PeftModel):
            return self
        if getattr(self.plain, "is_quantized", False):
            raise WeightsError("adapters cannot be merged into quantised weights", hint="load it with bits=None")
        merged: Any = self.language_model.merge_and_unload()
        return replace(self, language_model=merged.eval(), merged=True)

    def save_pretrained(self, folder: str | Path, *, dtype: torch.dtype | None = None, card: str | None = None) -> None:
        """Writes configuration, projections, adapters, a model card and the versions of the installed packages.

        The language model itself stays where it is, unless adapters were merged into it: then it is written whole.

        Args:
            dtype: of the tensors; None keeps theirs.
            card: instead of the one made from the configuration.

        Raises:
            WeightsError: the merged weights are quantised.
        """
        if self.merged and (getattr(self.plain, "is_quantized", False) or int8.is_quantised(self.plain)):
            raise WeightsError(
                "merged weights that are quantised cannot be saved", hint="load it with bits=None and dtype float32"
            )
        folder = Path(folder)
        config = self.config.model_copy(update={"merged": "safetensors" if self.merged else None})
        self.write_without_language_model(folder, config, dtype=dtype, card=card)
        if self.merged:
            state = {name: tensor.to(dtype or tensor.dtype) for name, tensor in self.plain.state_dict().items()}
            self.plain.save_pretrained(folder / MERGED["safetensors"], state_dict=state)
            self.tokenizer.save_pretrained(folder / MERGED["safetensors"])
        elif isinstance(self.language_model, PeftModel):
            state = get_peft_model_state_dict(self.language_model, save_embedding_layers=False)
            state = {
                name: tensor.detach().cpu().contiguous().to(dtype or tensor.dtype) for name, tensor in state.items()
            }
            write_adapter(self.language_model, state, folder / ADAPTER)

    def write_without_language_model(
        self, folder: Path, config: ModelConfig, *, dtype: torch.dtype | None = None, card: str | None = None
    ) -> None:
        """Writes all but adapters and language model, and removes those that an earlier model left in the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        remove_language_model(folder)
        write_config(config, folder)
        write_fusion(self.fusion, folder, dtype)
        write_packages(folder)
        (folder / CARD).write_text(card or card_of(config), encoding="utf-8")

    def push_to_hub(self, repo: str, *, private: bool = True, token: str | None = None) -> str:
        """Saves to a temporary folder and uploads it to the hub of `HF_ENDPOINT`; returns the commit's address.

        Raises:
            MissingDependency: huggingface_hub is not installed.
        """
        import os
        import tempfile

        try:
            from huggingface_hub import HfApi
        except ImportError as error:
            raise MissingDependency("push_to_hub needs huggingface_hub", hint="pip install huggingface_hub") from error
        api = HfApi(endpoint=os.environ.get("HF_ENDPOINT"), token=token)
        api.create_repo(repo, private=private, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            self.save_pretrained(folder)
            return str(api.upload_folder(repo_id=repo, folder_path=folder, commit_message="Emotion-LLaMA for affekt"))


def read_adapter(model: PreTrainedModel, folder: Path) -> PeftModel:
    """The model with the adapters of a folder that PEFT or `save_pretrained` wrote.

    Raises:
        WeightsError: an adapter tensor is missing, left over or of another shape; all are listed. PEFT itself would
            leave such adapters at their random or zero start.
    """
    try:
        settings: Any = LoraConfig.from_pretrained(str(folder))
    except (OSError, ValueError, TypeError) as error:
        raise WeightsError(
            f'"{folder}" holds no adapter of PEFT: {error}', hint="a folder with adapter_config.json"
        ) from error
    adapted = language.with_adapters(model, settings)
    state = load_state(folder / WEIGHTS)
    fill_adapter(adapted, state, str(folder / WEIGHTS))
    return adapted


def fill_adapter(adapted: PeftModel, state: dict[str, torch.Tensor], where: str) -> None:
    """Loads adapter tensors under PEFT's saved names, or says everything that does not fit.

    Raises:
        WeightsError: tensors are missing, left over or of another shape; all are listed.
    """
    own = get_peft_model_state_dict(adapted, save_embedding_layers=False)
    if problems := differences({name: tensor.shape for name, tensor in own.items()}, state):
        raise WeightsError(f"{where} does not fit:\n" + "\n".join(f"  {problem}" for problem in problems))
    set_peft_model_state_dict(adapted, {name: tensor.to(own[name].dtype) for name, tensor in state.items()})


def write_adapter(adapted: PeftModel, state: dict[str, torch.Tensor], folder: Path) -> None:
    """Writes adapters so that `PeftModel.from_pretrained` reads them too."""
    from copy import deepcopy

    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    settings = deepcopy(adapted.peft_config["default"])
    settings.inference_mode = True
    settings.base_model_name_or_path = None  # a path of the machine it was trained on
    settings.save_pretrained(str(folder))
    save_file(state, folder / WEIGHTS, metadata={"format": "pt"})
