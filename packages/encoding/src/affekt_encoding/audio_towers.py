"""Audio language models of transformers: the states of their Whisper-shaped encoder, and their answer to a question.

Qwen2-Audio and Audio Flamingo 3 share the shape: mel frames padded to 30 s, Whisper's encoder, an average over pairs of
rows, a norm, a projection into the embeddings of a language model. Needs transformers, which the plugins declare.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import torch
from affekt import WeightsError
from affekt_weights import UnsafeWeights
from safetensors import SafetensorError, safe_open
from torch import Tensor
from torch.nn.functional import avg_pool1d
from transformers import AutoConfig, AutoProcessor, PreTrainedModel, WhisperFeatureExtractor

from affekt_encoding.checkpoints import load_pretrained, pretrained_folder, silent_loading
from affekt_encoding.devices import device_of, dtype_of
from affekt_encoding.hearing import Clock, Samples
from affekt_encoding.layers import chosen_layers, cut_after, side_by_side, states_of

Tower = TypeVar("Tower", bound=PreTrainedModel)

CLOCK = Clock(sample_rate=16_000, stride=640, field=640)
"""A mel frame every 10 ms, every other one after the convolutions, the average of two of those."""
LONGEST = 30.0
"""Seconds that the encoder hears at once; shorter sound is padded with silence, as in training."""
PREFIXES = ("audio_tower.", "model.audio_tower.")
"""Of the encoder's weights, in published checkpoints and in those that some versions of transformers write."""


def load_tower(
    kind: type[Tower],
    model: str | Path,
    *,
    layer: int | Sequence[int],
    revision: str | None = None,
    device: str = "cpu",
    dtype: str = "float32",
) -> Tower:
    """The audio encoder alone, without the blocks above the wanted layers: the language model is not read from disk.

    Raises:
        WeightsError: there is no such model, or it holds no whole encoder of this kind.
        OptionsError: there is no such layer or device.
    """
    where, arithmetic = device_of(device), dtype_of(dtype)
    folder = pretrained_folder(model, revision)
    try:
        config: Any = AutoConfig.from_pretrained(folder)
        with torch.device("meta"):
            tower = kind(config.audio_config)
        tower.load_state_dict(_tower_weights(folder, arithmetic), assign=True)
    except (OSError, ValueError, KeyError, AttributeError, RuntimeError, SafetensorError) as error:
        raise WeightsError(
            f'"{folder}" holds no whole {kind.__name__}: {" ".join(str(error).split())[:300]}',
            hint="a folder that save_pretrained wrote, or a Hugging Face repository of this kind of model",
        ) from error
    parts: Any = tower
    cut_after(parts.layers, chosen_layers(layer, parts.config.encoder_layers))
    parts.to(where)
    return tower.eval()


def _tower_weights(folder: Path, dtype: torch.dtype) -> dict[str, Tensor]:
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise UnsafeWeights(
            f'"{folder}" has no *.safetensors', hint="model.save_pretrained(folder) of a recent version"
        )
    weights = {}
    for path in files:
        with safe_open(path, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118  # it is no mapping
                for prefix in PREFIXES:
                    if name.startswith(prefix):
                        weights[name.removeprefix(prefix)] = file.get_tensor(name).to(dtype)
    return weights


def mel_of(model: str | Path, revision: str | None, bins: int) -> WhisperFeatureExtractor:
    """The mel frames that the checkpoint was trained on."""
    folder = pretrained_folder(model, revision)
    if (folder / "preprocessor_config.json").is_file() or (folder / "processor_config.json").is_file():
        return WhisperFeatureExtractor.from_pretrained(folder)  # type: ignore[no-any-return, unused-ignore]
    return WhisperFeatureExtractor(feature_size=bins)


def tower_rows(
    tower: Any,
    mel: WhisperFeatureExtractor,
    sounds: list[Samples],
    layer: int | Sequence[int],
    forward: Callable[[Tensor, Tensor], Tensor],
) -> list[Any]:
    """Rows of the chosen layers, 40 ms each; those below the last are averaged over pairs as the last one is.

    Args:
        forward: mel frames [sound, bin, frame] and their mask [sound, frame] → the last hidden state.
    """
    given = mel(
        sounds,
        sampling_rate=CLOCK.sample_rate,
        padding="max_length",
        return_attention_mask=True,
        return_tensors="pt",
    )
    count = tower.config.encoder_layers
    layers = chosen_layers(layer, count)
    with torch.inference_mode(), states_of(tower.layers, layers) as states:
        last = forward(given.input_features.to(tower.device, tower.dtype), given.attention_mask.to(tower.device))
        for index in set(layers) - {count}:
            states[index] = avg_pool1d(states[index].transpose(1, 2), 2).transpose(1, 2)
    if count in layers:
        states[count] = last
    rows = side_by_side(states, layers).cpu().numpy()
    return [kept[: CLOCK.rows(len(sound))] for kept, sound in zip(rows, sounds, strict=True)]


def load_describer(
    kind: type[Tower], model: str | Path, *, revision: str | None, device: str, dtype: str
) -> tuple[Tower, Any]:
    """The whole model, and the processor that writes its prompts.

    Raises:
        WeightsError: there is no such model, or the folder lacks the processor's files.
    """
    network = load_pretrained(kind, model, revision=revision, device=device, dtype=dtype)
    folder = pretrained_folder(model, revision)
    try:
        with silent_loading():
            return network, AutoProcessor.from_pretrained(folder)
    except (OSError, ValueError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise WeightsError(
            f'"{folder}" has no processor: {" ".join(str(error).split())[:300]}',
            hint="a folder with tokenizer.json, preprocessor_config.json and a chat template",
        ) from error


@torch.inference_mode()
def answer(network: Any, processor: Any, sound: Samples, question: str, most_tokens: int) -> str:
    """What the model answers about the sound, in one line; the most likely words, so that it repeats itself."""
    content = [{"type": "audio", "audio_url": "the clip"}, {"type": "text", "text": question}]
    prompt = processor.apply_chat_template(
        [{"role": "user", "content": content}], add_generation_prompt=True, tokenize=False
    )
    given = processor(text=[prompt], audio=[sound], sampling_rate=CLOCK.sample_rate, return_tensors="pt")
    given = given.to(network.device)
    given["input_features"] = given["input_features"].to(network.dtype)
    said = network.generate(**given, max_new_tokens=most_tokens, do_sample=False)
    words = processor.tokenizer.decode(said[0, given["input_ids"].shape[1] :], skip_special_tokens=True)
    return " ".join(words.split())
