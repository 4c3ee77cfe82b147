"""Voices that are known by name: of enrolment clips, or remembered from an earlier recording so that ids stay.

A voice is biometric data. Nothing is kept unless the option `remember` names a file; `forget` takes people out of it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from affekt import AffektError, DataError
from jaxtyping import Float32
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]

Voices = Mapping[str, Float32[np.ndarray, "192"]]
"""Name → voice, of length 1."""


def matched(
    centres: Float32[np.ndarray, "person dim"], voices: Float32[np.ndarray, "known dim"], threshold: float
) -> dict[int, int]:
    """Person → the known voice that is theirs: each at most once, and none further than `threshold`."""
    if not len(centres) or not len(voices):
        return {}
    distances = 1 - centres @ voices.T
    rows, columns = linear_sum_assignment(distances)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return {row: column for row, column in pairs if distances[row, column] <= threshold}


def recall(path: Path) -> dict[str, Float32[np.ndarray, "192"]]:
    """The voices of a file that `remember` wrote; none where there is no file yet.

    Raises:
        DataError: the file is no such file.
    """
    if not path.exists():
        return {}
    try:
        return dict(load_file(path))
    except (SafetensorError, OSError) as error:
        raise DataError(f'"{path}" holds no remembered voices: {error}', hint="a file that `remember` wrote") from error


def remember(path: Path, voices: Voices) -> None:
    """Writes the voices of people, readable by their owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.touch(mode=0o600)
    save_file({name: np.ascontiguousarray(voice) for name, voice in voices.items()}, part)
    part.chmod(0o600)
    part.replace(path)


def forget(path: Path, people: Sequence[str] = ()) -> list[str]:
    """Takes people out of a file of voices, all of them where none is named; returns who was in it.

    Raises:
        AffektError: nobody of that name is in it.
    """
    voices = recall(path)
    if unknown := [name for name in people if name not in voices]:
        raise AffektError(f'"{path}" holds no voice of {", ".join(unknown)}', hint=", ".join(sorted(voices)) or "none")
    gone = list(people or voices)
    left = {name: voice for name, voice in voices.items() if name not in gone}
    if left:
        remember(path, left)
    else:
        path.unlink(missing_ok=True)
    return gone
