"""What is done around the import of each library. Every repair steps aside where the library's own extension loads."""

import sys
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import torch  # it repairs what is installed beside it, and without it nothing needs a repair

_ROI = "Tensor input, Tensor rois, float scale, SymInt h, SymInt w"
_SIZES = "SymInt batch, SymInt channels, SymInt height, SymInt width"
_DEFORM = (
    "SymInt stride_h, SymInt stride_w, SymInt pad_h, SymInt pad_w, SymInt dil_h, SymInt dil_w, "
    "SymInt groups, SymInt offset_groups, bool use_mask"
)
TORCHVISION_OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    f"roi_align({_ROI}, int ratio, bool aligned) -> Tensor",
    f"qroi_align({_ROI}, int ratio, bool aligned) -> Tensor",
    f"_roi_align_backward(Tensor grad, Tensor rois, float scale, SymInt h, SymInt w, {_SIZES}, int r, bool a)"
    " -> Tensor",
    f"roi_pool({_ROI}) -> (Tensor, Tensor)",
    f"_roi_pool_backward(Tensor grad, Tensor rois, Tensor argmax, float scale, SymInt h, SymInt w, {_SIZES}) -> Tensor",
    f"ps_roi_align({_ROI}, int ratio) -> (Tensor, Tensor)",
    f"_ps_roi_align_backward(Tensor grad, Tensor rois, Tensor map, float scale, SymInt h, SymInt w, int r, {_SIZES})"
    " -> Tensor",
    f"ps_roi_pool({_ROI}) -> (Tensor, Tensor)",
    f"_ps_roi_pool_backward(Tensor grad, Tensor rois, Tensor map, float scale, SymInt h, SymInt w, {_SIZES}) -> Tensor",
    f"deform_conv2d(Tensor input, Tensor weight, Tensor offset, Tensor mask, Tensor bias, {_DEFORM}) -> Tensor",
    "_deform_conv2d_backward(Tensor grad, Tensor input, Tensor weight, Tensor offset, Tensor mask, Tensor bias, "
    f"{_DEFORM}) -> (Tensor, Tensor, Tensor, Tensor, Tensor)",
)
"""Schemas torchvision registers fakes and gradients for at import; without its extension nobody defines them."""

_definitions: list[torch.library.Library] = []  # a library's operators vanish when it is collected


def _on_cpu_build() -> bool:
    return torch.version.cuda is None and getattr(torch.version, "hip", None) is None


def _folder(spec: ModuleSpec) -> Path:
    return Path((spec.submodule_search_locations or [""])[0])


def before_torchvision(spec: ModuleSpec) -> None:
    """Defines the operators' schemas where the extension that should define them cannot load."""
    if not _on_cpu_build():
        return
    try:
        torch.ops.load_library(_folder(spec) / "_C.so")
    except OSError:
        library = torch.library.Library("torchvision", "DEF")
        for schema in TORCHVISION_OPERATORS:
            library.define(schema)
        _definitions.append(library)


def after_torchvision(module: ModuleType) -> None:
    """Nothing: defining the operators was enough."""


def before_torchaudio(spec: ModuleSpec) -> None:
    """Makes torchaudio take its own path for builds without an extension, where the extension cannot load."""
    if not _on_cpu_build():
        return
    name = "torchaudio._extension.utils"
    utilities_spec = spec_from_file_location(name, _folder(spec) / "_extension" / "utils.py")
    if utilities_spec is None or utilities_spec.loader is None:
        return
    utilities: Any = module_from_spec(utilities_spec)
    utilities_spec.loader.exec_module(utilities)
    load = utilities._load_lib

    def load_or_say_no(library: str) -> bool:
        try:
            return bool(load(library))
        except OSError:
            return False

    utilities._load_lib = load_or_say_no
    sys.modules[name] = utilities


def after_torchaudio(module: ModuleType) -> None:
    """Gives back what s3prl 0.4.18 still calls at import and torchaudio dropped in 2.9."""
    if not hasattr(module, "set_audio_backend"):
        module.set_audio_backend = lambda *_: None  # type: ignore[attr-defined]
        module.get_audio_backend = lambda: "soundfile"  # type: ignore[attr-defined]
