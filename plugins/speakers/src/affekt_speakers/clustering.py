"""Which stretches are one person's: average linkage (scipy) of voices, bounded in the number of people.

Stretches that are short say little of a voice: they found nobody, and join whom they resemble most, as in VBx for
overlapping speech (Delcroix et al., 2025).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64, Int64
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist, squareform

ENOUGH = 1.0
"""Seconds from which a stretch may found a person."""
APART = 2.0
"""Distance of two who speak at the same time: as far as cosines go."""


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How many people there may be."""

    least: int = 1
    most: int = 20


def cluster(
    voices: Float32[np.ndarray, "stretch dim"],
    seconds: Float64[np.ndarray, "stretch"],
    apart: Sequence[tuple[int, int]],
    *,
    threshold: float,
    bounds: Bounds,
    share: float = 0.0,
) -> Int64[np.ndarray, "stretch"]:
    """The number of the person of each stretch, from 0, in order of appearance.

    Args:
        voices: rows of length 1.
        seconds: that each row rests on.
        apart: pairs of stretches that overlap, and so are two people's.
        threshold: the mean cosine distance from which two groups are two people.
        share: of all seconds that a person has at least; those with less join whom they resemble most.
    """
    if not len(voices):
        return np.zeros(0, np.int64)
    founding = np.flatnonzero(seconds >= min(ENOUGH, float(seconds.max())))
    labels = np.full(len(voices), -1)
    labels[founding] = _linked(voices[founding], founding, apart, threshold, bounds)
    labels = _without_small(labels, seconds, share, bounds.least)
    centres = centres_of(voices, seconds, labels)
    open_rows = labels < 0
    labels[open_rows] = np.argmax(voices[open_rows] @ centres.T, axis=1)
    _, first, numbers = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[numbers]


def _linked(
    voices: np.ndarray, rows: np.ndarray, apart: Sequence[tuple[int, int]], threshold: float, bounds: Bounds
) -> Int64[np.ndarray, "stretch"]:
    if len(voices) < 2:
        return np.zeros(len(voices), np.int64)
    distances = squareform(pdist(voices, "cosine"))
    place = {int(row): number for number, row in enumerate(rows)}
    for left, right in apart:
        if left in place and right in place:
            distances[place[left], place[right]] = distances[place[right], place[left]] = APART
    tree = linkage(squareform(distances, checks=False), "average")
    labels = fcluster(tree, threshold, "distance")
    people = len(set(labels.tolist()))
    if not bounds.least <= people <= bounds.most:
        labels = fcluster(tree, bounds.least if people < bounds.least else bounds.most, "maxclust")
    return np.unique(labels, return_inverse=True)[1]


def _without_small(
    labels: Int64[np.ndarray, "stretch"], seconds: np.ndarray, share: float, least: int
) -> Int64[np.ndarray, "stretch"]:
    """Founders with less than their share of the seconds found nobody, as long as enough people remain."""
    time = np.bincount(labels[labels >= 0], weights=seconds[labels >= 0])
    order = np.argsort(time)
    small = [who for who in order[: max(0, len(time) - max(1, least))] if time[who] < share * seconds.sum()]
    kept = np.where(np.isin(labels, small), -1, labels)
    used = np.unique(kept[kept >= 0])
    return np.where(kept >= 0, np.searchsorted(used, kept), -1)


def centres_of(
    voices: Float32[np.ndarray, "stretch dim"],
    seconds: Float64[np.ndarray, "stretch"],
    labels: Int64[np.ndarray, "stretch"],
) -> Float32[np.ndarray, "person dim"]:
    """The mean voice of each person, weighted by time, of length 1; rows whose label is negative are nobody's."""
    weights = np.maximum(seconds, 1e-3)
    own = [labels == person for person in range(labels.max() + 1)]
    table = np.array([np.average(voices[rows], axis=0, weights=weights[rows]) for rows in own], np.float32)
    return table / np.linalg.norm(table, axis=1, keepdims=True).clip(min=1e-9)
