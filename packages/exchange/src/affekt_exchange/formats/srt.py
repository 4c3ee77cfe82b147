"""SubRip subtitles: a cue a span, one line each. They are read through webvtt-py."""

import io
from pathlib import Path

from webvtt import WebVTT
from webvtt.errors import MalformedCaptionError, MalformedFileError

from affekt_exchange.files import MOST_SPANS, ExchangeError, read_text, require_few, write_whole
from affekt_exchange.formats.cues import cue_text, every_span, tracks_of
from affekt_exchange.timeline import Timeline


class SubRip:
    """Subtitles with the track of whatever is no words in brackets."""

    def write(self, timeline: Timeline, target: Path) -> list[Path]:
        """One `.srt`, UTF-8."""
        path = target.with_name(f"{target.name}.srt")
        cues = [
            f"{number}\n{_time(span.start)} --> {_time(max(span.end, span.start + 0.001))}\n{cue_text(track, span)}\n"
            for number, (track, span) in enumerate(every_span(timeline), 1)
        ]
        write_whole(path, "\n".join(cues).encode())
        return [path]

    def read(self, path: Path) -> Timeline:
        """The words, and a track a name in brackets.

        Raises:
            ExchangeError: it holds no subtitles, or too many.
        """
        text = read_text(path)
        require_few(path, "cues", text.count("-->"), MOST_SPANS)
        if not text.strip():
            return Timeline(media="", duration=0)
        try:
            captions = WebVTT.from_buffer(io.StringIO(text, newline="\n"), format="srt")
        except (MalformedCaptionError, MalformedFileError, ValueError, IndexError) as error:
            raise ExchangeError(
                f'"{path}" holds no subtitles: {error}', hint="1, then 00:00:01,000 --> 00:00:02,000, then the text"
            ) from error
        cues = [
            (_seconds(cue.start), _seconds(cue.end), " ".join(cue.raw_text.split()), "") for cue in captions.captions
        ]
        return Timeline(media="", duration=0, tracks=tracks_of([cue for cue in cues if cue[0] <= cue[1]]))


def _time(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, within_minute = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{within_minute // 1000:02d},{within_minute % 1000:03d}"


def _seconds(stamp: str) -> float:
    hours, minutes, seconds = stamp.replace(",", ".").split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
