"""NIST Rich Transcription Time Marked: a line `SPEAKER file 1 onset duration <NA> <NA> name <NA> <NA>` a turn.

What is written are tracks of speech, or of words where there are none; a turn without length is left out, as scoring
tools refuse it, and blanks in names become underscores.
"""

from pathlib import Path

from affekt_exchange.files import MOST_SPANS, ExchangeError, number, read_text, require_few, write_whole
from affekt_exchange.timeline import Span, Timeline, Track

UNKNOWN = "unknown"
"""Who speaks where nobody was told apart."""


class Rttm:
    """Who speaks when."""

    def write(self, timeline: Timeline, target: Path) -> list[Path]:
        """Writes one `.rttm`."""
        path = target.with_name(f"{target.name}.rttm")
        tracks = [track for track in timeline.tracks if track.kind == "speech"]
        tracks = tracks or [track for track in timeline.tracks if track.kind == "words"]
        turns = sorted(
            (span.start, span.end, _name(track.person or UNKNOWN)) for track in tracks for span in track.spans
        )
        media = _name(timeline.media or target.name)
        lines = [
            f"SPEAKER {media} 1 {start:.3f} {end - start:.3f} <NA> <NA> {name} <NA> <NA>\n"
            for start, end, name in turns
            if end > start
        ]
        write_whole(path, "".join(lines).encode())
        return [path]

    def read(self, path: Path) -> Timeline:
        """A track a speaker.

        Raises:
            ExchangeError: a line is not of this form, or several recordings are in the file.
        """
        lines = read_text(path).split("\n")
        require_few(path, "lines", len(lines), MOST_SPANS)
        media, turns = "", dict[str, list[Span]]()
        for line_number, line in enumerate(lines, 1):
            words = line.split()
            if not words or words[0].startswith(";;") or words[0] != "SPEAKER":
                continue
            where = f'"{path}", line {line_number}'
            if len(words) < 8:
                raise ExchangeError(
                    f"{where}: a turn should have 9 or 10 fields; found {len(words)}",
                    hint="SPEAKER file 1 onset duration <NA> <NA> name <NA> <NA>",
                )
            if media and words[1] != media:
                raise ExchangeError(
                    f'{where}: the file is about "{media}" and "{words[1]}"', hint="a file for each recording"
                )
            media, name = words[1], words[7]
            start, length = number(words[3], f"{where}, onset"), number(words[4], f"{where}, duration")
            if start < 0 or length < 0:
                raise ExchangeError(f"{where}: onset and duration are negative", hint="seconds from 0 on")
            turns.setdefault(name, []).append(Span(start=start, end=start + length, label=name))
        tracks = [
            Track(name=name, kind="speech", spans=tuple(spans), person="" if name == UNKNOWN else name)
            for name, spans in turns.items()
        ]
        return Timeline(media=media, duration=0, tracks=tuple(tracks))


def _name(text: str) -> str:
    return "_".join(text.split()) or UNKNOWN
