"""Fewer rows over time, each with the span it stands for. Imports no framework."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from affekt import Features
from affekt.errors import OptionsError


def pooled(features: Features, pool: str, segments: int = 8) -> Features:
    """Rows of the features pooled over time, as the options `pool` and `segments` say.

    `none` changes nothing. `mean` and `mean+std` (population standard deviation, in columns of its own) give one row
    over the whole span. `segments` gives the mean of each of so many equal stretches, or every row where there are
    fewer.
    """
    match pool:
        case "none":
            return features
        case "mean":
            return _joined(features, [slice(None)])
        case "mean+std":
            mean = _joined(features, [slice(None)])
            spread = features.values.std(axis=0, dtype=np.float64, keepdims=True).astype(np.float32)
            names = None if features.names is None else (*features.names, *(f"{name} std" for name in features.names))
            return replace(mean, values=np.concatenate([mean.values, spread], axis=1), names=names)
        case "segments":
            count = min(segments, len(features.values))
            edges = np.linspace(0, len(features.values), count + 1).round().astype(int).tolist()
            return _joined(features, [slice(begin, end) for begin, end in pairwise(edges)])
    raise OptionsError(f'pool: there is no "{pool}"', hint="none, mean, mean+std or segments")


def _joined(features: Features, stretches: list[slice]) -> Features:
    clock = features.clock()
    return replace(
        features,
        values=np.stack([features.values[s].mean(axis=0, dtype=np.float64) for s in stretches]).astype(np.float32),
        hop=None,
        start=0.0,
        spans=np.stack([[clock[s][0, 0], clock[s][-1, 1]] for s in stretches]),
    )
