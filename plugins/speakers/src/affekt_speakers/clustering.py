"""Which stretches are one person's: spectral clustering of voices (scikit-learn), bounded in the number of people.

A person's voice moves with emotion, and two of their stretches may be further apart than those of two people. Spectral
clustering follows all similarities at once, where linkage splits a person at the strongest emotion. The number of
people is where the eigenvalues of the graph of voices have their largest gap (von Luxburg, 2007).

Of a recording of hours every second, third, … stretch is clustered, so that the graph has a bounded size, and the
others join whom they resemble most.

Stretches that are short say little of a voice: they found nobody, and join whom they resemble most, as in VBx for
overlapping speech (Delcroix et al., 2025).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64, Int64
from scipy.cluster.hierarchy import fcluster, linkage  # type: ignore[import-untyped]
from scipy.linalg import eigh  # type: ignore[import-untyped]
from scipy.sparse.linalg import eigsh  # type: ignore[import-untyped]
from scipy.spatial.distance import squareform  # type: ignore[import-untyped]
from sklearn.cluster import SpectralClustering  # type: ignore[import-untyped]

ENOUGH = 1.0
"""Seconds from which a stretch may found a person."""
POWER = 3
"""The power of the cosine of two voices: what is alike counts more than what is hardly."""
APART = 1e-3
"""Cosine of two who speak at the same time: as little as may be in a graph that hangs together."""
ALIKE = 0.2
"""The cosine to all others below which a stretch is a person by itself."""
ALONE = 0.3
"""The second eigenvalue from which all stretches are one person's."""
MANY = 3000
"""Stretches that are clustered at most, some 70 MB of similarities; those of an hour and a half of lively talk."""
LARGE = 400
"""Stretches from which on the few eigenvalues are sought by Lanczos' method, whose time does not grow by the cube."""
FEW = 4
"""Stretches below which there is no graph to speak of, and the threshold counts the people."""


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
        threshold: the mean cosine distance from which two groups of very few stretches are two people.
        share: of all seconds that a person has at least; those with less join whom they resemble most.
    """
    if not len(voices):
        return np.zeros(0, np.int64)
    founding = _evenly(np.flatnonzero(seconds >= min(ENOUGH, float(seconds.max()))), MANY)
    labels = np.full(len(voices), -1)
    labels[founding] = _linked(voices[founding], founding, apart, threshold, bounds)
    labels = _without_small(labels, seconds, share, bounds.least)
    centres = centres_of(voices, seconds, labels)
    open_rows = labels < 0
    labels[open_rows] = np.argmax(voices[open_rows] @ centres.T, axis=1)
    _, first, numbers = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[numbers]


def _evenly(rows: Int64[np.ndarray, "stretch"], most: int) -> Int64[np.ndarray, "stretch"]:
    """At most so many of the rows, at equal distances: everybody keeps their share of them."""
    return rows if len(rows) <= most else rows[np.linspace(0, len(rows) - 1, most).round().astype(np.int64)]


def _linked(
    voices: np.ndarray, rows: np.ndarray, apart: Sequence[tuple[int, int]], threshold: float, bounds: Bounds
) -> Int64[np.ndarray, "stretch"]:
    """The person of each founding stretch; −1 for those who resemble nobody where there may be no more people."""
    alike = np.clip(voices @ voices.T, APART, 1).astype(np.float64)
    index_of = {int(row): number for number, row in enumerate(rows)}
    for left, right in apart:
        if left in index_of and right in index_of:
            alike[index_of[left], index_of[right]] = alike[index_of[right], index_of[left]] = APART
    np.fill_diagonal(alike, 0)
    single = np.flatnonzero(alike.max(axis=1) < ALIKE)
    graph = np.flatnonzero(alike.max(axis=1) >= ALIKE)
    if len(graph) < FEW or bounds.least > len(graph):
        return _by_threshold(alike, threshold, bounds)
    weights = alike[np.ix_(graph, graph)] ** POWER
    people = _people(weights, max(1, bounds.least - len(single)), min(bounds.most, len(graph) - 1))
    labels = np.full(len(voices), -1)
    labels[graph] = _partition(weights, people)
    more = single[: bounds.most - people]
    labels[more] = people + np.arange(len(more))
    return labels


def _people(weights: Float64[np.ndarray, "stretch stretch"], least: int, most: int) -> int:
    """How many people the graph holds: the largest gap of the eigenvalues of its normalised Laplacian."""
    if least >= most:
        return most
    degree = weights.sum(axis=1)
    similarity = weights / np.sqrt(np.outer(degree, degree))
    size = len(weights)
    if size > LARGE:
        start = np.random.default_rng(0).standard_normal(size)  # the same for the same voices
        eigenvalues = np.sort(eigsh(similarity, most + 1, which="LA", v0=start, tol=1e-4, return_eigenvectors=False))
    else:
        eigenvalues = eigh(similarity, eigvals_only=True, subset_by_index=[max(0, size - most - 1), size - 1])
    values = 1 - eigenvalues[::-1]
    if least == 1 and values[1] >= ALONE:
        return 1
    least = max(least, 2)
    return least + int(np.argmax(np.diff(values)[least - 1 : most]))


def _partition(weights: Float64[np.ndarray, "stretch stretch"], people: int) -> Int64[np.ndarray, "stretch"]:
    if people == 1:
        return np.zeros(len(weights), np.int64)
    graph = weights + np.eye(len(weights))
    clustering = SpectralClustering(people, affinity="precomputed", assign_labels="cluster_qr", random_state=0)
    return np.unique(clustering.fit_predict(graph), return_inverse=True)[1]


def _by_threshold(
    alike: Float64[np.ndarray, "stretch stretch"], threshold: float, bounds: Bounds
) -> Int64[np.ndarray, "stretch"]:
    """Average linkage, for a few stretches."""
    if len(alike) < 2:
        return np.zeros(len(alike), np.int64)
    distances = 1 - alike
    np.fill_diagonal(distances, 0)
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
    unit: Float32[np.ndarray, "person dim"] = table / np.linalg.norm(table, axis=1, keepdims=True).clip(min=1e-9)
    return unit
