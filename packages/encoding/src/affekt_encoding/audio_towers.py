"""Audio language models of transformers: the states of their Whisper-shaped encoder. What they say: `describers`.

Qwen2-Audio and Audio Flamingo 3 share the shape: mel frames padded to 30 s, Whisper's encoder, an average over pairs of
rows, a norm, a projection into the embeddings of a language model. Needs transformers, which the plugins declare.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from affekt import Clip, Features, Missing, WeightsError
from affekt_weights import UnsafeWeights
from safetensors import SafetensorError, safe_open
from torch import Tensor
from torch.nn.functional import avg_pool1d

from affekt_encoding.checkpoints import pretrained_folder
from affekt_encoding.devices import device_of, dtype_of
from affekt_encoding.hearing import Clock, Listening, Samples, hear
from affekt_encoding.layers import chosen_layers, cut_after, side_by_side, states_of
from affekt_encoding.pooling import pooled
from affekt_encoding.torch_builds import matching_builds

with matching_builds():
    from transformers import AutoConfig, PreTrainedModel, WhisperFeatureExtractor

Network = TypeVar("Network", bound=PreTrainedModel)

CLOCK = Clock(sample_rate=16_000, stride=640, field=640)
"""A mel frame every 10 ms, every other one after the convolutions, the average of two of those."""
LONGEST = 30.0
"""Seconds that the encoder hears at once; shorter sound is padded with silence, as in training."""
PREFIXES = ("audio_tower.", "model.audio_tower.")
"""The prefixes of the encoder's weights in published checkpoints and in those of some versions of transformers."""


@dataclass(frozen=True, kw_only=True)
class Tower:
    """An audio encoder alone."""

    network: Any
    mel: WhisperFeatureExtractor
    """The mel frames that the checkpoint was trained on."""


def load_tower(
    kind: type[PreTrainedModel],
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
            network: Any = kind(config.audio_config)
        network.load_state_dict(_tower_weights(folder, arithmetic), assign=True)
    except (OSError, ValueError, KeyError, AttributeError, RuntimeError, SafetensorError) as error:
        raise WeightsError(
            f'"{folder}" holds no whole {kind.__name__}: {" ".join(str(error).split())[:300]}',
            hint="a folder that save_pretrained wrote, or a Hugging Face repository of this kind of model",
        ) from error
    cut_after(network.layers, chosen_layers(layer, network.config.encoder_layers))
    return Tower(network=network.to(where).eval(), mel=_mel(folder, network.config.num_mel_bins))


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


def _mel(folder: Path, bins: int) -> WhisperFeatureExtractor:
    if (folder / "preprocessor_config.json").is_file() or (folder / "processor_config.json").is_file():
        return WhisperFeatureExtractor.from_pretrained(folder)  # type: ignore[no-any-return, unused-ignore]
    return WhisperFeatureExtractor(feature_size=bins)  # type: ignore[no-untyped-call, unused-ignore]


def encode_sounds(
    clips: Sequence[Clip],
    tower: Callable[[], Tower],
    forward: Callable[[Any, Tensor, Tensor], Tensor],
    *,
    layer: int | Sequence[int],
    batch_size: int,
    pool: str,
    segments: int,
) -> list[Features | Missing]:
    """Rows of the chosen layers of every clip, or why it has none.

    Args:
        tower: what `load_tower` gave; called only where something is to be heard.
        forward: the network, mel frames [sound, bin, frame] and their mask [sound, frame] → the last hidden state.
    """
    listening = Listening(window=LONGEST, margin=0.0, batch_size=batch_size, padding=1.0)

    def run(sounds: list[Samples]) -> list[Any]:
        return _rows(tower(), sounds, layer, forward)

    return hear(clips, run, CLOCK, listening, lambda rows: pooled(rows, pool, segments))


def _rows(
    tower: Tower,
    sounds: list[Samples],
    layer: int | Sequence[int],
    forward: Callable[[Any, Tensor, Tensor], Tensor],
) -> list[Any]:
    """40 ms each; the layers below the last are averaged over pairs of rows as the last one is."""
    network = tower.network
    given = tower.mel(
        sounds,
        sampling_rate=CLOCK.sample_rate,
        padding="max_length",
        return_attention_mask=True,
        return_tensors="pt",
    )
    count = network.config.encoder_layers
    layers = chosen_layers(layer, count)
    mel, mask = given.input_features.to(network.device, network.dtype), given.attention_mask.to(network.device)
    with torch.inference_mode(), states_of(network.layers, layers) as states:
        last = forward(network, mel, mask)
        for index in set(layers) - {count}:
            states[index] = avg_pool1d(states[index].transpose(1, 2), 2).transpose(1, 2)
    if count in layers:
        states[count] = last
    rows = side_by_side(states, layers).cpu().numpy()
    return [kept[: CLOCK.rows(len(sound))] for kept, sound in zip(rows, sounds, strict=True)]
