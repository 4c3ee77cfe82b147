"""Puts what lies in memory into a file of its own, because decoders read files: open files, and sound as numbers.

The file goes with the last reference to its folder.
"""

import os
import re
import shutil
import struct
from io import TextIOBase
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, cast

import numpy as np
from affekt.errors import DataError

from affekt_media.errors import UnreadableMedia
from affekt_media.files import regular_file

NAMELESS = "open file"
"""What a file is called that is open and has no name."""
_FLOATS = 3
"""WAV's number for floating point."""
_MOST_CHANNELS = 64
_UNKNOWN = 0xFFFFFFFF
"""The length that a WAV of 4 GiB or more states."""
_BLOCK = 1 << 20
"""Samples of a channel that are written at once."""


class Spooled:
    """A file that the decoder can read, and the temporary folder it may lie in."""

    def __init__(self, path: Path, folder: "TemporaryDirectory[str] | None" = None) -> None:
        self.path = path
        self._folder = folder

    @classmethod
    def of(cls, source: str | os.PathLike[str] | BinaryIO) -> "Spooled":
        """A path as it is, or what is left of an open file, which is read to its end and stays open.

        Raises:
            MediaError: the path is no file that can be read, or the open file gives text, nothing, or an error.
        """
        if not hasattr(source, "read"):
            return cls(regular_file(source))
        name = getattr(source, "name", None)
        name = _file_name(name if isinstance(name, str) else "", NAMELESS)
        if isinstance(source, TextIOBase):
            raise UnreadableMedia(f'"{name}" is open as text', hint='open(path, "rb")')
        folder = TemporaryDirectory(prefix="affekt-")
        path = Path(folder.name) / name
        try:
            with path.open("wb") as copy:
                shutil.copyfileobj(cast(BinaryIO, source), copy, 1 << 20)
        except (OSError, TypeError, ValueError) as error:
            raise UnreadableMedia(f'"{name}" cannot be read: {error}', hint="a file that is open in binary") from error
        if not path.stat().st_size:
            raise UnreadableMedia(f'"{name}" gave nothing: it is empty, or at its end', hint="file.seek(0)")
        return cls(path, folder)

    @classmethod
    def of_sound(cls, waveform: Any, sample_rate: int, name: str) -> "Spooled":
        """A waveform as a WAV file.

        Args:
            waveform: [time] or [channel, time] of numbers that are full at ±1, or integers.
            sample_rate: samples a second.
            name: of the clip.

        Raises:
            DataError: it is no such array.
        """
        samples = _samples(waveform)
        if isinstance(sample_rate, bool) or not isinstance(sample_rate, int) or not 1000 <= sample_rate <= 384_000:
            raise DataError(
                f"the sample rate should be a whole number of hertz from 1000 to 384000; found {sample_rate!r}",
                hint="sample_rate=16_000",
            )
        folder = TemporaryDirectory(prefix="affekt-")
        path = Path(folder.name) / _file_name(name, "waveform")
        _write_wav(path, samples, sample_rate)
        return cls(path, folder)


def _file_name(name: str, otherwise: str) -> str:
    """The last part of a name, as any file system takes it."""
    return re.sub(r"[^\w.+ -]", "_", Path(name).name)[-100:].strip(". ") or otherwise


def _samples(waveform: Any) -> np.ndarray[Any, Any]:
    """The waveform as float32 [channel, time]."""
    try:
        values = np.asarray(waveform)
    except (RuntimeError, TypeError, ValueError) as error:
        raise DataError(f"the waveform is no array: {error}", hint="waveform.detach().cpu().numpy()") from error
    if values.dtype.kind not in "fiu":
        raise DataError(f"the waveform should hold numbers; found {values.dtype}", hint="numpy.float32, full at ±1")
    values = values[None] if values.ndim == 1 else values
    if values.ndim != 2 or not values.size:
        raise DataError(f"the waveform should be [time] or [channel, time]; found {list(values.shape)}")
    if len(values) > _MOST_CHANNELS:
        raise DataError(
            f"the waveform should be [channel, time]; found {list(values.shape)}, which is {len(values)} channels",
            hint="waveform.T",
        )
    if values.dtype.kind in "iu":
        half = (np.iinfo(values.dtype).max + 1) / (2 if values.dtype.kind == "u" else 1)
        values = (values.astype(np.float32) - (half if values.dtype.kind == "u" else 0)) / half
    values = values.astype(np.float32, copy=False)
    if bad := int((~np.isfinite(values)).sum()):
        raise DataError(f"the waveform holds {bad} values that are not finite", hint="numpy.nan_to_num(waveform)")
    return values


def _write_wav(path: Path, samples: np.ndarray[Any, Any], rate: int) -> None:
    channels, frames = samples.shape
    size, frame = frames * channels * 4, channels * 4
    stated, riff_size = (size, size + 36) if size + 36 < _UNKNOWN else (_UNKNOWN, _UNKNOWN)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, _FLOATS, channels, rate, rate * frame, frame, 32)
    with path.open("wb") as file:
        file.write(struct.pack("<4sI4s", b"RIFF", riff_size, b"WAVE") + form + struct.pack("<4sI", b"data", stated))
        for begin in range(0, frames, _BLOCK):
            file.write(samples[:, begin : begin + _BLOCK].T.astype("<f4").tobytes())
