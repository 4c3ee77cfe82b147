"""A recogniser of MMAction2 without its head: backbone, preprocessor and pipeline, all as its config says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from affekt import OptionsError, WeightsError
from affekt_encoding.devices import device_of, dtype_of
from affekt_encoding.torch_files import fill, read_weights
from jaxtyping import UInt8
from mmengine import Config, ConfigDict  # type: ignore[import-untyped]
from torch import Tensor, nn

from affekt_mmaction2.imports import registries
from affekt_mmaction2.stages import states

STATISTICS = ("running_mean", "running_var")
"""Buffers that training fills; the others follow from the config, and checkpoints may leave them out."""


@dataclass(frozen=True, kw_only=True)
class Recognizer:
    """What turns frames into features."""

    backbone: nn.Module
    preprocessor: nn.Module
    """The module that normalises the pictures."""
    transforms: Any
    """Resizes, crops and orders."""
    clip_len: int
    """The number of frames of one input."""
    interval: int
    """The number of frames from one that was taken to the next, in the videos it was trained on."""
    flat: bool
    """True where it looks at single pictures (TSN, TSM), which then give a row each."""

    def packed(self, frames: UInt8[np.ndarray, "time height width 3"]) -> Tensor:
        """Frames as the config's own pipeline makes them, one entry a crop."""
        inputs: Tensor = self.transforms(
            {
                "imgs": list(frames),
                "original_shape": frames.shape[1:3],
                "img_shape": frames.shape[1:3],
                "modality": "RGB",
                "num_clips": self.clip_len if self.flat else 1,
                "clip_len": 1 if self.flat else self.clip_len,
            }
        )["inputs"]
        return inputs

    def features(self, inputs: Sequence[Tensor], layer: int | Sequence[int] = -1) -> Tensor:
        """Rows of shape [input, row, dim]: the maps of the layers, averaged over space, time and crops."""
        weight = next(self.backbone.parameters())
        batch = self.preprocessor({"inputs": list(inputs), "data_samples": None})["inputs"]
        maps = states(self.backbone, batch.flatten(0, 1).to(weight.dtype), layer)
        rows = torch.cat([_averaged(state) for state in _flattened(maps)], dim=-1).float()
        # Crops come one after the other; within each, frames do where the recogniser looks at single pictures.
        return rows.reshape(len(inputs), -1, self.clip_len if self.flat else 1, rows.shape[-1]).mean(dim=1)


def load(config: str, checkpoint: str, pipeline: str, device: str, dtype: str) -> Recognizer:
    """The recogniser of a config and a checkpoint.

    Raises:
        OptionsError: there is no such config, or it describes no recogniser of moving pictures.
        WeightsError: the checkpoint is of another network.
        MissingDependency: mmaction2 is installed and cannot be imported.
    """
    models, composed = registries()
    settings = read_config(config)
    model, steps = settings.get("model", {}), settings.get(pipeline)
    if "backbone" not in model or "data_preprocessor" not in model or not steps:
        raise OptionsError(
            f'config: "{config}" has no model with a backbone and a data_preprocessor, or no {pipeline}',
            hint=f"pipeline: one of {[key for key in settings if key.endswith('_pipeline')]}",
        )
    sampling = next((step for step in steps if "Sample" in step["type"] and "clip_len" in step), None)
    if sampling is None:
        raise OptionsError(f'config: {pipeline} of "{config}" samples no frames', hint="a pipeline with SampleFrames")
    where, arithmetic = device_of(device), dtype_of(dtype)
    backbone = models.build(without_downloads(model["backbone"]))
    _fill(backbone, checkpoint)
    backbone.to(device=where, dtype=arithmetic)
    backbone.train(False)
    flat = model["data_preprocessor"].get("format_shape", "NCHW") == "NCHW"
    return Recognizer(
        backbone=backbone,
        preprocessor=models.build(model["data_preprocessor"]).to(where),
        transforms=composed(_after_decoding(steps)),
        clip_len=sampling.get("num_clips", 1) if flat else sampling["clip_len"],
        interval=sampling.get("frame_interval", 1),
        flat=flat,
    )


def read_config(name: str) -> Config:
    """A config file, or one of those that mmaction2 ships, named as in its model zoo.

    Raises:
        OptionsError: there is no such config, or it cannot be read.
    """
    path = Path(name).expanduser()
    if not path.is_file():
        path = next(_shipped().glob(f"*/*/{name.removesuffix('.py')}.py"), path)
    if not path.is_file():
        raise OptionsError(f'config: "{name}" is neither a file nor a config of mmaction2', hint="the path of a config")
    try:
        return Config.fromfile(path)
    except Exception as error:  # a config is a Python program: anything may go wrong in it
        raise OptionsError(
            f'config: "{path}" cannot be read: {type(error).__name__}: {error}', hint="a config of MMAction2 1.x"
        ) from error


def _shipped() -> Path:
    from importlib.util import find_spec

    package = find_spec("mmaction")
    return Path(package.origin).parent / ".mim" / "configs" if package and package.origin else Path("configs")


def _after_decoding(steps: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The steps that work on pictures: what finds, samples and decodes a file is left out."""
    decoding = [index for index, step in enumerate(steps) if step["type"].endswith(("Init", "Decode"))]
    sampling = [index for index, step in enumerate(steps) if "Sample" in step["type"]]
    return list(steps[max([*decoding, *sampling]) + 1 :])


def without_downloads(config: Mapping[str, Any]) -> ConfigDict:
    """The backbone's config without the weights that training began with."""

    def stripped(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: None if key == "pretrained" else stripped(inner) for key, inner in value.items()}
        return value

    return ConfigDict({key: value for key, value in stripped(config).items() if key != "init_cfg"})


def _fill(backbone: nn.Module, checkpoint: str) -> None:
    weights = read_weights(checkpoint)
    own = {name.removeprefix("backbone."): weight for name, weight in weights.items() if name.startswith("backbone.")}
    derived = {name: buffer for name, buffer in backbone.named_buffers() if name.rpartition(".")[2] not in STATISTICS}
    if not own and not set(weights) & set(backbone.state_dict()):
        raise WeightsError(
            f'"{checkpoint}" holds no backbone; found {sorted(weights)[:4]}', hint="the checkpoint of this config"
        )
    fill(backbone, {**derived, **(own or weights)}, checkpoint)


def _flattened(maps: Any) -> list[Tensor]:
    """The maps of networks with several pathways or outputs, in order."""
    return [maps] if isinstance(maps, Tensor) else [state for part in maps for state in _flattened(part)]


def _averaged(state: Tensor) -> Tensor:
    """One vector an input: of maps [input, dim, …space], of tokens [input, token, dim], or as it is."""
    match state.ndim:
        case 2:
            return state
        case 3:
            return state.mean(dim=1)
    return state.flatten(2).mean(dim=2)
