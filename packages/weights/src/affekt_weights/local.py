"""Files out of a folder of this machine."""

import os
from pathlib import Path

from affekt_weights.contents import write_checked
from affekt_weights.errors import SourceFailed
from affekt_weights.manifest import LocalSource, WeightsInfo


def from_folder(info: WeightsInfo, source: LocalSource, staged: Path) -> Path:
    """Copies the files into the staging folder.

    Raises:
        SourceFailed: the folder lacks a file.
        WrongHash: a file is not what the entry promises.
    """
    folder = Path(os.path.expandvars(source.folder)).expanduser()
    unpacked = staged / "unpacked"
    for file in info.files:
        try:
            with (folder / source.files.get(file.path, file.path)).open("rb") as stream:
                write_checked(unpacked / file.path, file, [stream])
        except OSError as error:
            raise SourceFailed(f"{error.strerror}: {error.filename}") from error
    return unpacked
