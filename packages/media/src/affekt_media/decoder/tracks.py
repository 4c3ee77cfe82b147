"""Describes the tracks of a file and chooses which to decode."""

from typing import Any

from av.container import InputContainer
from av.stream import Disposition

from affekt_media.wire import Refusal

_STILL = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
_ASIDE = Disposition.comment | Disposition.visual_impaired | Disposition.dub | Disposition.karaoke
TEXT_CODECS = {"mov_text", "srt", "subrip", "ass", "ssa", "webvtt", "text"}


def describe(container: InputContainer) -> list[dict[str, Any]]:
    """All tracks, as `info.Track` has them, with the best audio, video and text track marked as chosen."""
    tracks = [_describe(stream) for stream in container.streams]
    for kind in ("audio", "video", "subtitle"):
        best = max((t for t in tracks if t["kind"] == kind and _decodable(t)), key=_merit, default=None)
        if best is not None:
            best["chosen"] = True
    for track in tracks:
        del track["aside"]
    return tracks


def pick(tracks: list[dict[str, Any]], kind: str, wanted: int | None) -> dict[str, Any] | None:
    """The wanted track of a kind, by its number; the chosen one when None is wanted.

    Raises:
        Refusal: the file has no such track.
    """
    if wanted is None:
        return next((track for track in tracks if track["kind"] == kind and track["chosen"]), None)
    for track in tracks:
        if track["index"] == wanted and track["kind"] == kind and _decodable(track):
            return track
    available = [track["index"] for track in tracks if track["kind"] == kind]
    raise Refusal(
        "no_track",
        f"track {wanted} is no {kind} track that can be decoded; {kind} tracks: {available or 'none'}",
        f"{kind}_track={available[0]}" if available else f"{kind}_track=None",
    )


def why_chosen(tracks: list[dict[str, Any]], kind: str, track: dict[str, Any], wanted: int | None) -> str | None:
    """A note where there was a choice."""
    rivals = [t for t in tracks if t["kind"] == kind]
    if len(rivals) < 2:
        return None
    reason = "as asked" if wanted is not None else "the one marked default, else the longest, else the largest"
    name = ", ".join(str(part) for part in (track["title"], track["language"], track["layout"]) if part)
    return f"{kind} track {track['index']}{f' ({name})' if name else ''} of {len(rivals)} was taken: {reason}"


def _describe(stream: Any) -> dict[str, Any]:
    context = stream.codec_context  # None for a codec FFmpeg does not know; reading on crashed PyAV 18
    kind = "cover" if stream.type == "video" and stream.disposition & _STILL else stream.type
    track: dict[str, Any] = dict.fromkeys(("sample_rate", "channels", "layout", "width", "height", "fps"))
    track |= {
        "index": stream.index,
        "kind": kind,
        "codec": context.name if context is not None else None,
        "duration": _seconds(stream.duration, stream.time_base),
        "start": _seconds(stream.start_time, stream.time_base),
        "language": _language(stream.metadata.get("language")),
        "title": _text(stream.metadata.get("title")),
        "default": bool(stream.disposition & Disposition.default),
        "aside": bool(stream.disposition & _ASIDE),
        "chosen": False,
    }
    if context is not None and kind == "audio":
        track |= {"sample_rate": context.sample_rate, "channels": context.channels, "layout": context.layout.name}
    if context is not None and kind in ("video", "cover"):
        rate = stream.average_rate
        track |= {"width": context.width, "height": context.height, "fps": float(rate) if rate else None}
    return track


def _text(value: str | None) -> str | None:
    """What can be printed and sent: bytes that are no UTF-8 become replacement characters."""
    return value and value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _decodable(track: dict[str, Any]) -> bool:
    if track["kind"] == "subtitle":
        return track["codec"] in TEXT_CODECS
    return track["codec"] is not None


def _merit(track: dict[str, Any]) -> tuple[Any, ...]:
    size = track["channels"] or (track["width"] or 0) * (track["height"] or 0)
    return (not track["aside"], track["default"], track["duration"] or 0.0, size, -track["index"])


def _seconds(ticks: int | None, time_base: Any) -> float | None:
    return None if ticks is None or time_base is None else float(ticks * time_base)


def _language(tag: str | None) -> str | None:
    return None if tag in (None, "", "und") else tag
