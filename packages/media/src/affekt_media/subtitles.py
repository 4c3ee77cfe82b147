"""Reads an .srt file that lies beside a recording.

One `Word` a cue: a cue's time is known, that of each word in it is not, and is not made up.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from affekt.tracks import Word

from affekt_media.errors import UnreadableMedia
from affekt_media.files import regular_file

_MOST_BYTES = 8 << 20
_TIME = r"(\d{1,3}):([0-5]?\d):([0-5]?\d)[,.](\d{1,3})"
_TIMES = re.compile(rf"^\s*{_TIME}\s*-->\s*{_TIME}")
_STYLE = re.compile(r"<[^<>]*>|\{[^{}]*\}")
_SHORT = {
    "ara": "ar", "ces": "cs", "chi": "zh", "cze": "cs", "dan": "da", "deu": "de", "dut": "nl", "ell": "el",
    "eng": "en", "est": "et", "fin": "fi", "fra": "fr", "fre": "fr", "ger": "de", "gre": "el", "heb": "he",
    "hin": "hi", "hun": "hu", "ind": "id", "ita": "it", "jpn": "ja", "kor": "ko", "nld": "nl", "nor": "no",
    "pol": "pl", "por": "pt", "ron": "ro", "rum": "ro", "rus": "ru", "slk": "sk", "slo": "sk", "spa": "es",
    "swe": "sv", "tha": "th", "tur": "tr", "ukr": "uk", "vie": "vi", "zho": "zh",
}  # fmt: skip
"""ISO 639-2, which containers use, to ISO 639-1, which clips use."""


@dataclass(frozen=True)
class Subtitles:
    """The cues of one file."""

    cues: tuple[Word, ...]
    """Times in seconds from the start of the recording, in order."""
    language: str | None
    """ISO 639-1, from the name of the file."""
    notes: tuple[str, ...]


def find_subtitles(media: Path, wanted: bool | str | os.PathLike[str]) -> Subtitles | None:
    """Finds the subtitles of `clip.mp4`: `clip.srt`, else the first `clip.*.srt`; or the file that is asked for.

    Raises:
        UnreadableMedia: the file that is asked for is no subtitle file.
    """
    if wanted is False:
        return None
    if wanted is not True:
        return read_subtitles(regular_file(wanted))
    pattern = re.compile(re.escape(media.stem) + r"(\.[A-Za-z-]{2,8})?\.srt", re.IGNORECASE)
    beside = sorted(name for name in os.listdir(media.parent) if pattern.fullmatch(name))
    matching = [media.with_name(name) for name in sorted(beside, key=len) if media.with_name(name).is_file()]
    if not matching:
        return None
    try:
        subtitles = read_subtitles(matching[0])
    except UnreadableMedia as error:  # it was not asked for, so the recording is read without it
        return Subtitles((), None, (error.message,))
    if len(matching) == 1:
        return subtitles
    choice = f'of {len(matching)} subtitle files beside the recording "{matching[0].name}" was read'
    return replace(subtitles, notes=(choice, *subtitles.notes))


def read_subtitles(path: Path) -> Subtitles:
    """Cues of an .srt file in UTF-8, UTF-16 with a mark, or else Windows-1252. Bad cues are counted in `notes`.

    Raises:
        UnreadableMedia: it is too large, or holds no cue at all.
    """
    if path.stat().st_size > _MOST_BYTES:
        raise UnreadableMedia(f'"{path}" is too large for subtitles', hint="subtitles=False")
    text, encoding = _decode(path.read_bytes())
    cues, malformed = [], 0
    for cue in _cues(text):
        if cue is None:
            malformed += 1
        elif cue.text:
            cues.append(cue)
    if not cues:
        raise UnreadableMedia(f'"{path}" holds no subtitle cue that can be read', hint="subtitles=False")
    notes = [f'the words are those of "{path.name}", with the times of whole cues']
    if encoding == "cp1252":
        notes.append(f'"{path.name}" is not UTF-8 and was read as Windows-1252')
    if malformed:
        notes.append(f'{malformed} cues of "{path.name}" are malformed and were left out')
    tag = path.name.removesuffix(path.suffix).rpartition(".")[2].lower()
    language = short_code(tag) if path.name.count(".") > 1 else None
    return Subtitles(tuple(sorted(cues, key=lambda cue: cue.start)), language, tuple(notes))


def short_code(language: str | None) -> str | None:
    """ISO 639-1 of a language tag such as "eng", "en" or "en-US"; None where it is unknown."""
    code = (language or "").lower().split("-")[0]
    code = _SHORT.get(code, code)
    return code if code in _SHORT.values() else None


def _decode(data: bytes) -> tuple[str, str]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace"), "utf-16"
    try:
        return data.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), "cp1252"


def _cues(text: str) -> Iterator[Word | None]:
    """Each cue; None for one whose line of times cannot be read, or that does not end after it begins."""
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = block.strip().split("\n")
        at = next((number for number, line in enumerate(lines[:2]) if "-->" in line), None)
        if at is None:
            if block.strip():
                yield None
            continue
        times = _TIMES.match(lines[at])
        if times is None:
            yield None
            continue
        begin, end = _seconds(*times.groups()[:4]), _seconds(*times.groups()[4:])
        if end <= begin:
            yield None
            continue
        yield Word(start=begin, end=end, text=" ".join(_STYLE.sub("", " ".join(lines[at + 1 :])).split()))


def _seconds(hours: str, minutes: str, seconds: str, fraction: str) -> float:
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + int(fraction.ljust(3, "0")) / 1000
