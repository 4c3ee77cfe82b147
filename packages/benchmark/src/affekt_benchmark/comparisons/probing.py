"""Probes: how much emotion a simple classifier finds in frozen features, of speakers it has never heard."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from affekt import AffektError, Clip, EmotionPrediction, Features, MediaError, plugins
from affekt_datasets import Protocol
from affekt_features.cached import cached
from affekt_features.store import FeatureStore
from jaxtyping import Float64
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
from sklearn.model_selection import GroupKFold  # type: ignore[import-untyped]
from sklearn.pipeline import make_pipeline  # type: ignore[import-untyped]
from sklearn.preprocessing import StandardScaler  # type: ignore[import-untyped]

from affekt_benchmark.comparisons.plan import Pool, Probe
from affekt_benchmark.material.cases import Case
from affekt_benchmark.material.suites import BenchmarkError
from affekt_benchmark.runs.running import Answer, OnCount

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
    folds: Protocol,
    store: Path,
    decoded: "Decoded",
    on_progress: OnCount,
) -> list[Answer]:
    """An answer a case, from a probe that was trained without the case's fold.

    Args:
        folds: a number of folds of speakers, or a protocol whose fold each case names.

    Raises:
        BenchmarkError: there are fewer speakers than folds, or cases without a fold.
    """
    columns, without = features(asked, cases, store, decoded, on_progress)
    kept = [index for index in range(len(cases)) if index not in without]
    truth = np.array([labels.index(cases[index].reference.label or "") for index in kept])
    shares = np.full((len(kept), len(labels)), -np.inf)
    for train, test in _divided([cases[index] for index in kept], folds):
        classes = np.unique(truth[train])
        shares[np.ix_(test, classes)] = _judge(asked, columns, truth, train, test)
    likely = np.exp(shares - shares.max(axis=1, keepdims=True))
    likely /= likely.sum(axis=1, keepdims=True)
    answers = {
        index: Answer(seconds=0.0, prediction=EmotionPrediction(
            scores=dict(zip(labels, map(float, row), strict=True)), labels=(labels[int(row.argmax())],),
            rationale="A probe gives no reasons.",
        ))
        for index, row in zip(kept, likely, strict=True)
    }  # fmt: skip
    return [
        answers[index] if index in answers else Answer(prediction=None, seconds=0.0, failure=without[index],
                                                       reason="an encoder found nothing in it")
        for index in range(len(cases))
    ]  # fmt: skip


def _divided(cases: Sequence[Case], folds: Protocol) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(training, test) indices of every fold."""
    if isinstance(folds, int):
        groups = [case.reference.group or case.reference.id for case in cases]
        if len(set(groups)) < folds:
            hint = "folds, or limit"
            raise BenchmarkError(f"{folds} folds need as many speakers; found {len(set(groups))}", hint=hint)
        yield from GroupKFold(n_splits=folds).split(groups, groups=groups)
        return
    tested = np.array([case.reference.fold for case in cases])
    names = sorted(set(tested.tolist()))
    if "" in names or len(names) < 2:
        raise BenchmarkError(
            f"the protocol {folds} needs two folds or more, and every clip in one; found {names}", hint="limit"
        )
    for name in names:
        yield np.flatnonzero(tested != name), np.flatnonzero(tested == name)


def _judge(
    asked: Probe, columns: Mapping[str, Columns], truth: np.ndarray, train: np.ndarray, test: np.ndarray
) -> np.ndarray:
    """Log-probabilities of the classes that the training clips hold."""
    blocks = [np.hstack(list(columns.values()))] if asked.join == "early" else list(columns.values())
    judged = []
    for block in blocks:
        model = make_pipeline(StandardScaler(), LogisticRegression(C=1 / asked.penalty, max_iter=500))
        judged.append(model.fit(block[train], truth[train]).predict_log_proba(block[test]))
    joined: np.ndarray = np.mean(judged, axis=0)
    return joined


def features(
    asked: Probe, cases: Sequence[Case], store: Path, decoded: "Decoded", on_progress: OnCount
) -> tuple[dict[str, Columns], dict[int, str]]:
    """Pooled features of every slot, a row a case in which every encoder finds something; and why others have none.

    Nothing is encoded twice, here or in another run with the same store.
    """
    kept = FeatureStore(store)
    encoders = {slot: cached(plugins().create("encoder", use.use, **use.options), kept)
                for slot, use in asked.encoders.items()}  # fmt: skip
    rows: dict[int, dict[str, np.ndarray]] = {}
    without: dict[int, str] = {}
    for begin in range(0, len(cases), BATCH):
        batch = cases[begin : begin + BATCH]
        clips: dict[int, Clip] = {}
        for index, case in enumerate(batch, begin):
            try:
                clips[index] = decoded.clip(case)
            except MediaError as error:
                without[index] = error.message
        for slot, encoder in encoders.items():
            for index, encoded in zip(clips, encoder.encode(list(clips.values())), strict=True):
                if isinstance(encoded, Features):
                    rows.setdefault(index, {})[slot] = _pooled(encoded.values, asked.pool, asked.take.get(slot))
                else:
                    without.setdefault(index, f"{slot}: {encoded.reason}")
        on_progress(begin + len(batch), len(cases))
    complete = [rows[index] for index in sorted(rows.keys() - without.keys())]
    if not complete:
        raise BenchmarkError(f"nothing was found in any of {len(cases)} clips; the first: {without[0]}")
    return {slot: np.stack([row[slot] for row in complete]).astype(np.float64) for slot in encoders}, without


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
    return np.concatenate([POOLS[pooling](values) for pooling in pool])
