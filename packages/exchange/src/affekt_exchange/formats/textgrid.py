"""Praat TextGrid, through praatio: an interval tier a track, and a point tier for its spans without length.

What overlaps goes to further tiers, "emotion 2" and so on. Scores and evidence cannot be held.
"""

import re
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from praatio import textgrid  # type: ignore[import-untyped]
from praatio.utilities.errors import PraatioException  # type: ignore[import-untyped]

from affekt_exchange.files import (
    MOST_SPANS,
    MOST_TRACKS,
    ExchangeError,
    read_text,
    require_few,
    write_whole,
)
from affekt_exchange.timeline import Span, Timeline, Track, free_name, without_overlap

_TIER = re.compile(r'"(?:IntervalTier|TextTier)"')


class TextGrid:
    """Tiers of intervals and points."""

    def write(self, timeline: Timeline, target: Path) -> list[Path]:
        """One `.TextGrid` in the long form, UTF-8."""
        path = target.with_name(f"{target.name}.TextGrid")
        end = timeline.duration or 0.001
        grid = textgrid.Textgrid(0, end)
        taken: list[str] = []
        for track in timeline.tracks:
            for kind, row in _rows(track):
                taken.append(free_name(track.name, taken))
                grid.addTier(kind(taken[-1], row, 0, end))
        with TemporaryDirectory() as folder:
            draft = Path(folder, "grid")
            grid.save(str(draft), format="long_textgrid", includeBlankSpaces=True, reportingMode="error")
            write_whole(path, draft.read_bytes())
        return [path]

    def read(self, path: Path) -> Timeline:
        """A track a tier; in intervals, no label is no span.

        Raises:
            ExchangeError: praatio does not read it, or it holds too much.
        """
        text = read_text(path)
        require_few(path, "tiers", len(_TIER.findall(text)), MOST_TRACKS)
        require_few(path, "lines", text.count("\n"), 4 * MOST_SPANS)
        if "ooTextFile" not in text[:200] or "TextGrid" not in text[:400]:
            raise ExchangeError(f'"{path}" does not begin as a TextGrid', hint='File type = "ooTextFile"')
        try:
            grid = textgrid.openTextgrid(str(path), False, reportingMode="silence", duplicateNamesMode="rename")
            tracks, taken = [], list[str]()
            for tier in grid.tiers:
                taken.append(free_name(" ".join(tier.name.split()) or "tier", taken))
                spans = tuple(_span(entry) for entry in tier.entries)
                tracks.append(Track(name=taken[-1], kind="note", spans=spans))
            return Timeline(media="", duration=float(grid.maxTimestamp), tracks=tuple(tracks))
        except (PraatioException, ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
            raise ExchangeError(
                f'"{path}" is not a TextGrid that praatio reads: {error}', hint="opening it in Praat"
            ) from error


def _span(entry: Any) -> Span:
    if isinstance(entry, textgrid.constants.Interval):
        return Span(start=entry.start, end=entry.end, label=entry.label)
    return Span(start=entry.time, end=entry.time, label=entry.label)


def _rows(track: Track) -> list[tuple[Any, list[Any]]]:
    """The tiers of a track: the class and its entries. Without a label there is nothing that Praat would keep."""
    spans = [replace(span, label=" ".join(span.label.split("\n")).strip()) for span in track.spans]
    long = without_overlap(span for span in spans if span.end > span.start and span.label)
    points = without_overlap(span for span in spans if span.end == span.start and span.label)
    rows: list[tuple[Any, list[Any]]] = [
        (textgrid.IntervalTier, [(span.start, span.end, span.label) for span in row]) for row in long
    ]
    return rows + [(textgrid.PointTier, [(span.start, span.label) for span in row]) for row in points]
