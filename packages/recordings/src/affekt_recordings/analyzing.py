"""The analysis of recordings by a pipeline: the windows of each one after another, so that memory stays flat."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from affekt import Clip, DataError, Pipeline
from affekt.calling import OnProgress, call
from affekt.provenance import provenance

from affekt_recordings.analysis import Analysis
from affekt_recordings.failures import OF_ONE_RECORDING, FailedAnalysis
from affekt_recordings.journal import Journal
from affekt_recordings.sources import name_of, recording_of
from affekt_recordings.windows import Part, judged, windows_of


class Interrupted(KeyboardInterrupt):
    """Ctrl-C while a long file was analysed. `analysis` holds the windows that were finished, and says so in a note."""

    def __init__(self, analysis: Analysis) -> None:
        super().__init__(f"{analysis.source}: interrupted after {analysis.duration:.0f} s of it were analysed")
        self.analysis = analysis


def analyze(
    pipeline: Pipeline,
    source: Any,
    on_progress: OnProgress,
    *,
    channel: int | None = None,
    sample_rate: int | None = None,
    resume: str | Path | None = None,
) -> Analysis | list[Analysis | FailedAnalysis] | Iterator[Analysis | FailedAnalysis]:
    """What is felt in one recording, or in each of several; see `Pipeline.analyze` for the arguments and errors."""
    pipeline.require_encoders()
    if recording_of(source, sample_rate) is not None:
        return _analyze_one(pipeline, source, on_progress, channel, sample_rate, resume)
    if resume is not None:
        raise DataError("`resume` keeps the windows of one file; found several", hint="a loop with a folder each")

    def analyze_one(each: Any) -> Analysis:
        return _analyze_one(pipeline, each, on_progress, channel, sample_rate)

    analyses = _each(analyze_one, source)
    return list(analyses) if isinstance(source, Sequence) else analyses


def _each(analyze_one: Callable[[Any], Analysis], sources: Iterable[Any]) -> Iterator[Analysis | FailedAnalysis]:
    """One analysis a recording, in order, or why there is none."""
    for source in sources:
        result: Analysis | FailedAnalysis
        try:
            result = analyze_one(source)
        except OF_ONE_RECORDING as error:
            result = FailedAnalysis.of(name_of(source), error)
        yield result
        del result  # while the next one is made


def _analyze_one(
    pipeline: Pipeline,
    source: Any,
    on_progress: OnProgress,
    channel: int | None,
    sample_rate: int | None,
    resume: str | Path | None = None,
) -> Analysis:
    """What is felt in one recording."""
    name, parts = name_of(source), list[Part]()
    journal = None
    if resume is not None and not isinstance(source, Clip):
        if not isinstance(source, str | os.PathLike):
            raise DataError(f"`resume` keeps the windows of a file; found {name}", hint="the path of a file")
        journal = Journal(resume, Path(source), channel, provenance(pipeline))
        parts = journal.parts()
    finished = len(parts)
    name += "" if channel is None else f", channel {channel}"
    on_progress("media")
    try:
        for number, clip in enumerate(windows_of(source, channel, sample_rate)):
            if number < finished:
                on_progress("media")
                continue
            parts = [*parts[:-1], *map(Part.lighten, parts[-1:]), *judged(pipeline, [clip], on_progress)]
            if journal is not None:
                journal.add(number, parts[-1])
            on_progress("media")
    except KeyboardInterrupt as interrupt:
        if parts:
            raise Interrupted(_analysis(pipeline, name, [*parts[:-1], _cut_short(parts[-1])])) from interrupt
        raise
    analysis = _analysis(pipeline, name, parts)
    if journal is not None:
        journal.remove()
    return analysis


def _analysis(pipeline: Pipeline, name: str, parts: Sequence[Part]) -> Analysis:
    kept = _linked(pipeline, parts if len(parts) == 1 else [*parts[:-1], *map(Part.lighten, parts[-1:])])
    return Analysis(source=name, parts=tuple(kept), provenance=provenance(pipeline))


def _linked(pipeline: Pipeline, parts: Sequence[Part]) -> list[Part]:
    """The windows with people who are the same in all of them, where a preparer has a method `link`."""
    clips: Sequence[Clip] = [part.evidence.clip for part in parts]
    for slot, preparer in pipeline.prepare.items():
        if callable(getattr(preparer, "link", None)):
            clips = call(slot, preparer, "link", clips, (Clip,))
    return [replace(part, evidence=replace(part.evidence, clip=clip)) for part, clip in zip(parts, clips, strict=True)]


def _cut_short(part: Part) -> Part:
    """The last window that was finished, with a note that it is the last."""
    clip = part.evidence.clip
    note = f"interrupted: nothing after {part.seconds[1]:.0f} s was analysed"
    return replace(part, evidence=replace(part.evidence, clip=replace(clip, notes=(*clip.notes, note))))
