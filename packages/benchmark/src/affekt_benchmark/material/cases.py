"""The clips of a suite with what is true of them: of a split, of a fold, evenly chosen where only some are wanted."""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from affekt import Clip, FaceTrack, Reference
from affekt_datasets import Dataset, LeftOut, Protocol, Sample, by_reason, default_folder, fold, fold_of, read

from affekt_benchmark.material.suites import BenchmarkError, Suite

DESCRIPTIONS = ("reason", "smp_reason_caption", "description")
"""Where data sets keep what a human wrote about a clip."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One clip to be answered."""

    reference: Reference
    sample: Sample

    @property
    def media(self) -> str | None:
        """The file, for whoever wants to hear or see it, from wherever they look."""
        return str(self.sample.media.absolute()) if self.sample.media is not None else None

    def clip(self) -> Clip:
        """The decoded clip. A picture of a face is its own face track.

        Raises:
            MediaError: the media cannot be read.
        """
        clip = self.sample.clip()
        return _with_face(clip) if self.sample.row is not None else clip


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Which clips of a suite are measured."""

    data: Path | None = None
    """The data set's folder; None takes `$AFFEKT_SHARED/data/NAME`."""
    split: tuple[str, ...] = ()
    """The splits of the data set; empty takes the suite's own."""
    protocol: Protocol = "official"
    """Which folds clips are tested in; see `affekt_datasets.protocols`."""
    fold: str | None = None
    """The test clips of this fold alone."""
    limit: int | None = None
    seed: int = 0
    """The seed by which clips are chosen where there is a limit."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The clips to be measured, and those of the test set that cannot be."""

    cases: Sequence[Case]
    left_out: Sequence[LeftOut] = field(default_factory=tuple)
    folds: Sequence[str] = ()
    """The names of all folds of the protocol, where clips are tested in folds."""

    @property
    def samples(self) -> list[Sample]:
        """The clips as the data set has them."""
        return [case.sample for case in self.cases]


ALLOWED = ("missing", "empty")
"""Problems of a data set on disk that are counted, and do not stop a measurement."""
LACKING: Mapping[str, str] = {
    "label": "no label", "labels": "no open-vocabulary labels", "description": "no description in words"
}  # fmt: skip
"""What a suite needs → why a clip without it is left out."""


def select(suite: Suite, choice: Choice) -> Selection:
    """The clips of a suite.

    Raises:
        DatasetError: the folder does not hold the data set, or something is wrong with it.
        BenchmarkError: nothing is left to be measured.
    """
    selection = _labelled(suite, *_read(suite, choice))
    if not selection.cases:
        lost = "".join(f"; {count} left out: {why}" for why, count in by_reason(selection.left_out).items())
        raise BenchmarkError(
            f"{suite.name} has no clip to measure in {choice.data}{lost}", hint="--data FOLDER, --split NAME"
        )
    if choice.limit is None or choice.limit >= len(selection.cases):
        return selection
    return replace(selection, cases=evenly(selection.cases, choice.limit, choice.seed))


def _read(suite: Suite, choice: Choice) -> tuple[Dataset, dict[str, str]]:
    """The wanted part of the data set, and clip → the fold that tests it."""
    root = default_folder(suite.dataset) if choice.data is None else choice.data
    wanted = choice.split or suite.split
    options = {suite.split_option: wanted} if suite.split_option else {}
    dataset = read(suite.dataset, root, allow=ALLOWED, **options)
    if suite.words_alone:
        dataset = _words_of(dataset)
    if choice.fold is not None or choice.protocol != "official":
        tested = fold_of(dataset, choice.protocol)
    else:
        tested = {sample.id: str(sample.fold) for sample in dataset if sample.fold is not None}
    if choice.fold is not None:
        dataset = fold(dataset, choice.fold, choice.protocol).test
    return (dataset.split(*wanted) if wanted else dataset), tested


def _words_of(dataset: Dataset) -> Dataset:
    """Every clip with words, also one whose media are missing, as a text that nobody speaks."""
    listed = (*dataset.samples, *(entry.sample for entry in dataset.left_out))
    written = tuple(replace(sample, media=None, row=None) for sample in listed if sample.text)
    return replace(dataset, samples=written, left_out=())


def _labelled(suite: Suite, dataset: Dataset, tested: Mapping[str, str]) -> Selection:
    cases, without = [], []
    for sample in dataset:
        true = reference(sample, tested.get(sample.id, ""))
        if getattr(true, suite.needs):
            cases.append(Case(sample=sample, reference=true))
        else:
            without.append(LeftOut(sample=sample, reason=LACKING[suite.needs]))
    names = sorted(set(tested.values()), key=lambda name: (len(name), name))
    return Selection(cases=cases, left_out=(*dataset.left_out, *without), folds=names)


def reference(sample: Sample, fold: str) -> Reference:
    """What a sample says, as evaluators read it."""
    return Reference(
        id=sample.id,
        label=sample.label,
        labels=sample.labels,
        valence=sample.valence,
        description=next((str(sample.notes[name]) for name in DESCRIPTIONS if sample.notes.get(name)), ""),
        group=sample.speaker or "",
        fold=fold,
    )


def evenly(cases: Sequence[Case], limit: int, seed: int) -> list[Case]:
    """Takes as many of every label as can be, and within a label of every speaker; the same ones for the same seed."""
    generator = random.Random(seed)
    queues: dict[str, dict[str, list[Case]]] = defaultdict(lambda: defaultdict(list))
    for case in cases:
        queues[case.reference.label or ""][case.reference.group].append(case)
    turns = []
    for by_group in queues.values():
        groups = list(by_group.values())
        for group in groups:
            generator.shuffle(group)
        generator.shuffle(groups)
        turns.append([case for turn in _columns(groups) for case in turn])
    order = [case for turn in _columns(turns) for case in turn][:limit]
    chosen = {id(case) for case in order}
    return [case for case in cases if id(case) in chosen]


def _columns(rows: Sequence[Sequence[Case]]) -> Iterator[list[Case]]:
    for index in range(max(map(len, rows), default=0)):
        yield [row[index] for row in rows if index < len(row)]


def _with_face(clip: Clip) -> Clip:
    """The expression plugin looks at the inside of a crop, so the picture is framed as a face track's crops are."""
    if clip.video is None or clip.faces is not None:
        return clip
    frames = clip.video.frames
    height, width = frames.shape[1:3]
    edge = round(max(height, width) * MARGIN)
    crops = np.pad(frames, ((0, 0), (edge, edge), (edge, edge), (0, 0)), mode="edge")
    boxes = np.tile(np.array([0, 0, width, height], dtype=np.float32), (len(frames), 1))
    faces = FaceTrack(times=clip.video.at(), boxes=boxes, crops=crops, choice="the picture is a cut-out face")
    return replace(clip, faces=faces)


MARGIN = 1 / 6
"""The margin as a share of the picture's side, added all around: the inner three quarters of a crop are the face."""
