"""What `Pipeline.analyze` and `Pipeline.stream` take: one recording, or several of any of these kinds.

"clip.mp4", Path("clip.mp4")                          a file
open("clip.mp4", "rb"), io.BytesIO(data)              an open file, which is read to its end
{"waveform": array, "sample_rate": 16_000}            sound, [time] or [channel, time]: NumPy, PyTorch …
(array, 16_000), AudioSignal(…)                       the same
Clip(…)                                               what is decoded already
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeAlias

import numpy as np
from affekt import AudioSignal, Clip, DataError

Waveform: TypeAlias = "AudioSignal | Mapping[str, Any] | tuple[Any, int] | np.ndarray[Any, Any]"
Recording: TypeAlias = "str | os.PathLike[str] | BinaryIO | Clip | Waveform"
"""One recording, in any form."""
_KEYS = (("waveform", "sample_rate"), ("array", "sampling_rate"))
"""What mappings call sound and its rate: pyannote and torchaudio, then Hugging Face's datasets."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Sound:
    """Sound in memory that is no clip yet."""

    waveform: Any
    """[time] or [channel, time]."""
    sample_rate: int
    name: str = "waveform"


def recording_of(
    source: Any, sample_rate: int | None = None
) -> "str | os.PathLike[str] | BinaryIO | Clip | Sound | None":
    """One recording in one of four forms; None where `source` holds several.

    Raises:
        DataError: it is neither.
    """
    if isinstance(source, str | os.PathLike | Clip) or hasattr(source, "read"):
        return source  # type: ignore[no-any-return]
    if isinstance(source, AudioSignal):
        return Sound(waveform=source.samples, sample_rate=source.sample_rate)
    if isinstance(source, Mapping):
        return _from_mapping(source)
    if _is_numbers(source):
        if sample_rate is None:
            raise DataError(
                f"analyze takes an array with its sample rate; found one of shape {list(source.shape)} alone",
                hint="pipeline.analyze(array, sample_rate=16_000)",
            )
        return Sound(waveform=source, sample_rate=sample_rate)
    if isinstance(source, tuple) and len(source) == 2 and isinstance(source[1], int) and _is_numbers(source[0]):
        return Sound(waveform=source[0], sample_rate=source[1])
    if isinstance(source, Iterable) and not isinstance(source, bytes | bytearray | memoryview):
        return None
    hint = 'pipeline.analyze(io.BytesIO(data)), or pipeline.analyze("clip.mp4")'
    raise DataError(
        f"analyze takes a file, an open file, a waveform with its rate, a Clip, or several of these; "
        f"found {type(source).__name__}",
        hint=hint,
    )


def _from_mapping(source: Mapping[Any, Any]) -> Sound:
    for waveform, rate in _KEYS:
        if waveform in source and rate in source:
            name = source.get("uri") or source.get("path") or "waveform"
            return Sound(waveform=source[waveform], sample_rate=source[rate], name=str(name))
    keys = ", ".join(map(repr, source)) or "nothing"
    raise DataError(
        f'analyze takes a mapping with "waveform" and "sample_rate"; found {keys}',
        hint='{"waveform": array, "sample_rate": 16_000}',
    )


def _is_numbers(value: Any) -> bool:
    """Whether it is an array or a tensor of numbers; one of paths holds several recordings."""
    if not hasattr(value, "__array__") or not hasattr(value, "shape"):
        return False
    kind = getattr(getattr(value, "dtype", None), "kind", None)
    return kind is None or kind in "fiub"  # a tensor's type has no kind


def name_of(source: Any) -> str:
    """What a recording is called, in its analysis and where it fails."""
    if isinstance(source, Clip):
        return source.id
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    if isinstance(source, Sound):
        return source.name
    if isinstance(source, Mapping):
        return str(source.get("uri") or source.get("path") or "waveform")
    name = getattr(source, "name", None)
    return name if isinstance(name, str) else "open file" if hasattr(source, "read") else type(source).__name__
