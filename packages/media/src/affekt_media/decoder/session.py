"""The order of things in the child: open the file, describe and choose its tracks, refuse what is too long, send."""

from pathlib import Path
from typing import Any, BinaryIO

from av.container import InputContainer
from av.error import FFmpegError

from affekt_media.decoder import confinement, riff, stills
from affekt_media.decoder.container import STILLS, open_media
from affekt_media.decoder.lengths import SLACK, too_long
from affekt_media.decoder.tracks import describe, pick, why_chosen
from affekt_media.limits import Limits
from affekt_media.wire import Kind, Refusal, send_json


def run(request: dict[str, Any], limits: Limits, pipe: BinaryIO) -> None:
    """Answer one request.

    Raises:
        Refusal: the file cannot be read, or exceeds a limit.
    """
    confinement.allow_processor_time(2 * limits.seconds_to_decode)
    container = open_media(request["path"], limits)
    tracks = describe(container)
    if container.format.name == "wav" and len(tracks) == 1:
        tracks[0]["duration"] = riff.stated_seconds(Path(request["path"])) or tracks[0]["duration"]
    duration = None if container.duration is None else container.duration / 1_000_000
    send_json(pipe, Kind.INFO, {"container": container.format.name, "duration": duration, "tracks": tracks})
    if request["task"] == "probe":
        return
    chosen, notes = _choose(tracks, request)
    notes += _of_channel(chosen.get("audio"), request["channel"])
    if container.format.name in STILLS.values():
        notes.append("a still picture: what a face shows at one moment, without voice and words")
        notes += [note] if (note := stills.cut_off(Path(request["path"]))) else []
    if container.format.name == "avi" and (note := riff.cut_off(Path(request["path"]))):
        notes.append(note)
    if request["window"] is None and _claims_more(container, chosen, limits):
        _refuse_if_longer(container, chosen, limits)
        container = open_media(request["path"], limits)
    from affekt_media.decoder import sending  # NumPy and soxr are loaded only for a file that can be opened

    streams = sending.open_streams(container, chosen, request, limits)
    sending.send_windows(pipe, container, streams, notes, tracks, request, limits)


def _choose(tracks: list[dict[str, Any]], request: dict[str, Any]) -> tuple[dict[str, dict[str, Any]], list[str]]:
    chosen, notes = {}, []
    for kind in ("audio", "video", "subtitle"):
        if kind == "subtitle" and not request["subtitles"]:
            continue
        wanted = request.get(f"{kind}_track")
        track = pick(tracks, kind, wanted)
        if track is not None:
            chosen[kind] = track
            notes += [note] if (note := why_chosen(tracks, kind, track, wanted)) else []
    if not chosen:
        kinds = sorted({track["kind"] for track in tracks})
        raise Refusal(
            "unreadable",
            f"the file has no sound, picture or text that can be decoded; its tracks: {', '.join(kinds) or 'none'}",
            "a file with an audio or a video track",
        )
    return chosen, notes


def _of_channel(track: dict[str, Any] | None, channel: int | None) -> list[str]:
    if track is None or channel is None:
        return []
    count = track["channels"]
    if channel >= count:
        channels = "one channel, 0" if count == 1 else f"{count} channels, 0 to {count - 1}"
        raise Refusal("no_track", f"the audio track has {channels}; found channel={channel}", f"channel={count - 1}")
    return [f"channel {channel} of {count} was read, as asked"] if count > 1 else []


def _claims_more(container: InputContainer, chosen: dict[str, dict[str, Any]], limits: Limits) -> bool:
    claims = [track["duration"] or 0.0 for track in chosen.values()] + [(container.duration or 0) / 1_000_000]
    return max(claims) > limits.max_seconds + SLACK


def _refuse_if_longer(container: InputContainer, chosen: dict[str, dict[str, Any]], limits: Limits) -> None:
    """Refuse at once what is too long, but only if it is: a header may claim ten hours for three seconds."""
    for track in chosen.values():
        if track["kind"] == "subtitle":
            continue
        stream = container.streams[track["index"]]
        wanted = limits.max_seconds + SLACK + (track["start"] or 0.0)
        try:
            container.seek(int(wanted / stream.time_base), stream=stream, backward=False)
            timestamp = next(container.demux(stream)).pts
        except (FFmpegError, StopIteration):
            continue
        if timestamp is not None and float(timestamp * stream.time_base) >= wanted:
            raise too_long(track["duration"] or (container.duration or 0) / 1_000_000, limits)
