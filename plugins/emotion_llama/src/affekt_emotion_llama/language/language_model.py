"""A causal language model of the LLaMA family with its tokenizer, whole or quantised, with LoRA by PEFT."""

import warnings
from importlib.util import find_spec
from typing import Any, Literal

import torch
from affekt import MissingDependency, OptionsError
from affekt_llama import checkpoint
from peft import LoraConfig, PeftModel, get_peft_model
from pydantic import BaseModel, ConfigDict, Field
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig, PreTrainedModel

Dtype = Literal["float32", "bfloat16", "float16"]


class Lora(BaseModel):
    """Low-rank adapters; the defaults are Emotion-LLaMA's (33,554,432 parameters on Llama-2-7B)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rank: int = Field(default=64, gt=0)
    alpha: float = Field(default=16, gt=0)
    """The adapters' output is scaled by alpha / rank."""
    dropout: float = Field(default=0.05, ge=0, lt=1)
    targets: tuple[str, ...] = ("q_proj", "v_proj")

    def config(self) -> LoraConfig:
        """The configuration as PEFT takes it."""
        return LoraConfig(
            r=self.rank,
            lora_alpha=self.alpha,  # type: ignore[arg-type]  # PEFT only multiplies with it
            lora_dropout=self.dropout,
            target_modules=list(self.targets),
            bias="none",
            task_type="CAUSAL_LM",
        )


def load(
    name: str,
    *,
    revision: str | None = None,
    device: str = "cpu",
    dtype: Dtype = "float32",
    bits: Literal[4, 8] | None = None,
) -> checkpoint.Checkpoint:
    """Loads a causal language model and its tokenizer.

    Args:
        name: of `affekt weights list`, a Hugging Face repository, a folder, or a GGUF file.
        bits: quantise the frozen weights with bitsandbytes.

    Raises:
        WeightsError: the model cannot be had.
        MissingDependency: `bits` is given and bitsandbytes is not installed.
        OptionsError: `bits` is given, and `device` is a GPU that is not there or of a kind that cannot run them.
    """
    if bits is None:
        return checkpoint.load(name, revision=revision, device=device, dtype=dtype)
    settings = _quantised(bits, device, dtype)
    folder = checkpoint.local(name, revision)
    with checkpoint.bars(False):
        model: Any = AutoModelForCausalLM.from_pretrained(
            folder, local_files_only=True, dtype=getattr(torch, dtype), quantization_config=settings,
            device_map={"": device},
        )  # fmt: skip
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    return checkpoint.Checkpoint(model=model.eval(), tokenizer=tokenizer)


def _quantised(bits: Literal[4, 8], device: str, dtype: Dtype) -> BitsAndBytesConfig:
    if find_spec("bitsandbytes") is None:
        raise MissingDependency(
            f"loading in {bits} bit needs bitsandbytes", hint='pip install "affekt-emotion-llama[quantised]"'
        )
    if not device.startswith(("cuda", "cpu")):
        raise OptionsError(f'{bits} bit runs on CUDA GPUs and CPUs; device is "{device}"', hint="device: cuda")
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise OptionsError(f'device is "{device}", and this machine has no CUDA GPU', hint="device: cpu, or bits: null")
    if bits == 8:
        return BitsAndBytesConfig(load_in_8bit=True)  # type: ignore[no-untyped-call]
    return BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=getattr(torch, dtype)
    )


def adapt(model: PreTrainedModel, lora: Lora) -> PeftModel:
    """The model with fresh adapters; everything else is frozen.

    Raises:
        OptionsError: no layer of the model has one of the names in `lora.targets`.
    """
    names = {name.rpartition(".")[2] for name, _ in model.named_modules()}
    if absent := [target for target in lora.targets if target not in names]:
        raise OptionsError(f"LoRA targets {absent}, but {type(model).__name__} has no such layers",
                           hint="q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj")  # fmt: skip
    return with_adapters(model, lora.config())


def with_adapters(model: PreTrainedModel, settings: LoraConfig) -> PeftModel:
    """PEFT's own function, without its talk about names that transformers will drop one day."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        adapted: PeftModel = get_peft_model(model, settings)
    return adapted


def plain(model: PreTrainedModel | PeftModel) -> PreTrainedModel:
    """The language model itself, its adapters in place: what `scoring` and `sequence` work on."""
    return model.get_base_model() if isinstance(model, PeftModel) else model  # type: ignore[return-value]
