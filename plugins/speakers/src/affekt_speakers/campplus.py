"""A voice as 192 numbers: CAM++, a dense time-delay network with context-aware masks (Wang et al., 2023)."""

from collections.abc import Sequence

import kaldi_native_fbank as kaldi  # type: ignore[import-untyped]
import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor, nn
from torch.nn import functional

SIZE = 192
BANDS = 80
SAMPLE_RATE = 16_000
CONTEXT = 100
"""Frames over which the mask looks around, beside the whole."""


class CamPlusPlus(nn.Module):
    """Log Mel bands of shape [batch, time, 80] in, voices of shape [batch, 192] out."""

    def __init__(self) -> None:
        super().__init__()
        self.front = Front()
        self.entry = nn.Conv1d(32 * BANDS // 8, 128, 5, stride=2, padding=2, bias=False)
        self.entry_norm = nn.BatchNorm1d(128)
        self.blocks, self.transits = nn.ModuleList(), nn.ModuleList()
        channels = 128
        for layers, dilation in ((12, 1), (24, 2), (16, 2)):
            self.blocks.append(nn.ModuleList(DenseLayer(channels + 32 * at, dilation) for at in range(layers)))
            channels += 32 * layers
            self.transits.append(Transit(channels))
            channels //= 2
        self.exit_norm = nn.BatchNorm1d(channels)
        self.dense = nn.Conv1d(2 * channels, SIZE, 1, bias=False)
        self.dense_norm = nn.BatchNorm1d(SIZE, affine=False)

    def forward(self, bands: Tensor) -> Tensor:
        """Computes the vectors [batch, dim] of bands [batch, band, time]."""
        rows = functional.relu(self.entry_norm(self.entry(self.front(bands.transpose(1, 2)))))
        for block, transit in zip(self.blocks, self.transits, strict=True):
            for layer in block.children():
                rows = torch.cat([rows, layer(rows)], dim=1)
            rows = transit(rows)
        rows = functional.relu(self.exit_norm(rows))
        pooled = torch.cat([rows.mean(dim=-1), rows.std(dim=-1)], dim=1)
        vectors: Tensor = self.dense_norm(self.dense(pooled[..., None])).squeeze(-1)
        return vectors


class Front(nn.Module):
    """Two-dimensional convolutions that shrink 80 bands to 10 of 32 channels each."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.first_norm = nn.Conv2d(1, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32)
        self.residuals = nn.ModuleList([Residual(2), Residual(1), Residual(2), Residual(1)])
        self.last = nn.Conv2d(32, 32, 3, stride=(2, 1), padding=1, bias=False)
        self.last_norm = nn.BatchNorm2d(32)

    def forward(self, bands: Tensor) -> Tensor:
        """Computes [batch, channel, time] from [batch, band, time]."""
        planes = functional.relu(self.first_norm(self.first(bands[:, None])))
        for residual in self.residuals:
            planes = residual(planes)
        return functional.relu(self.last_norm(self.last(planes))).flatten(1, 2)


class Residual(nn.Module):
    """Two convolutions beside a shortcut; the stride shrinks bands, never time."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        self.first, self.first_norm = _plane(3, stride), nn.BatchNorm2d(32)
        self.second, self.second_norm = _plane(3, 1), nn.BatchNorm2d(32)
        self.shortcut = nn.Sequential(_plane(1, stride), nn.BatchNorm2d(32)) if stride > 1 else nn.Identity()

    def forward(self, planes: Tensor) -> Tensor:
        """Computes planes of the same shape, with fewer bands where there is a stride."""
        inner = functional.relu(self.first_norm(self.first(planes)))
        return functional.relu(self.second_norm(self.second(inner)) + self.shortcut(planes))


class DenseLayer(nn.Module):
    """32 new channels of all before, masked by what surrounds them."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.norm, self.narrow = nn.BatchNorm1d(channels), nn.Conv1d(channels, 128, 1, bias=False)
        self.narrow_norm = nn.BatchNorm1d(128)
        self.local = nn.Conv1d(128, 32, 3, padding=dilation, dilation=dilation, bias=False)
        self.mask = nn.Sequential(nn.Conv1d(128, 64, 1), nn.ReLU(), nn.Conv1d(64, 32, 1), nn.Sigmoid())

    def forward(self, rows: Tensor) -> Tensor:
        """Computes [batch, 32, time] from [batch, channel, time]."""
        rows = functional.relu(self.narrow_norm(self.narrow(functional.relu(self.norm(rows)))))
        around = functional.avg_pool1d(rows, CONTEXT, CONTEXT, ceil_mode=True)
        around = around.repeat_interleave(CONTEXT, dim=-1)[..., : rows.shape[-1]]
        mask: Tensor = self.mask(rows.mean(dim=-1, keepdim=True) + around)
        masked: Tensor = self.local(rows) * mask
        return masked


class Transit(nn.Module):
    """A layer that halves the channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm, self.linear = nn.BatchNorm1d(channels), nn.Conv1d(channels, channels // 2, 1, bias=False)

    def forward(self, rows: Tensor) -> Tensor:
        """Computes [batch, channel / 2, time] from [batch, channel, time]."""
        halved: Tensor = self.linear(functional.relu(self.norm(rows)))
        return halved


def _plane(size: int, stride: int) -> nn.Conv2d:
    return nn.Conv2d(32, 32, size, stride=(stride, 1), padding=size // 2, bias=False)


def bands_of(samples: Float32[np.ndarray, "time"]) -> Float32[np.ndarray, "frame 80"]:
    """Kaldi's log Mel bands, 25 ms each 10 ms, less their mean over time: a microphone's colour goes with it."""
    options = kaldi.FbankOptions()
    options.frame_opts.dither = 0.0
    options.mel_opts.num_bins = BANDS
    extractor = kaldi.OnlineFbank(options)
    extractor.accept_waveform(SAMPLE_RATE, samples)
    extractor.input_finished()
    rows = np.array([extractor.get_frame(at) for at in range(extractor.num_frames_ready)], np.float32)
    centred: Float32[np.ndarray, "frame 80"] = rows - rows.mean(axis=0)
    return centred


@torch.inference_mode()
def voices(network: CamPlusPlus, sounds: Sequence[Float32[np.ndarray, "time"]]) -> Float32[np.ndarray, "sound 192"]:
    """One voice a sound, of length 1. Sounds are never padded: silence would change the voice."""
    rows = [network(torch.from_numpy(bands_of(samples))[None])[0].numpy() for samples in sounds]
    table = np.array(rows, np.float32).reshape(-1, SIZE)
    unit: Float32[np.ndarray, "sound 192"] = table / np.linalg.norm(table, axis=1, keepdims=True).clip(min=1e-9)
    return unit


def renamed(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """3D-Speaker's tensors under this module's names."""
    own = {}
    for name, tensor in state.items():
        for theirs, ours in _NAMES:
            name = name.replace(theirs, ours)
        own[name] = tensor.contiguous()
    return own


_NAMES = (
    ("head.conv1.", "front.first."),
    ("head.bn1.", "front.first_norm."),
    ("head.conv2.", "front.last."),
    ("head.bn2.", "front.last_norm."),
    *((f"head.layer{layer}.{at}.", f"front.residuals.{2 * layer - 2 + at}.") for layer in (1, 2) for at in (0, 1)),
    (".conv1.", ".first."),
    (".bn1.", ".first_norm."),
    (".conv2.", ".second."),
    (".bn2.", ".second_norm."),
    ("xvector.tdnn.linear.", "entry."),
    ("xvector.tdnn.nonlinear.batchnorm.", "entry_norm."),
    *(
        (f"xvector.block{block}.tdnnd{layer}.", f"blocks.{block - 1}.{layer - 1}.")
        for block, layers in ((1, 12), (2, 24), (3, 16))
        for layer in range(layers, 0, -1)
    ),
    *((f"xvector.transit{block}.", f"transits.{block - 1}.") for block in (1, 2, 3)),
    ("xvector.out_nonlinear.batchnorm.", "exit_norm."),
    ("xvector.dense.nonlinear.batchnorm.", "dense_norm."),
    ("xvector.dense.linear.", "dense."),
    ("nonlinear1.batchnorm.", "norm."),
    ("nonlinear2.batchnorm.", "narrow_norm."),
    ("nonlinear.batchnorm.", "norm."),
    ("cam_layer.linear_local.", "local."),
    ("cam_layer.linear1.", "mask.0."),
    ("cam_layer.linear2.", "mask.2."),
    (".linear1.", ".narrow."),
)
