"""The analysis of one recording by a pipeline: its windows one after another, so that memory stays flat."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from affekt.analysis import Analysis
from affekt.calling import Step, call
from affekt.data import Clip
from affekt.errors import DataError
from affekt.journal import Journal
from affekt.provenance import provenance
from affekt.sources import name_of, one
from affekt.windows import Part, read_windows

if TYPE_CHECKING:
    from affekt.pipeline import Pipeline


class Interrupted(KeyboardInterrupt):
    """Ctrl-C while a long file was analysed. `analysis` holds the windows that were finished, and says so in a note."""

    def __init__(self, analysis: Analysis) -> None:
        super().__init__(f"{analysis.source}: interrupted after {analysis.duration:.0f} s of it were analysed")
        self.analysis = analysis


def analyze_one(
    pipeline: "Pipeline",
    source: Any,
    step: Step,
    *,
    channel: int | None,
    sample_rate: int | None,
    resume: str | Path | None = None,
) -> Analysis:
    """What is felt in one recording; see `Pipeline.analyze` for the arguments and errors."""
    name, parts = name_of(source), list[Part]()
    journal = None
    if resume is not None and not isinstance(source, Clip):
        if not isinstance(source, str | os.PathLike):
            raise DataError(f"`resume` keeps the windows of a file; found {name}", hint="the path of a file")
        journal = Journal(resume, Path(source), channel, provenance(pipeline))
        parts = journal.parts()
    finished = len(parts)
    name += "" if channel is None else f", channel {channel}"
    step("media")
    try:
        for number, clip in enumerate(windows_of(source, channel, sample_rate)):
            if number < finished:
                step("media")
                continue
            parts = [*parts[:-1], *map(Part.lighten, parts[-1:]), *pipeline.judge([clip], step)]
            if journal is not None:
                journal.add(number, parts[-1])
            step("media")
    except KeyboardInterrupt as interrupt:
        if parts:
            raise Interrupted(_analysis(pipeline, name, [*parts[:-1], _cut_short(parts[-1])])) from interrupt
        raise
    analysis = _analysis(pipeline, name, parts)
    if journal is not None:
        journal.remove()
    return analysis


def _analysis(pipeline: "Pipeline", name: str, parts: Sequence[Part]) -> Analysis:
    kept = _linked(pipeline, parts if len(parts) == 1 else [*parts[:-1], *map(Part.lighten, parts[-1:])])
    return Analysis(source=name, parts=tuple(kept), provenance=provenance(pipeline))


def _linked(pipeline: "Pipeline", parts: Sequence[Part]) -> list[Part]:
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


def windows_of(source: Any, channel: int | None, sample_rate: int | None) -> Iterable[Clip]:
    """The windows of one recording.

    Raises:
        DataError: it holds several, or is none.
    """
    recording = one(source, sample_rate)
    if recording is None:
        raise DataError(f"each of several recordings should be one; found a {type(source).__name__}", hint="one list")
    return [recording] if isinstance(recording, Clip) else read_windows(recording, channel)
