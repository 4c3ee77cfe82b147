"""Probes: how much emotion a simple classifier finds in frozen features, of speakers it has never heard."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from affekt import AffektError, Clip, EmotionPrediction, Features, plugins
from affekt_features.cached import cached
from affekt_features.store import FeatureStore
from jaxtyping import Float64
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
from sklearn.model_selection import GroupKFold  # type: ignore[import-untyped]
from sklearn.pipeline import make_pipeline  # type: ignore[import-untyped]
from sklearn.preprocessing import StandardScaler  # type: ignore[import-untyped]

from affekt_benchmark.cases import Case
from affekt_benchmark.plan import Pool, Probe
from affekt_benchmark.running import Told
from affekt_benchmark.suites import BenchmarkError

POOLS: Mapping[Pool, Callable[[np.ndarray], np.ndarray]] = {
    "mean": lambda rows: rows.mean(axis=0),
    "std": lambda rows: rows.std(axis=0),
    "max": lambda rows: rows.max(axis=0),
}
BATCH = 16
Columns = Float64[np.ndarray, "clip column"]


def probe(
    asked: Probe,
    cases: Sequence[Case],
    labels: Sequence[str],
    folds: int,
    store: Path,
    decoded: "Decoded",
    told: Told,
) -> list[EmotionPrediction]:
    """A prediction a case, from a probe that was trained without the case's fold.

    Raises:
        BenchmarkError: an encoder finds nothing in a clip, or there are fewer speakers than folds.
    """
    groups = [case.reference.group or case.reference.id for case in cases]
    if len(set(groups)) < folds:
        raise BenchmarkError(f"{folds} folds need as many speakers; found {len(set(groups))}", hint="folds, or limit")
    columns = features(asked, cases, store, decoded, told)
    truth = np.array([labels.index(case.reference.label or "") for case in cases])
    shares = np.full((len(cases), len(labels)), -np.inf)
    for train, test in GroupKFold(n_splits=folds).split(truth, groups=groups):
        known = np.unique(truth[train])
        shares[np.ix_(test, known)] = _judge(asked, columns, truth, train, test)
    likely = np.exp(shares - shares.max(axis=1, keepdims=True))
    likely /= likely.sum(axis=1, keepdims=True)
    return [
        EmotionPrediction(
            scores=dict(zip(labels, map(float, row), strict=True)), labels=(labels[int(row.argmax())],),
            rationale="A probe gives no reasons.",
        )
        for row in likely
    ]  # fmt: skip


def _judge(
    asked: Probe, columns: Mapping[str, Columns], truth: np.ndarray, train: np.ndarray, test: np.ndarray
) -> np.ndarray:
    """Log-probabilities of the classes that the training clips hold."""
    blocks = [np.hstack(list(columns.values()))] if asked.join == "early" else list(columns.values())
    told = []
    for block in blocks:
        model = make_pipeline(StandardScaler(), LogisticRegression(C=1 / asked.penalty, max_iter=500))
        told.append(model.fit(block[train], truth[train]).predict_log_proba(block[test]))
    joined: np.ndarray = np.mean(told, axis=0)
    return joined


def features(asked: Probe, cases: Sequence[Case], store: Path, decoded: "Decoded", told: Told) -> dict[str, Columns]:
    """Pooled features of every slot; nothing is encoded twice, here or in another run with the same store."""
    kept = FeatureStore(store)
    encoders = {slot: cached(plugins().create("encoder", use.use, **use.options), kept)
                for slot, use in asked.encoders.items()}  # fmt: skip
    rows: dict[str, list[np.ndarray]] = {slot: [] for slot in encoders}
    for begin in range(0, len(cases), BATCH):
        batch = cases[begin : begin + BATCH]
        clips = [decoded.clip(case) for case in batch]
        for slot, encoder in encoders.items():
            for clip, found in zip(clips, encoder.encode(clips), strict=True):
                if not isinstance(found, Features):
                    raise BenchmarkError(
                        f'"{slot}" finds nothing in {clip.id}: {found.reason}', hint="a probe needs every clip"
                    )
                rows[slot].append(_pooled(found.values, asked.pool, asked.take.get(slot)))
        told(begin + len(batch), len(cases))
    return {slot: np.stack(found).astype(np.float64) for slot, found in rows.items()}


class Decoded:
    """Clips that were decoded already, up to a gigabyte: decoding takes longer than a probe."""

    most = 1 << 30

    def __init__(self) -> None:
        self._kept: dict[str, Clip] = {}
        self._bytes = 0

    def clip(self, case: Case) -> Clip:
        """The decoded clip.

        Raises:
            MediaError: the media cannot be read.
        """
        name = case.reference.id
        if name in self._kept:
            return self._kept[name]
        try:
            clip = case.clip()
        except AffektError as error:
            error.add_note(f"in the clip {name}")
            raise
        self._bytes += clip.audio.samples.nbytes if clip.audio is not None else 0
        self._bytes += clip.video.frames.nbytes if clip.video is not None else 0
        if self._bytes < self.most:
            self._kept[name] = clip
        return clip


def _pooled(values: np.ndarray, pool: Sequence[Pool], take: tuple[int, int] | None) -> np.ndarray:
    if take is not None:
        which, blocks = take
        if values.shape[1] % blocks or not 0 <= which < blocks:
            raise BenchmarkError(f"block {which} of {blocks} cannot be taken from {values.shape[1]} columns")
        values = np.split(values, blocks, axis=1)[which]
    return np.concatenate([POOLS[one](values) for one in pool])
