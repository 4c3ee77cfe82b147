"""Opens a file with FFmpeg: only files, only formats on a list; and says what is wrong when it cannot be opened."""

import errno
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer
from av.error import FFmpegError

from affekt_media.decoder.confinement import memory_is_short
from affekt_media.limits import Limits
from affekt_media.wire import Refusal

FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,wav,w64,flac,mp3,ogg,aac,aiff,mpegts"
"""FFmpeg's names. Playlists (HLS, DASH, concat) are absent: they make one file open others."""

STILLS = {b"\xff\xd8\xff": "jpeg_pipe", b"\x89PNG\r\n\x1a\n": "png_pipe"}
"""First bytes of still pictures → FFmpeg's name of the format that reads such a file and no others.

By itself it would take `image2`, which reads a pattern in a file's name as the names of many files."""
_OTHER_PICTURES = {b"GIF8": "a GIF", b"BM": "a BMP", b"II*\0": "a TIFF", b"MM\0*": "a TIFF"}
_PLAYLISTS = (b"#EXTM3U", b"ffconcat", b"[playlist]")
_MEDIA = {
    b"\x1aE\xdf\xa3": "Matroska or WebM",
    b"RIFF": "WAV or AVI",
    b"OggS": "Ogg",
    b"fLaC": "FLAC",
    b"ID3": "MP3",
    b"FORM": "AIFF",
}
_MEDIA_HINT = "a media file: mp4, mkv, avi, mov, webm, wav, flac, mp3, ogg, m4a, jpg or png"
_COPY_HINT = "copying or downloading the file again"
_METADATA: dict[str, Any] = {"metadata_errors": "replace"} if int(av.__version__.partition(".")[0]) < 19 else {}
"""PyAV 19 knows no such option: it keeps bytes that are no text as surrogates, see `tracks`."""
_PATIENCE = 20
"""Errors in a row, without a packet in between, after which the rest of a file is given up."""


def open_media(path: str, limits: Limits) -> InputContainer:
    """The opened file.

    Raises:
        Refusal: it is no media, or has too many tracks or pixels.
    """
    still = _still_format(Path(path))
    options = {"protocol_whitelist": "file", "format_whitelist": still or FORMATS}
    try:
        container: InputContainer = av.open(path, mode="r", format=still, container_options=options, **_METADATA)
    except (FFmpegError, OSError) as error:
        if getattr(error, "errno", None) == errno.ENOMEM:
            raise MemoryError from error
        raise diagnose(Path(path), error) from error
    if len(container.streams) > limits.max_streams:
        problem = f"the file has {len(container.streams)} tracks; Limits.max_streams allows {limits.max_streams}"
        raise Refusal("too_big", problem, f"Limits(max_streams={len(container.streams)})")
    return container


def _still_format(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except OSError:
        return None
    return next((name for magic, name in STILLS.items() if head.startswith(magic)), None)


def diagnose(path: Path, error: Exception) -> Refusal:
    """What the first bytes of a file that FFmpeg refuses say about it."""
    try:
        with path.open("rb") as file:
            head = file.read(512)
    except OSError as problem:
        return Refusal("unreadable", f"the file cannot be read: {problem.strerror}", "checking who may read it")
    if head.lstrip(b"\xef\xbb\xbf \r\n").startswith(_PLAYLISTS):
        return Refusal("unreadable", "this is a playlist, which points to other files", "the media file it points to")
    if not head.strip(b"\0"):
        return Refusal("unreadable", "the file begins with nothing but zero bytes", _COPY_HINT)
    if picture := _other_picture(head):
        return Refusal("unreadable", f"this is {picture} picture; of pictures JPEG and PNG are read", "a copy as PNG")
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free"):
        return Refusal(
            "truncated",
            "this begins as an MP4 or MOV file, but its index (the moov box) is missing or damaged, "
            f"as when a recording or a download was cut off{_cut_box(path)}",
            _COPY_HINT,
        )
    for magic, name in _MEDIA.items():
        if head.startswith(magic):
            return Refusal("truncated", f"this begins as {name}, but its header is cut off or damaged", _COPY_HINT)
    if _is_text(head):
        return Refusal("unreadable", f"this holds text, not media; it begins {_quote(head)}", _MEDIA_HINT)
    return Refusal("unreadable", f"this is no media format affekt reads; it begins {head[:12].hex(' ')}", _MEDIA_HINT)


def _other_picture(head: bytes) -> str | None:
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "a WebP"
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"avif"):
        return "an AVIF" if head[8:12] == b"avif" else "a HEIF"
    return next((name for magic, name in _OTHER_PICTURES.items() if head.startswith(magic)), None)


def _cut_box(path: Path) -> str:
    """Where a chain of MP4 boxes runs past the end of the file."""
    size, offset = path.stat().st_size, 0
    with path.open("rb") as file:
        while offset + 8 <= size:
            file.seek(offset)
            length, name = struct.unpack(">I4s", file.read(8))
            if length == 1:
                length = int.from_bytes(file.read(8), "big")
            if length < 8:
                break
            offset += length
            if offset > size:
                return f": box {name!r} should end at byte {offset:,}, the file ends at {size:,}"
    return ""


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:  # a character cut in two at the very end is no objection
            return False
        text = head[: error.start].decode("utf-8")
    return all(character.isprintable() or character.isspace() for character in text)


def _quote(head: bytes) -> str:
    return f'"{" ".join(head.decode("utf-8", "replace").split())[:40]}"'


@dataclass
class Damage:
    """What was lost of one track."""

    packets: int = 0
    """Read from the file."""
    undecodable: int = 0
    """Packets that the decoder refused."""
    unreadable: int = 0
    """Times the container could not be read on."""
    corrupt: int = 0
    """Pictures dropped because they were decoded only in part."""


def decoded(container: InputContainer, stream: Any, damage: Damage) -> Iterator[tuple[Any, Any]]:
    """Packets of one track and what they decode to, past any damage."""
    in_a_row = 0
    packets = container.demux(stream)
    while in_a_row < _PATIENCE:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except FFmpegError as error:
            _raise_if_short_of_memory(error)
            in_a_row += 1
            damage.unreadable += 1
            packets = container.demux(stream)
            continue
        in_a_row = 0
        damage.packets += packet.size > 0
        try:
            for frame in packet.decode():
                yield packet, frame
        except FFmpegError as error:
            _raise_if_short_of_memory(error)
            damage.undecodable += packet.size > 0


def _raise_if_short_of_memory(error: FFmpegError) -> None:
    if error.errno == errno.ENOMEM or memory_is_short():
        raise MemoryError from error
