"""Sends window after window of the chosen tracks.

Each track is read through a container of its own, so that a file whose tracks are not interleaved needs no more
memory than one whose tracks are. Each track is still decoded only once.
"""

import math
from collections.abc import Callable
from typing import Any, BinaryIO

from av.container import InputContainer
from av.stream import Discard

from affekt_media.decoder import captions, confinement, picture, sound
from affekt_media.decoder.container import STILLS, Damage, open_media
from affekt_media.decoder.lengths import SLACK, too_long
from affekt_media.decoder.track_streams import CaptionStream, PictureStream, SoundStream, TrackStream, shortfall
from affekt_media.limits import Limits
from affekt_media.wire import Kind, Refusal, send_json

_SLIVER = 1.0
"""Seconds; what remains of a file after a window is added to it where it is less, for nothing is felt in a blink."""


def open_streams(
    container: InputContainer, chosen: dict[str, dict[str, Any]], request: dict[str, Any], limits: Limits
) -> list[TrackStream]:
    """One for each chosen track; all on one clock, which begins with the first sound or picture."""
    origin = min((track["start"] or 0.0 for kind, track in chosen.items() if kind != "subtitle"), default=0.0)
    makers: dict[str, Callable[..., TrackStream]] = {"audio": _sound, "video": _picture, "subtitle": _caption}
    streams = []
    for number, (kind, track) in enumerate(chosen.items()):
        source = container if number == 0 else open_media(request["path"], limits)
        for stream in source.streams:
            if stream.index != track["index"]:
                stream.discard = Discard.all  # so that the packets of other tracks are not even read
        streams.append(makers[kind](source, track, origin, request, limits))
    return streams


def _sound(
    source: InputContainer, track: dict[str, Any], origin: float, request: dict[str, Any], _: Limits
) -> TrackStream:
    heard, rate = sound.Heard(), request["sample_rate"]
    stream = source.streams[track["index"]]
    blocks = sound.listen(source, stream, origin=origin, rate=rate, channel=request["channel"], heard=heard)
    return SoundStream(blocks, track, heard, rate)


def _picture(
    source: InputContainer, track: dict[str, Any], origin: float, request: dict[str, Any], limits: Limits
) -> TrackStream:
    most = picture.MostPixels.of(source, limits)
    most.check(track["width"], track["height"])
    facts, stream = picture.PictureFacts(), source.streams[track["index"]]
    options = {"fps": request["fps"], "max_side": request["max_side"]}
    pictures = picture.watch(source, stream, origin=origin, most=most, facts=facts, **options)
    return PictureStream(pictures, track, facts)


def _caption(source: InputContainer, track: dict[str, Any], origin: float, *_: Any) -> TrackStream:
    damage = Damage()
    cues = captions.read(source, source.streams[track["index"]], origin=origin, damage=damage)
    return CaptionStream(cues, track, damage)


def send_windows(
    pipe: BinaryIO,
    container: InputContainer,
    streams: list[TrackStream],
    notes: list[str],
    tracks: list[dict[str, Any]],
    request: dict[str, Any],
    limits: Limits,
) -> None:
    """Send the whole file, or window after window, each closed by a WINDOW message.

    Raises:
        Refusal: nothing could be decoded, or the whole is longer than allowed.
    """
    length, single_window = request["window"] or limits.max_seconds + SLACK, request["window"] is None
    stated = max((stream.track["duration"] or _seconds(container) for stream in streams), default=0.0)
    start = end = 0.0
    while (begin := min(stream.next_time() for stream in streams)) < math.inf:
        if single_window and end > 0:
            raise too_long(max(begin, stated), limits)
        start = max(end, math.floor(begin / length) * length)
        end = start + length
        if not single_window and 0 < stated - end < min(_SLIVER, length / 4):
            end = stated + _SLIVER / 10
        for stream in streams:
            stream.send(pipe, start, end)
        ended = all(stream.next_time() == math.inf for stream in streams)
        body = _window(container, streams, start, end, notes, tracks, only=ended and start == 0)
        body["notes"] += _closing_remarks(streams, container) if ended else []
        send_json(pipe, Kind.WINDOW, body)
        confinement.allow_processor_time(2 * limits.seconds_to_decode)
    if not end:
        lost = "; ".join(_closing_remarks(streams, container))
        raise Refusal(
            "truncated",
            f"nothing could be decoded{f': {lost}' if lost else ''}",
            "copying or downloading the file again",
        )


def _window(
    container: InputContainer,
    streams: list[TrackStream],
    start: float,
    end: float,
    notes: list[str],
    tracks: list[dict[str, Any]],
    *,
    only: bool,
) -> dict[str, Any]:
    kinds = ("audio", "video")
    missing: dict[str, str | None] = {kind: _why_no(kind, container, tracks) for kind in kinds}
    remarks = list(notes)
    for stream in streams:
        missing[stream.kind] = stream.why_missing(start, end, single_window=only)
        remarks += stream.remarks()
    reasons = {kind: why for kind, why in missing.items() if why}
    return {"start": start, "end": end, "only": only, "notes": remarks, "missing": reasons}


def _closing_remarks(streams: list[TrackStream], container: InputContainer) -> list[str]:
    remarks = [note for stream in streams for note in stream.closing_remarks()]
    ends = [end for stream in streams if (end := stream.end()) is not None]
    stated = _seconds(container)
    # Matroska states one duration for all tracks; where the longest may be one we do not read, it tells us nothing.
    # Streams without an index have theirs guessed from the bit rate.
    all_read = len(container.streams) == len(streams) and all(stream.track["duration"] is None for stream in streams)
    if all_read and container.format.name not in ("aac", "mpegts"):
        remarks += [note] if (note := shortfall(stated, max(ends, default=0.0), "the recording")) else []
    return remarks


def _seconds(container: InputContainer) -> float:
    return (container.duration or 0) / 1_000_000


def _why_no(kind: str, container: InputContainer, tracks: list[dict[str, Any]]) -> str:
    if kind == "audio" and container.format.name in STILLS.values():
        return "the file is a still picture, which has no sound"
    unknown = [track for track in tracks if track["kind"] == kind]
    if unknown:
        return f"the {kind} track is in a format that cannot be decoded"
    if kind == "video" and any(track["kind"] == "cover" for track in tracks):
        return "the file has no video track; its cover picture is no video"
    return f"the file has no {kind} track"
