"""The space of Kokoro's voices: where a person's voice is looked for.

Every point is a mixture of the 54 real voices, that is, a weighted sum of their styles for every length of a sentence,
with weights that sum to 1 and may be negative. Timbre (the half of a style that goes to the decoder) and prosody (the
half that goes to the predictor of durations, pitch and energy) are mixed apart. Coordinates are along the principal
directions of the real voices, in standard deviations, from a start among them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from affekt_kokoro.voices import PROSODY, TIMBRE, Style
from jaxtyping import Float32, Float64


@dataclass(frozen=True)
class Half:
    """One half of the styles: timbre or prosody."""

    tables: Float32[np.ndarray, "voice length number"]
    """The style tables of the real voices."""
    directions: Float64[np.ndarray, "voice direction"]
    """What a step of one standard deviation along a principal direction adds to the weights; columns sum to 0."""

    @classmethod
    def of(cls, styles: Float32[np.ndarray, "voice length number"], directions: int) -> Self:
        """The half with its first principal directions, which leave the mean over lengths out."""
        means = styles.mean(axis=1, dtype=np.float64)
        left, _, _ = np.linalg.svd(means - means.mean(axis=0), full_matrices=False)
        # One standard deviation along a direction is its singular value over √voices, hence these weights.
        return cls(styles, left[:, :directions] / np.sqrt(len(styles)))

    @property
    def size(self) -> int:
        """How many directions there are."""
        return int(self.directions.shape[1])

    @property
    def reach(self) -> float:
        """How far the real voices are from their mean, root mean square, in the coordinates of these directions."""
        return float(np.sqrt(self.size))

    def within(self, point: Float64[np.ndarray, "direction"]) -> Float64[np.ndarray, "direction"]:
        """The point, or the one in its direction that is no further from the start than real voices from their mean."""
        length = float(np.linalg.norm(point))
        return point * min(1.0, self.reach / length) if length else point

    def at(
        self, start: Float64[np.ndarray, "voice"], point: Float64[np.ndarray, "direction"]
    ) -> Float32[np.ndarray, "length number"]:
        """The half of a style, for every length."""
        weights = start + self.directions @ self.within(point)
        return np.tensordot(weights, self.tables, axes=1).astype(np.float32)


@dataclass(frozen=True)
class VoiceSpace:
    """Both halves, over the same real voices."""

    names: tuple[str, ...]
    timbre: Half
    prosody: Half

    @classmethod
    def of(cls, styles: Mapping[str, Style], timbre: int, prosody: int) -> Self:
        """The space of these voices, with so many directions each."""
        table = np.stack([styles[name][:, 0] for name in styles])
        halves = (Half.of(np.ascontiguousarray(table[..., part]), size) for part, size in _parts(timbre, prosody))
        return cls(tuple(styles), *halves)

    def start(self, likeness: Mapping[str, float], count: int) -> Float64[np.ndarray, "voice"]:
        """Weights of the `count` voices that are most alike, the more the more alike they are."""
        nearest = sorted(likeness, key=lambda name: -likeness[name])[:count]
        least = min(likeness[name] for name in nearest)
        shares = {name: likeness[name] - least + 0.02 for name in nearest}
        return np.array([shares.get(name, 0.0) for name in self.names]) / sum(shares.values())

    def style(
        self,
        start: Float64[np.ndarray, "voice"],
        timbre: Float64[np.ndarray, "direction"],
        prosody: Float64[np.ndarray, "direction"],
    ) -> Style:
        """The voice at a point."""
        halves = (self.timbre.at(start, timbre), self.prosody.at(start, prosody))
        return np.ascontiguousarray(np.concatenate(halves, axis=1)[:, None])


def _parts(timbre: int, prosody: int) -> Sequence[tuple[slice, int]]:
    return (TIMBRE, timbre), (PROSODY, prosody)
