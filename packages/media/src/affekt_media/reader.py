"""What core calls to read a recording, by the hook `affekt_reader`."""

import os
from collections.abc import Iterator
from typing import BinaryIO

from affekt import Clip
from affekt_recordings.sources import Sound

from affekt_media.loading import windows, windows_of_sound


def clips_of(source: str | os.PathLike[str] | BinaryIO | Sound, channel: int | None) -> Iterator[Clip]:
    """The windows of a file, an open file or sound in memory; see `windows` and `windows_of_sound`."""
    if isinstance(source, Sound):
        return windows_of_sound(source.waveform, source.sample_rate, name=source.name, channel=channel)
    return windows(source, channel=channel)
