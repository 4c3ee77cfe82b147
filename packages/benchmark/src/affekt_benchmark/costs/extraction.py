"""What extraction saves: one decode for all encoders, and batches by length instead of a loop over files.

**One decode.** With d the time to decode all files and e₁ … e₄ the encoders' times on decoded clips, four separate
extractions take 4d + Σe and a shared one cannot take less than d + Σe. The arithmetic limit of the gain is therefore
(4d + Σe) / (d + Σe). Both ways run side by side, block by block; d and e are read off the four separate extractions.

**Bucketed.** HuBERT through its plugin, which batches clips of like length and keeps the asked layer only, against the
usual loop: one file at a time through transformers with all hidden states kept, stacked, and the layer picked
afterwards. Both start from decoded clips. Measured for a layer in the middle, where keeping less also saves the layers
above it, and for the last one, where only batching helps.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from affekt import Clip, Features, plugins
from affekt_media import load

Result = TypeVar("Result")
ENOUGH_OF_THE_LIMIT = 0.9
ENOUGH_FASTER = 1.5
BLOCK = 10
"""Files that go one way before they go the other."""
CLOSE = 1e-5
"""Values may differ by this much, relative to the largest of a clip where that is above 1."""


@dataclass(frozen=True, kw_only=True)
class SharedDecode:
    """Four extractions against one, in seconds."""

    decoding: float
    """Seconds of decoding all files once, the mean of four times."""
    encoding: Mapping[str, float]
    """Encoder → its time on decoded clips."""
    separate: float
    shared: float
    difference: float
    """The largest between features of both ways."""

    @property
    def gain(self) -> float:
        """How many times faster the shared decode is."""
        return self.separate / self.shared

    @property
    def limit(self) -> float:
        """(4d + Σe) / (d + Σe)."""
        count, encoding = len(self.encoding), sum(self.encoding.values())
        return (count * self.decoding + encoding) / (self.decoding + encoding)

    @property
    def is_enough(self) -> bool:
        return self.gain >= ENOUGH_OF_THE_LIMIT * self.limit and self.difference <= CLOSE


@dataclass(frozen=True, kw_only=True)
class Bucketed:
    """One layer of one encoder, in seconds."""

    layer: int
    layers: int
    loop: float
    bucketed: float
    difference: float

    @property
    def gain(self) -> float:
        """How many times faster buckets are than the loop."""
        return self.loop / self.bucketed


def of_shared_decode(files: Sequence[Path], encoders: Mapping[str, Any]) -> tuple[SharedDecode, list[Clip]]:
    """Decodes and encodes all files, once an encoder and once for all; also the decoded clips.

    A block of files at a time goes both ways, which go first in turn: whatever else the machine does slows both alike.
    """
    few = [load(path) for path in files[:2]]
    for encoder in encoders.values():
        encoder.encode(few)  # weights load on first use
    decoding, encoding, shared = 0.0, dict.fromkeys(encoders, 0.0), 0.0
    clips: list[Clip] = []
    differences = []
    for number, begin in enumerate(range(0, len(files), BLOCK)):
        block = files[begin : begin + BLOCK]
        if number % 2:
            decoded, encoded, apart = _apart(block, encoders)
            seconds, clips_now, together = _together(block, encoders)
        else:
            seconds, clips_now, together = _together(block, encoders)
            decoded, encoded, apart = _apart(block, encoders)
        decoding += decoded
        encoding = {name: encoding[name] + encoded[name] for name in encoders}
        shared += seconds
        clips += clips_now
        differences += [_difference(_values(apart[name]), _values(together[name])) for name in encoders]
    shared_decode = SharedDecode(
        decoding=decoding / len(encoders),
        encoding=encoding,
        separate=decoding + sum(encoding.values()),
        shared=shared,
        difference=max(differences),
    )
    return shared_decode, clips


def _apart(files: Sequence[Path], encoders: Mapping[str, Any]) -> tuple[float, dict[str, float], dict[str, Any]]:
    """Seconds of all decodes, seconds of each encoder, and features."""
    decoding, encoding, features = 0.0, {}, {}
    for name, encoder in encoders.items():
        seconds, clips = _timed(lambda: [load(path) for path in files])
        decoding += seconds
        encoding[name], features[name] = _timed(partial(encoder.encode, clips))
    return decoding, encoding, features


def _together(files: Sequence[Path], encoders: Mapping[str, Any]) -> tuple[float, list[Clip], dict[str, Any]]:
    """Seconds in all, the clips, and features."""
    begin = time.perf_counter()
    clips = [load(path) for path in files]
    features = {name: encoder.encode(clips) for name, encoder in encoders.items()}
    return time.perf_counter() - begin, clips, features


def of_buckets(clips: Sequence[Clip], model: Path, layer: int, *, batch_size: int, device: str) -> Bucketed:
    """One layer of HuBERT by its plugin and by the usual loop, which go first in turn; the better of two each."""
    encoder = plugins().create("encoder", "hubert", model=str(model), layer=layer, batch_size=batch_size, device=device)
    network = _whole_network(model, device)
    encoder.encode(clips[:2])
    _loop(clips[:2], network, layer, device)
    bucketed, ours = _timed(lambda: encoder.encode(clips))
    loop, theirs = _timed(lambda: _loop(clips, network, layer, device))
    loop = min(loop, _timed(lambda: _loop(clips, network, layer, device))[0])
    bucketed = min(bucketed, _timed(lambda: encoder.encode(clips))[0])
    return Bucketed(
        layer=layer,
        layers=network.config.num_hidden_layers,
        loop=loop,
        bucketed=bucketed,
        difference=_difference(_values(ours), theirs),
    )


def _whole_network(model: Path, device: str) -> Any:
    from transformers import HubertModel

    network: Any = HubertModel.from_pretrained(model)
    return network.to(device).eval()


def _loop(clips: Sequence[Clip], network: Any, layer: int, device: str) -> list[np.ndarray]:
    """As extraction scripts do it: every hidden state of a file, stacked, then one picked."""
    import torch
    from transformers import Wav2Vec2FeatureExtractor

    prepare: Any = Wav2Vec2FeatureExtractor(do_normalize=True)  # type: ignore[no-untyped-call]
    picked = []
    for clip in clips:
        assert clip.audio is not None
        values = prepare(clip.audio.samples, sampling_rate=clip.audio.sample_rate, return_tensors="pt").input_values
        with torch.no_grad():
            output = network(values.to(device), output_hidden_states=True)
            # transformers 5 gives the last state before the network's final norm; what leaves the network is wanted
            states = torch.stack([*output.hidden_states[:-1], output.last_hidden_state])
        picked.append(states[layer][0].cpu().numpy())
    return picked


def _timed(run: Callable[[], Result]) -> tuple[float, Result]:
    begin = time.perf_counter()
    result = run()
    return time.perf_counter() - begin, result


def _values(results: Sequence[Any]) -> list[np.ndarray]:
    return [features.values for features in results if isinstance(features, Features)]


def _difference(ours: Sequence[np.ndarray], theirs: Sequence[np.ndarray]) -> float:
    return max(
        float(np.abs(a - b).max() / max(1.0, np.abs(b).max())) if a.shape == b.shape else float("inf")
        for a, b in zip(ours, theirs, strict=True)
    )
