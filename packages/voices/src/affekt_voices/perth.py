"""PerthNet, the network of resemble-perth 1.0.1, in plain torch: one half writes a mark into speech, one hears it.

Ported from that package (MIT, Resemble AI, 2025), whose own code needs torchaudio and pkg_resources. The parameters
keep its names, so its published weights load as they are, and a test pins its own output. What is not here: resampling,
thresholds and verdicts; see `watermark`.
"""

from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn import functional

SAMPLE_RATE = 32_000
"""The rate at which the network was trained and works, in hertz."""
WINDOW = 2048
"""Samples in a window of the Fourier transform: 64 ms."""
HOP = 320
"""Samples from one window to the next: 10 ms."""
SUBBAND = 128
"""Frequency bins that carry the mark: those below 2 kHz."""
HIDDEN = 256
FLOOR_DB = -180.0
"""Magnitudes are clipped here before they become decibels."""
HEADROOM_DB = 15.0
"""Decibels above full scale that still normalise to at most 1."""
MASK_SHARE = 0.05
"""Frames below this share of the loudest one's normalised magnitude carry no mark."""
SPEECH_DB = 25.0
"""Decibels below the loudest frame at which frames no longer count when the mark is heard. In the pauses of speech
the mark is as faint as they are: noise and coding erase it there first, and those frames dilute the answer."""


class Convolution(nn.Module):
    """A convolution over time that keeps the length, with a leaky rectifier unless it is the last of its stack."""

    def __init__(self, inputs: int, outputs: int, width: int, activated: bool = True) -> None:
        super().__init__()
        self.conv = nn.Conv1d(inputs, outputs, width, padding=width // 2)
        self.activated = activated

    def forward(self, rows: Tensor) -> Tensor:
        rows = self.conv(rows)
        return functional.leaky_relu(rows) if self.activated else rows


def stack(outputs: int) -> nn.Sequential:
    """Seven convolutions from the subband to `outputs` channels; they see 31 frames, 0.3 s."""
    return nn.Sequential(
        Convolution(SUBBAND, HIDDEN, 1),
        *[Convolution(HIDDEN, HIDDEN, 7) for _ in range(5)],
        Convolution(HIDDEN, outputs, 1, activated=False),
    )


def audible(magnitudes: Tensor) -> Tensor:
    """1 for frames that can carry the mark, else 0. (batch, bin, time) → (batch, 1, time)."""
    sums = magnitudes.sum(dim=1)
    return (sums > MASK_SHARE * sums.amax(dim=1, keepdim=True)).float()[:, None]


def _loud(magnitudes: Tensor, within: float) -> Tensor:
    """1 for frames `within` decibels of the loudest, else 0. (batch, bin, time) → (batch, 1, time)."""
    powers = magnitudes.square().sum(dim=1, keepdim=True)
    return (powers > powers.amax(dim=2, keepdim=True) * 10 ** (-within / 10)).float()


class Encoder(nn.Module):
    """Writes the mark."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = stack(SUBBAND)

    def forward(self, magnitudes: Tensor) -> Tensor:
        """Normalised magnitudes (batch, bin, time) → what to add below 2 kHz, (batch, SUBBAND, time)."""
        added: Tensor = self.layers(magnitudes[:, :SUBBAND]) * audible(magnitudes)
        return added


class Decoder(nn.Module):
    """Hears the mark at three tempos, for the case that the speech was sped up or slowed down."""

    def __init__(self) -> None:
        super().__init__()
        self.slow_layers = stack(2)
        self.normal_layers = stack(2)
        self.fast_layers = stack(2)

    def forward(self, magnitudes: Tensor, mask: Tensor) -> Tensor:
        """Normalised magnitudes (batch, bin, time) → about 1 where marked and 0 where not, (batch,).

        Only frames that are 1 in the mask, (batch, 1, time), have a say; NaN where there is none.
        """
        subband = magnitudes[:, :SUBBAND]
        frames = subband.shape[2]
        heard = [
            _masked_mean(self.slow_layers(_stretched(subband, int(frames * 1.25))), mask),
            _masked_mean(self.normal_layers(subband), mask),
            _masked_mean(self.fast_layers(_stretched(subband, int(frames * 0.75))), mask),
        ]
        attention, marks = torch.stack(heard, dim=1).unbind(dim=2)
        return (marks * attention.softmax(dim=1)).sum(dim=1)


def _stretched(rows: Tensor, length: int) -> Tensor:
    return functional.interpolate(rows, size=length, mode="linear", align_corners=True)


def _masked_mean(rows: Tensor, mask: Tensor) -> Tensor:
    mask = functional.interpolate(mask, size=rows.shape[2], mode="nearest")
    return (rows * mask).sum(dim=2) / mask.sum(dim=2)


class PerthNet(nn.Module):
    """Both halves and the transform they share. Signals are mono at `SAMPLE_RATE`."""

    window: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.decoder = Decoder()
        self.register_buffer("window", torch.hann_window(WINDOW), persistent=False)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads `perth_net_250000.pth.tar`, without running anything in it."""
        checkpoint: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        parameters = {name: value for name, value in checkpoint["model"].items() if not name.startswith("ap.")}
        network = cls()
        network.load_state_dict(parameters)
        return network.eval()

    @torch.inference_mode()
    def residual(self, signal: Tensor) -> Tensor:
        """What to add to a signal so that it carries the mark, (time,) → (time,)."""
        spectrum = self._spectrum(signal)
        normalised = _normalise(spectrum.abs())
        marked = normalised.clone()
        marked[:SUBBAND] += self.encoder(normalised[None])[0]
        # Kept magnitudes below the floor would come back at the floor: only the marked bins may change.
        change = torch.zeros_like(spectrum)
        change[:SUBBAND] = torch.polar(_denormalise(marked[:SUBBAND]), spectrum[:SUBBAND].angle()) - spectrum[:SUBBAND]
        return torch.istft(change, WINDOW, HOP, window=self.window, length=len(signal))

    @torch.inference_mode()
    def score(self, signal: Tensor, within: float | None = SPEECH_DB) -> float:
        """About 1 for a marked signal and 0 for another; NaN for silence.

        Args:
            within: frames so many decibels below the loudest have a say; None asks nearly all, as Perth itself does.
        """
        magnitudes = self._spectrum(signal).abs()[None]
        normalised = _normalise(magnitudes)
        return float(self.decoder(normalised, audible(normalised) if within is None else _loud(magnitudes, within))[0])

    def _spectrum(self, signal: Tensor) -> Tensor:
        return torch.stft(signal, WINDOW, HOP, window=self.window, return_complex=True)


def _normalise(magnitudes: Tensor) -> Tensor:
    decibels = 20 * magnitudes.clip(min=10 ** (FLOOR_DB / 20)).log10()
    return (decibels - FLOOR_DB) / (HEADROOM_DB - FLOOR_DB)


def _denormalise(normalised: Tensor) -> Tensor:
    decibels = normalised * (HEADROOM_DB - FLOOR_DB) + FLOOR_DB
    return 10 ** (decibels / 20).clip(max=10)
