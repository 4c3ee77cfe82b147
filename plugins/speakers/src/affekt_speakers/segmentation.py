"""Who of up to three people is active in each frame of ten seconds, overlap included.

The network is pyannote segmentation 3.0 (Plaquet and Bredin, 2023): learnt band-pass filters (Ravanelli and Bengio,
2018), a bidirectional LSTM, and one class for each set of at most two of three people.
"""

from itertools import combinations

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor, nn
from torch.nn import functional

SAMPLE_RATE = 16_000
STEP = 270
"""Samples from one frame to the next: the stride of the filters and of three poolings."""
FIELD = 991
"""Samples that one frame sees."""
FILTER_TAPS = 251
LOCAL = 3
"""People whom the network tells apart in one piece of sound."""
SETS = [people for size in range(3) for people in combinations(range(LOCAL), size)]
"""The classes: nobody, one of three, two of three."""


class SegmentationNetwork(nn.Module):
    """Sound in, log probabilities of `SETS` out, a row each 16.9 ms."""

    def __init__(self) -> None:
        super().__init__()
        self.level = nn.InstanceNorm1d(1, affine=True)
        self.filters = nn.Conv1d(1, 80, FILTER_TAPS, stride=10, bias=False)
        self.convolutions = nn.ModuleList([nn.Conv1d(80, 60, 5), nn.Conv1d(60, 60, 5)])
        self.norms = nn.ModuleList([nn.InstanceNorm1d(size, affine=True) for size in (80, 60, 60)])
        self.lstm = nn.LSTM(60, 128, num_layers=4, bidirectional=True, batch_first=True)
        self.hidden = nn.ModuleList([nn.Linear(256, 128), nn.Linear(128, 128)])
        self.classifier = nn.Linear(128, len(SETS))

    def forward(self, samples: Tensor) -> Tensor:
        """Computes [batch, frame, set] from samples [batch, time]."""
        rows = self.filters(self.level(samples[:, None])).abs()
        rows = functional.leaky_relu(self.norms[0](functional.max_pool1d(rows, 3)))
        for convolution, norm in zip(self.convolutions, list(self.norms)[1:], strict=True):
            rows = functional.leaky_relu(norm(functional.max_pool1d(convolution(rows), 3)))
        rows, _ = self.lstm(rows.transpose(1, 2))
        for layer in self.hidden:
            rows = functional.leaky_relu(layer(rows))
        return functional.log_softmax(self.classifier(rows), dim=-1)


def frames_of(samples: int) -> int:
    """Frames that the network gives for so many samples."""
    length = (samples - FILTER_TAPS) // 10 + 1
    for taps in (None, 5, 5):
        length = (length if taps is None else length - taps + 1) // 3
    return max(0, length)


SHORTEST = next(samples for samples in range(FIELD, 4 * FIELD) if frames_of(samples) >= 2)
"""Samples below which the network has nothing to normalise."""


def seconds_of(frame: float) -> float:
    """When a frame begins: half a step before the middle of what it sees."""
    return (frame * STEP + (FIELD - STEP) / 2) / SAMPLE_RATE


@torch.inference_mode()
def probabilities(
    network: SegmentationNetwork, samples: Float32[np.ndarray, "time"]
) -> Float32[np.ndarray, "frame set"]:
    """The probability of each of `SETS` in each frame of one piece of sound; the order of the people means nothing."""
    if len(samples) < SHORTEST:
        samples = np.pad(samples, (0, SHORTEST - len(samples)))
    return np.asarray(network(torch.from_numpy(samples)[None])[0].exp().numpy())


def renamed(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """pyannote's tensors under this module's names; its band-pass filters are computed once, from their edges."""
    own = {"filters.weight": _band_passes(state, "sincnet.conv1d.0.filterbank.")}
    for name, tensor in state.items():
        if ".filterbank." in name:
            continue
        for theirs, ours in _NAMES.items():
            if name.startswith(theirs):
                own[ours + name.removeprefix(theirs)] = tensor.contiguous()
                break
    return own


_NAMES = {
    "sincnet.wav_norm1d.": "level.",
    "sincnet.conv1d.1.": "convolutions.0.",
    "sincnet.conv1d.2.": "convolutions.1.",
    "sincnet.norm1d.": "norms.",
    "lstm.": "lstm.",
    "linear.": "hidden.",
    "classifier.": "classifier.",
}


def _band_passes(state: dict[str, Tensor], prefix: str) -> Tensor:
    """40 even and 40 odd windowed band-pass filters, of shape [80, 1, taps]."""
    low_edge, width = (state[prefix + name].double().abs() for name in ("low_hz_", "band_hz_"))
    low = 50 + low_edge
    high = (low + 50 + width).clamp(50, SAMPLE_RATE / 2)
    time, window = (state[prefix + name].double() for name in ("n_", "window_"))
    even = (torch.sin(high * time) - torch.sin(low * time)) / (time / 2) * window
    odd = (torch.cos(low * time) - torch.cos(high * time)) / (time / 2) * window
    even = torch.cat([even, 2 * (high - low), even.flip(1)], dim=1)
    odd = torch.cat([odd, torch.zeros_like(low), -odd.flip(1)], dim=1)
    return (torch.cat([even, odd]) / (2 * (high - low)).repeat(2, 1)).float()[:, None]
