"""One vector a clip and channel: the mean over time of what an encoder finds. Nothing is computed twice."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from affekt import AffektError, Encoder, Features, Preparer
from affekt_features.cached import cached
from affekt_features.keys import describe
from affekt_features.store import FeatureStore
from jaxtyping import Float32

from affekt_benchmark.corpora.cost import Cost, of_clips, prepared
from affekt_benchmark.material.cases import Case
from affekt_benchmark.material.suites import BenchmarkError
from affekt_benchmark.results import ids_hash
from affekt_benchmark.runs.running import OnCount

BATCH = 8
CHECKPOINT = 40
"""Batches after which what was found so far is kept."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Vectors:
    """What one encoder found in the clips of a corpus."""

    rows: Float32[np.ndarray, "clip dim"]
    """NaN where it found nothing."""
    reasons: Sequence[str]
    """Why nothing was found; empty where something was."""
    cost: Cost


def collect(
    cases: Sequence[Case],
    encoder: Encoder,
    preparers: Sequence[Preparer],
    store: FeatureStore,
    folder: Path,
    on_progress: OnCount,
) -> Vectors:
    """The vectors from the folder, from the store, or computed; an interrupted run goes on.

    Raises:
        BenchmarkError: the encoder finds nothing in any clip.
        AffektError: no clip can be read.
    """
    recipe = json.dumps(
        [describe(encoder), [describe(preparer) for preparer in preparers]], sort_keys=True, default=str
    )
    key = hashlib.sha256(f"{recipe} {ids_hash(cases)} {_files(cases)}".encode()).hexdigest()[:16]
    path = folder / f"{key}.npz"
    vectors, reasons = _read(path)
    stored = cached(encoder, store)
    for begin in range(len(reasons), len(cases), BATCH):
        batch = cases[begin : begin + BATCH]
        for vector, reason in _batch(batch, stored, preparers):
            vectors.append(vector)
            reasons.append(reason)
        if (begin // BATCH) % CHECKPOINT == CHECKPOINT - 1:
            _write(path, vectors, reasons)
        on_progress(len(reasons), len(cases))
    _write(path, vectors, reasons)
    width = next((len(vector) for vector in vectors if vector is not None), None)
    if width is None:
        raise BenchmarkError(f"nothing was found in any of {len(cases)} clips; the first: {reasons[0]}")
    rows = np.stack([np.full(width, np.nan, np.float32) if vector is None else vector for vector in vectors])
    return Vectors(rows=rows, reasons=reasons, cost=_cost(folder / f"{key}.json", cases, preparers, encoder))


def _batch(
    batch: Sequence[Case], encoder: Encoder, preparers: Sequence[Preparer]
) -> list[tuple[np.ndarray | None, str]]:
    results: list[tuple[np.ndarray | None, str]] = [(None, "")] * len(batch)
    clips = {}
    for index, case in enumerate(batch):
        try:
            clips[index] = prepared(case, preparers)
        except AffektError as error:
            results[index] = None, error.message
    for index, features in zip(clips, encoder.encode(list(clips.values())) if clips else (), strict=True):
        if isinstance(features, Features) and len(features.values):
            results[index] = features.values.mean(axis=0).astype(np.float32), ""
        else:
            results[index] = None, getattr(features, "reason", "the encoder found nothing in it")
    return results


def _cost(path: Path, cases: Sequence[Case], preparers: Sequence[Preparer], encoder: Encoder) -> Cost:
    """Measured once, and kept beside the vectors."""
    if path.is_file():
        return Cost(**json.loads(path.read_text(encoding="utf-8")))
    cost = of_clips(cases, preparers, encoder)
    path.write_text(json.dumps(cost.plain()) + "\n", encoding="utf-8")
    return cost


def _files(cases: Sequence[Case]) -> str:
    """Of the media's sizes and times: a corpus that is changed in its place is read anew."""
    states = [
        case.sample.media.stat() for case in cases if case.sample.media is not None and case.sample.media.exists()
    ]
    lines = "\n".join(f"{state.st_size} {state.st_mtime_ns}" for state in states)
    return hashlib.sha256(lines.encode()).hexdigest()


def _read(path: Path) -> tuple[list[np.ndarray | None], list[str]]:
    if not path.is_file():
        return [], []
    with np.load(path, allow_pickle=False) as arrays:
        reasons = [str(reason) for reason in arrays["reasons"]]
        rows = [None if reason else row for row, reason in zip(arrays["rows"], reasons, strict=True)]
    return rows, reasons


def _write(path: Path, vectors: Sequence[np.ndarray | None], reasons: Sequence[str]) -> None:
    width = next((len(vector) for vector in vectors if vector is not None), None)
    if width is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = np.stack([np.zeros(width, np.float32) if vector is None else vector for vector in vectors])
    partial = path.with_name(f".{path.name}.part.npz")
    np.savez(partial, rows=rows, reasons=np.array(reasons))
    partial.replace(path)
