"""`load`, `windows`, `windows_of_sound` and `probe`: what callers use.

The decoding itself happens in a child process, see `child`.
"""

import os
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from affekt.data import Clip
from affekt.tracks import Word

from affekt_media.assembly import Assembly
from affekt_media.child import Child
from affekt_media.info import MediaInfo, Track
from affekt_media.limits import Limits
from affekt_media.request import Request
from affekt_media.spooling import Spooled
from affekt_media.subtitles import Subtitles, find_subtitles, short_code
from affekt_media.wire import Kind

PathLike = str | os.PathLike[str]
_DEFAULTS = Limits()


def load(
    path: PathLike | BinaryIO,
    *,
    limits: Limits = _DEFAULTS,
    fps: float = 10.0,
    max_side: int = 640,
    sample_rate: int = 16_000,
    audio_track: int | None = None,
    video_track: int | None = None,
    channel: int | None = None,
    subtitles: bool | PathLike = True,
) -> Clip:
    """The whole file as one clip.

    Args:
        path: A local file, or a file that is open in binary; it is read to its end and stays open.
        limits: What the file may cost; beyond it is refused.
        fps: Pictures a second to keep: the first at or after each multiple of 1 / fps, with its true time.
        max_side: Pixels of the longer side; larger pictures are made smaller, smaller ones are left as they are.
        sample_rate: Of the mono sound.
        audio_track: Number of the stream, as `probe` gives it; the marked, longest, widest one when None.
        video_track: Likewise.
        channel: Take this channel, counted from 0, in place of a mix of all.
        subtitles: True reads an .srt beside the file, else a text track of it; or the .srt to read; False neither.

    Raises:
        affekt.MediaError: the file cannot become a clip; see `errors` for the kinds.
    """
    file = Spooled.of(path)
    request = Request(
        path=file.path,
        fps=fps,
        max_side=max_side,
        sample_rate=sample_rate,
        audio_track=audio_track,
        video_track=video_track,
        channel=channel,
        limits=limits,
    )
    with closing(_clips(request, subtitles, file)) as clips:
        return next(clips)


def windows(
    path: PathLike | BinaryIO,
    seconds: float = 30.0,
    *,
    limits: Limits = _DEFAULTS,
    fps: float = 10.0,
    max_side: int = 640,
    sample_rate: int = 16_000,
    audio_track: int | None = None,
    video_track: int | None = None,
    channel: int | None = None,
    subtitles: bool | PathLike = True,
) -> Iterator[Clip]:
    """A file of any length as consecutive clips of some seconds; `Clip.start` says where each begins.

    What remains at the end joins the last window where it is less than a second, or than a quarter of a window.
    Memory holds one window. The decoder waits while the caller works, and ends when the iterator does. Stretches
    that hold nothing at all are skipped. For the arguments and errors see `load`; errors of the path and of the
    options come at once, those of the file when it is read.
    """
    file = Spooled.of(path)
    request = Request(
        path=file.path,
        window=seconds,
        fps=fps,
        max_side=max_side,
        sample_rate=sample_rate,
        audio_track=audio_track,
        video_track=video_track,
        channel=channel,
        limits=limits,
    )
    return _clips(request, subtitles, file)


def windows_of_sound(
    waveform: Any,
    sample_rate: int,
    seconds: float = 30.0,
    *,
    name: str = "waveform",
    limits: Limits = _DEFAULTS,
    channel: int | None = None,
) -> Iterator[Clip]:
    """Sound in memory as the clips that `windows` makes of a file with it: mixed, resampled, silence noticed.

    Args:
        waveform: [time] or [channel, time]: an array or a tensor of numbers that are full at ±1, or of integers.
        sample_rate: Samples a second.
        seconds: Of a window.
        name: Of the clips.
        limits: What it may cost; beyond it is refused.
        channel: Take this channel, counted from 0, in place of a mix of all.

    Raises:
        affekt.DataError: it is no waveform.
        affekt.MediaError: it cannot become a clip; see `errors` for the kinds.
    """
    file = Spooled.of_sound(waveform, sample_rate, name)
    return _clips(Request(path=file.path, window=seconds, channel=channel, limits=limits), False, file)


def probe(path: PathLike | BinaryIO, *, limits: Limits = _DEFAULTS) -> MediaInfo:
    """What a file holds, as its headers claim.

    Raises:
        affekt.MediaError: the file cannot be read; see `errors` for the kinds.
    """
    file = Spooled.of(path)
    request = Request(path=file.path, task="probe", limits=limits)
    with Child(request) as child, child.patience(), child.understood():
        return _info(request.path, _expect_info(child))


def _clips(request: Request, subtitles: bool | PathLike, file: Spooled) -> Generator[Clip, None, None]:
    """The clips of a file, which is held here because a temporary one goes with the last reference to it."""
    beside = find_subtitles(request.path, subtitles)
    request = replace(request, subtitles=subtitles is True and beside is None)
    with Child(request) as child:
        with child.patience(), child.understood():
            info = _info(request.path, _expect_info(child))
        assembly = Assembly(child, request, info.duration)
        while True:
            with child.patience(), child.understood():
                body = _receive_window(child, assembly)
                if body is None:
                    return
                words, track = assembly.words, info.track("subtitle")
                clip = assembly.clip(body)
            if beside is not None:
                yield _with_subtitles(clip, beside, float("inf") if body["only"] else body["end"])
            else:
                yield _with_words(clip, words, short_code(track.language) if track else None)


def _expect_info(child: Child) -> dict[str, Any]:
    kind, length = child.next_header()
    if kind is not Kind.INFO:
        raise child.strange(f"it began with {kind.name}")
    return child.json(length)


def _receive_window(child: Child, assembly: Assembly) -> dict[str, Any] | None:
    while True:
        kind, length = child.next_header()
        if kind is Kind.FRAME:
            assembly.add_frame(length)
        elif kind is Kind.SOUND:
            assembly.add_sound(length)
        elif kind is Kind.CUE:
            assembly.add_cue(child.json(length))
        elif kind is Kind.WINDOW:
            return child.json(length)
        elif kind is Kind.DONE:
            return None


def _info(path: Path, body: dict[str, Any]) -> MediaInfo:
    tracks = tuple(Track(**track) for track in body["tracks"])
    return MediaInfo(path=path, container=body["container"], duration=body["duration"], tracks=tracks)


def _with_subtitles(clip: Clip, subtitles: Subtitles, stop: float) -> Clip:
    words = [
        replace(cue, start=cue.start - clip.start, end=min(cue.end, stop) - clip.start)
        for cue in subtitles.cues
        if clip.start <= cue.start < stop
    ]
    clip = replace(clip, notes=(*clip.notes, *subtitles.notes))
    return _with_words(clip, words, subtitles.language)


def _with_words(clip: Clip, words: list[Word], language: str | None) -> Clip:
    if not words:
        return clip
    return replace(clip, text=" ".join(word.text for word in words), words=tuple(words), language=language)
