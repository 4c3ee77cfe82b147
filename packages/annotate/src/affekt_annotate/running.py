"""A run over many clips, on this machine or on Ray: progress, estimate, resume, and one broken clip stops nobody."""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from affekt import AffektError
from affekt_datasets import Sample
from affekt_features.work import media_bytes

from affekt_annotate import on_ray
from affekt_annotate.annotation import Annotation
from affekt_annotate.config import AnnotateConfig
from affekt_annotate.exporting import export
from affekt_annotate.filters import duplicates
from affekt_annotate.memory import PeakMemory
from affekt_annotate.outcomes import Outcome, work
from affekt_annotate.steps import Annotator

Engine = Literal["local", "ray"]
RECENT = 10
"""Clips that an estimate is made from."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What is left to do."""

    clips: int
    seconds: float


OnOutcome = Callable[[Outcome, Estimate | None], None]
"""Called with what became of a clip, and with the estimate once there is one."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What came of a run."""

    out: Path
    clips: int
    seconds: float
    exported: int
    errors: Mapping[str, str] = field(default_factory=dict)
    """Name → why the clip has no annotation."""
    failures: Mapping[str, int] = field(default_factory=dict)
    """Step and kind of failure → how many clips; the next run tries them again."""
    dropped: Mapping[str, int] = field(default_factory=dict)
    """Filter → how many items it drops."""
    cut: Mapping[str, int] = field(default_factory=dict)
    """Reason, in a word → how many sentences were cut for it."""
    sentences: int = 0
    """The number of sentences of all drafts."""
    memory: int = 0
    """Bytes that this process and its children held at most, decoders among them; Ray's actors are not."""

    def to_dict(self) -> dict[str, Any]:
        """The summary as plain data."""
        return {**self.__dict__, "out": str(self.out)}


def names_of(samples: Sequence[Sample]) -> dict[str, Sample]:
    """Name → sample, in order of the names; they serve as file names and as keys of MERR's files.

    Raises:
        AffektError: two clips would have one name.
    """
    named: dict[str, Sample] = {}
    for sample in samples:
        name = sample.id.replace("/", "__").replace("\\", "__").replace(" ", "_")
        if name in named:
            raise AffektError(
                f'the clips "{named[name].id}" and "{sample.id}" would both be called "{name}"',
                hint="rename one of them",
            )
        named[name] = sample
    return dict(sorted(named.items()))


def plan(config: AnnotateConfig, samples: Sequence[Sample], out: Path) -> dict[str, dict[str, str]]:
    """Name → step → why it would be done anew; clips for which nothing would be done are absent."""
    annotator = Annotator(config, out)
    steps = {name: annotator.plan(sample, name) for name, sample in names_of(samples).items()}
    return {name: anew for name, anew in steps.items() if anew}


def annotate(
    config: AnnotateConfig,
    samples: Sequence[Sample],
    out: Path,
    *,
    engine: Engine = "local",
    workers: int = 1,
    address: str | None = None,
    on_progress: OnOutcome | None = None,
) -> Summary:
    """Annotates the clips and writes all files; what an earlier run finished is not done again.

    Raises:
        SpecError, OptionsError, ComponentNotFound, MissingDependency: the configuration cannot run here.
        StoreError: the working folder cannot be written.
    """
    with PeakMemory() as peak:
        summary = _annotate(config, samples, out, engine, workers, address, on_progress)
    return replace(summary, memory=peak.bytes)


def _annotate(
    config: AnnotateConfig,
    samples: Sequence[Sample],
    out: Path,
    engine: Engine,
    workers: int,
    address: str | None,
    on_progress: OnOutcome | None,
) -> Summary:
    began, named = time.monotonic(), names_of(samples)
    size = {name: float(media_bytes(sample)) for name, sample in named.items()}
    annotations: list[Annotation] = []
    errors: dict[str, str] = {}
    left, before = sum(size.values()), began
    recent: deque[tuple[float, float]] = deque(maxlen=RECENT)
    for number, outcome in enumerate(_outcomes(config, named, out, engine, workers, address), start=1):
        left, now = left - size[outcome.name], time.monotonic()
        if number > 1:  # weights load with the first clip
            recent.append((now - before, size[outcome.name]))
        before = now
        if outcome.annotation is not None:
            annotations.append(outcome.annotation)
        else:
            errors[outcome.name] = outcome.error
        if on_progress is not None:
            on_progress(outcome, _estimate(recent, len(named) - number, left))
    finished = duplicates(sorted(annotations, key=lambda annotation: annotation.name), config)
    exported = export(finished, {annotation.name: named[annotation.name] for annotation in finished}, errors, out)
    return Summary(
        out=out,
        clips=len(named),
        seconds=time.monotonic() - began,
        exported=exported,
        errors=dict(sorted(errors.items())),
        failures=_counts(
            f"{step}: {why.partition(':')[0]}" for annotation in finished for step, why in annotation.failures().items()
        ),
        dropped=_counts(item.filter for annotation in finished for item in annotation.filters if item.drops),
        cut=_counts(
            sentence.cut.partition(":")[0]
            for annotation in finished
            for text in (annotation.blind, annotation.aware)
            for sentence in text.sentences
            if sentence.cut
        ),
        sentences=sum(len(text.sentences) for annotation in finished for text in (annotation.blind, annotation.aware)),
    )


def _outcomes(
    config: AnnotateConfig, named: Mapping[str, Sample], out: Path, engine: Engine, workers: int, address: str | None
) -> Iterator[Outcome]:
    annotator = Annotator(config, out)  # also for Ray: wrong options are found before a cluster starts
    if engine == "ray":
        yield from on_ray.run(config, named, out, workers, address)
        return
    try:
        for name, sample in named.items():
            yield work(annotator, sample, name)
    finally:
        annotator.close()


def _estimate(recent: Sequence[tuple[float, float]], clips: int, left: float) -> Estimate | None:
    """From the seconds and sizes of the last clips; None before there are any."""
    if not recent:
        return None
    return Estimate(clips=clips, seconds=left * sum(s for s, _ in recent) / max(1.0, sum(size for _, size in recent)))


def _counts(items: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(items).items()))
