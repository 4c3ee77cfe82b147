"""Checkpoints of the original Emotion-LLaMA (.pth): read, checked, converted, and written back.

    python -m affekt_emotion_llama.upstream Emotion_LLaMA.pth OUT --language-model meta-llama/Llama-2-7b-chat-hf
    python -m affekt_emotion_llama.upstream OUT checkpoint.pth --back

The original loads with `strict=False` and prints nothing, so that under a newer PEFT all LoRA weights are lost without
a word. Here every tensor must find its place. Two kinds are left out on purpose: `attention.*`, a classifier that
is saved but never called, and rotary buffers, which transformers computes.
"""

import argparse
import pickle
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from affekt import AffektError, WeightsError
from affekt_weights import UnsafeWeights
from peft import PeftModel, get_peft_model_state_dict
from torch import Tensor

from affekt_emotion_llama.language import language_model as language
from affekt_emotion_llama.language.prompt import PromptForm
from affekt_emotion_llama.model import EmotionLlama, fill_adapter
from affekt_emotion_llama.projections import PAPER, Projection
from affekt_emotion_llama.saved import FuserUse, ModelConfig, differences

DEAD = re.compile(r"^attention\.|\.rotary_emb\.")
LLAMA = "llama_model."


def read(path: str | Path) -> dict[str, Tensor]:
    """The tensors of a checkpoint; nothing in the file is run.

    Raises:
        UnsafeWeights: the file holds objects that could run code when unpickled.
        WeightsError: the file is no checkpoint.
    """
    try:
        stored: Any = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise UnsafeWeights(
            f'"{path}" holds more than tensors and could run code: {str(error).splitlines()[0]}',
            hint="a checkpoint from its authors; theirs hold tensors, numbers and text only",
        ) from error
    except (OSError, RuntimeError, EOFError, KeyError) as error:
        raise WeightsError(f'"{path}" is no checkpoint of PyTorch: {str(error).splitlines()[0]}') from error
    state = stored.get("model", stored) if isinstance(stored, dict) else stored
    if not isinstance(state, dict) or not all(isinstance(tensor, Tensor) for tensor in state.values()):
        raise WeightsError(f'"{path}" has no table of tensors under "model"; found {type(state).__name__}')
    return state


def load(
    path: str | Path,
    *,
    language_model: str,
    revision: str | None = None,
    config: ModelConfig | None = None,
    lora: language.Lora | None = None,
    device: str = "cpu",
    dtype: language.Dtype = "float32",
) -> EmotionLlama:
    """A checkpoint on top of its language model.

    Args:
        config: of the fuser and the prompt; by default the paper's five projections, with widths as in the file.
        lora: by default the paper's alpha of 16 with the rank of the file.

    Raises:
        WeightsError: tensors are missing, unexpected or of another shape; all are listed.
    """
    llama, others = _split(read(path))
    loaded = language.load(language_model, revision=revision, device=device, dtype=dtype)
    ranks = {tensor.shape[0] for name, tensor in llama.items() if name.endswith("lora_A.weight")}
    adapted = language.adapt(loaded.model, lora or language.Lora(rank=max(ranks, default=64)))
    config = config or ModelConfig(
        language_model=language_model, revision=revision, dims=_dims(others), hidden=loaded.model.config.hidden_size
    )
    fusion = config.fusion()
    names = {name.removeprefix("own."): name for name in fusion.state_dict()}
    own = {name: fusion.state_dict()[stored].shape for name, stored in names.items()}
    adapters = {name: tensor.shape for name, tensor in get_peft_model_state_dict(adapted).items()}
    wanted = own | {LLAMA + name: shape for name, shape in adapters.items()}
    tensors = others | {LLAMA + name: tensor for name, tensor in llama.items()}
    if problems := differences(wanted, tensors):
        raise WeightsError(
            f'"{path}" does not fit {language_model}:\n' + "\n".join(f"  {problem}" for problem in problems),
            hint="the language model and the fuser it was trained with",
        )
    fusion.load_state_dict({names[name]: tensor for name, tensor in others.items()})
    fill_adapter(adapted, llama, str(path))
    return EmotionLlama(
        config=config,
        fusion=fusion.to(device, getattr(torch, dtype)).eval(),
        language_model=adapted.eval(),
        tokenizer=loaded.tokenizer,
    )


def write(model: EmotionLlama, path: str | Path) -> None:
    """Writes a checkpoint that the original code loads (with peft 0.2, as its environment has).

    Raises:
        WeightsError: the model has no adapters.
    """
    if not isinstance(model.language_model, PeftModel):
        raise WeightsError("the original layout needs LoRA adapters; this model has none, or they were merged")
    state = {name.removeprefix("own."): tensor.detach().cpu() for name, tensor in model.fusion.state_dict().items()}
    adapters = get_peft_model_state_dict(model.language_model, save_embedding_layers=False)
    state |= {LLAMA + name: tensor.detach().cpu() for name, tensor in adapters.items()}
    torch.save({"model": state, "optimizer": {}, "config": {}, "scaler": None, "epoch": 0}, path)


def _split(state: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Adapters under PEFT's saved names, and everything else that is alive."""
    alive = {name: tensor for name, tensor in state.items() if not DEAD.search(name)}
    llama = {
        re.sub(r"\.(lora_[AB])\.default\.", r".\1.", name.removeprefix(LLAMA)): tensor
        for name, tensor in alive.items()
        if name.startswith(LLAMA)
    }
    return llama, {name: tensor for name, tensor in alive.items() if not name.startswith(LLAMA)}


def _dims(others: Mapping[str, Tensor]) -> dict[str, int]:
    """Slot → columns, from the shapes of the paper's projections; the paper's own where a projection is missing."""
    usual = {"image": 1408, "mae": 1024, "videomae": 1024, "speech": 1024}
    widths = {projection.slot: _columns(projection, others) for projection in reversed(PAPER)}
    return {slot: widths[slot] or width for slot, width in usual.items()}


def _columns(projection: Projection, others: Mapping[str, Tensor]) -> int | None:
    weight = others.get(f"{projection.name}.weight")
    return None if weight is None else weight.shape[1] // projection.width(1)


def main() -> None:
    """Runs the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("out")
    parser.add_argument("--language-model", default="meta-llama/Llama-2-7b-chat-hf")
    parser.add_argument("--layout", default="paper", choices=["paper", "upstream-eval"])
    parser.add_argument("--dtype", default="float16", choices=["float32", "bfloat16", "float16"])
    parser.add_argument("--back", action="store_true", help="from a saved model to a checkpoint of the original")
    asked = parser.parse_args()
    try:
        _convert(asked)
    except AffektError as error:
        sys.exit(f"Error: {error}")


def _convert(asked: argparse.Namespace) -> None:
    if asked.back:
        write(EmotionLlama.from_pretrained(asked.source, dtype=asked.dtype), asked.out)
        return
    model = load(asked.source, language_model=asked.language_model, dtype=asked.dtype)
    config = model.config.model_copy(update={"prompt": PromptForm(layout=asked.layout), "fuser": FuserUse()})
    EmotionLlama(**{**vars(model), "config": config}).save_pretrained(asked.out)


if __name__ == "__main__":
    main()
