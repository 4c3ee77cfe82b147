"""WebVTT, through webvtt-py: captions for people, and a metadata track (`kind="metadata"`) with everything.

    interview.vtt             what is said, <v who> says it; sounds and what is felt for a while as [track] label
    interview.metadata.vtt    a cue a span, its text one line of JSON; a NOTE with the tracks

A page shows the first and reads the second: `track.oncuechange = () => JSON.parse(track.activeCues[0].text)`.
"""

import html
import io
import json
from pathlib import Path
from typing import Any

from webvtt import Caption, WebVTT
from webvtt.errors import MalformedCaptionError, MalformedFileError

from affekt_exchange.files import MOST_SPANS, ExchangeError, json_of, read_text, require_few, write_whole
from affekt_exchange.formats.cues import captions, every_span, tracks_of
from affekt_exchange.timeline import Timeline

_NOTE = "affekt "


class WebVtt:
    """Captions and their metadata track."""

    def write(self, timeline: Timeline, target: Path) -> list[Path]:
        """`.metadata.vtt` and `.vtt`."""
        shown, metadata = WebVTT(), WebVTT()
        for begin, end, label, who in captions(timeline):
            text = html.escape(label, quote=False)
            person = html.escape(who, quote=False).replace("-->", "→")
            shown.captions.append(Caption(*_times(begin, end), f"<v {person}>{text}</v>" if person else text))
        for track, span in every_span(timeline):
            metadata.captions.append(
                Caption(*_times(span.start, span.end), _json({"track": track.name, **span.to_dict()}))
            )
        facts = timeline.to_dict()
        facts.pop("documents", None)
        facts["tracks"] = [{**track, "spans": []} for track in facts["tracks"]]
        metadata.header_comments.append(_NOTE + _json(facts))
        paths = []
        for suffix, track_file in ((".metadata.vtt", metadata), (".vtt", shown)):
            path = target.with_name(f"{target.name}{suffix}")
            write_whole(path, (track_file.content + "\n").encode())
            paths.append(path)
        return paths

    def read(self, path: Path) -> Timeline:
        """The whole timeline from a metadata track; words and labels from captions.

        Raises:
            ExchangeError: it is no WebVTT, or holds too many cues.
        """
        text = read_text(path)
        require_few(path, "cues", text.count("-->"), MOST_SPANS)
        try:
            read = WebVTT.from_buffer(io.StringIO(text, newline="\n"))
        except (MalformedCaptionError, MalformedFileError, ValueError, IndexError) as error:
            raise ExchangeError(f'"{path}" is not WebVTT: {error}', hint="a first line WEBVTT") from error
        notes = [note for note in (*read.header_comments, *read.footer_comments) if note.startswith(_NOTE)]
        if notes:
            return _timeline(path, json_of(path, notes[0].removeprefix(_NOTE)), read)
        cues = [
            (_seconds(cue.start), _seconds(cue.end), " ".join(html.unescape(cue.text).split()), cue.voice or "")
            for cue in read.captions
        ]
        return Timeline(media="", duration=0, tracks=tracks_of([cue for cue in cues if cue[0] <= cue[1]]))


def _timeline(path: Path, facts: dict[str, Any], captions: WebVTT) -> Timeline:
    try:
        tracks = {track["name"]: {**track, "spans": []} for track in facts["tracks"]}
        for cue in captions.captions:
            span = json_of(path, cue.raw_text)
            tracks[span.pop("track")]["spans"].append(span)
    except (KeyError, TypeError, AttributeError) as error:
        raise ExchangeError(
            f'"{path}" holds a cue of no track: {error!r}', hint="the file as it was exported"
        ) from error
    return Timeline.from_dict({**facts, "tracks": list(tracks.values())})


def _json(document: Any) -> str:
    """One line of ASCII in which nothing looks like a tag, an entity or an arrow."""
    text = json.dumps(document)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _times(start: float, end: float) -> tuple[str, str]:
    """As stamps; a cue without length lasts a millisecond."""
    return _time(start), _time(max(end, start + 0.001))


def _time(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, within_minute = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{within_minute // 1000:02d}.{within_minute % 1000:03d}"


def _seconds(stamp: str) -> float:
    hours, minutes, seconds = stamp.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
