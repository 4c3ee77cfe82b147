"""What annotation costs: time a clip once the models are loaded, and the memory that they and the decoders hold."""

import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

import psutil  # type: ignore[import-untyped]
from affekt import AffektError
from affekt_datasets import Sample

from affekt_annotate.annotation import Annotation
from affekt_annotate.config import AnnotateConfig
from affekt_annotate.outcomes import Outcome
from affekt_annotate.processor_time import processor_seconds
from affekt_annotate.running import Estimate, annotate


@dataclass(frozen=True, kw_only=True)
class AnnotationCost:
    """What it costs to annotate a few clips, annotated anew in a folder of their own."""

    first: float
    """Seconds of the first clip, on the way of which the models load."""
    warm: tuple[float, ...]
    """Seconds of each further clip."""
    processor: tuple[float, ...]
    """Seconds of the processor of each further clip, those of the decoders included."""
    durations: tuple[float, ...]
    """Seconds that each of the further clips plays."""
    memory: int
    """Bytes that the process and its children held at most."""

    @property
    def minutes_a_clip(self) -> float:
        """The median, with the models loaded."""
        return median(self.warm) / 60

    @property
    def real_time_factor(self) -> float:
        """Time over the length of the clips, with the models loaded; below 1 is faster than real time."""
        return sum(self.warm) / max(sum(self.durations), 1e-9)


def of_annotation(config: AnnotateConfig, samples: Sequence[Sample]) -> AnnotationCost:
    """Annotates the clips in a temporary folder, so that nothing that was annotated before counts.

    Raises:
        AffektError: there are fewer than two clips, or one of them fails.
    """
    if len(samples) < 2:
        raise AffektError(
            f"the first clip loads the models, so two clips are the least; found {len(samples)}", hint="a larger folder"
        )
    process, annotations = psutil.Process(os.getpid()), list[Annotation]()
    clock, processor = [time.perf_counter()], [processor_seconds(process)]

    def on_progress(outcome: Outcome, left: Estimate | None) -> None:
        if outcome.annotation is None:
            raise AffektError(f'the clip "{outcome.name}" cannot be annotated: {outcome.error}', hint="affekt doctor")
        clock.append(time.perf_counter())
        processor.append(processor_seconds(process))
        annotations.append(outcome.annotation)

    with tempfile.TemporaryDirectory() as folder:
        summary = annotate(config, samples, Path(folder), on_progress=on_progress)
    first, *warm = (after - before for before, after in pairwise(clock))
    return AnnotationCost(
        first=first,
        warm=tuple(warm),
        processor=tuple(after - before for before, after in pairwise(processor[1:])),
        durations=tuple(annotation.duration for annotation in annotations[1:]),
        memory=summary.memory,
    )
