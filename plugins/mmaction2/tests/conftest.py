"""Tiny random recognisers of the real classes, each as a config file and a checkpoint of MMAction2."""

from pathlib import Path

import pytest
import torch
from affekt_mmaction2.imports import registries
from affekt_mmaction2.recognizers import without_downloads

HEAD = {"type": "I3DHead", "num_classes": 4, "in_channels": 8}
PREPROCESSOR = {"mean": [123.675, 116.28, 103.53], "std": [58.395, 57.12, 57.375], "type": "ActionDataPreprocessor"}

PATHWAY = {"type": "resnet3d", "depth": 18, "pretrained": None, "conv1_stride_t": 1, "pool1_stride_t": 1}
BACKBONES = {
    "videomae": {
        "type": "VisionTransformer", "img_size": 32, "patch_size": 16, "embed_dims": 32, "depth": 2, "num_heads": 2,
        "qkv_bias": True, "num_frames": 8, "norm_cfg": {"type": "LN", "eps": 1e-6},
    },
    "slowfast": {
        "type": "ResNet3dSlowFast", "pretrained": "https://nobody.invalid/r50.pth", "resample_rate": 4,
        "speed_ratio": 4, "channel_ratio": 4,
        "slow_pathway": {**PATHWAY, "lateral": True, "base_channels": 8, "conv1_kernel": (1, 7, 7),
                         "dilations": (1, 1, 1, 1), "inflate": (0, 0, 1, 1)},
        "fast_pathway": {**PATHWAY, "lateral": False, "base_channels": 2, "conv1_kernel": (5, 7, 7)},
    },
    "swin": {
        "type": "SwinTransformer3D", "arch": {"embed_dims": 16, "depths": [2, 2], "num_heads": [2, 2]},
        "window_size": (4, 4, 4), "out_indices": (1,), "pretrained2d": True,
    },
    "uniformer": {
        "type": "UniFormer", "depth": [1, 1, 1, 1], "embed_dim": [16, 16, 32, 32], "head_dim": 8, "img_size": 32,
    },
    "tsm": {"type": "ResNetTSM", "depth": 18, "num_segments": 8, "pretrained": "torchvision://resnet18"},
}  # fmt: skip


def _pipeline(flat, crop):
    frames = {"clip_len": 1, "num_clips": 8} if flat else {"clip_len": 8, "frame_interval": 2, "num_clips": 10}
    return [
        {"type": "DecordInit"},
        {"type": "SampleFrames", "test_mode": True, **frames},
        {"type": "DecordDecode"},
        {"type": "Resize", "scale": (-1, 32)},
        {"type": crop, "crop_size": 32},
        {"type": "FormatShape", "input_format": "NCHW" if flat else "NCTHW"},
        {"type": "PackActionInputs"},
    ]


@pytest.fixture(scope="session")
def recogniser(tmp_path_factory):
    """Name → config file, checkpoint, and the backbone with the same weights."""
    made = {}

    def make(name, crop="ThreeCrop"):
        if (name, crop) not in made:
            made[name, crop] = _saved(tmp_path_factory.mktemp(name), name, crop)
        return made[name, crop]

    return make


def _saved(folder: Path, name, crop):
    models, _ = registries()
    flat = name == "tsm"
    model = {
        "type": "Recognizer2D" if flat else "Recognizer3D",
        "backbone": BACKBONES[name],
        "cls_head": HEAD,
        "data_preprocessor": {**PREPROCESSOR, "format_shape": "NCHW" if flat else "NCTHW"},
    }
    config, checkpoint = folder / f"{name}.py", folder / f"{name}.pth"
    config.write_text(f"model = {model!r}\ntest_pipeline = {_pipeline(flat, crop)!r}\n")
    torch.manual_seed(0)
    backbone = models.build(without_downloads(model["backbone"]))
    with torch.no_grad():
        for weight in backbone.parameters():
            weight.normal_(std=0.1)
    weights = {f"backbone.{name}": value for name, value in backbone.state_dict().items()}
    weights["cls_head.fc_cls.weight"] = torch.zeros(4, 8)
    torch.save({"meta": {"mmaction2_version": "1.2.0", "epoch": 5}, "state_dict": weights}, checkpoint)
    backbone.train(False)
    return config, checkpoint, backbone
