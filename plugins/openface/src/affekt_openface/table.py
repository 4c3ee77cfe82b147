"""OpenFace's table: a row a frame, with strength (`AU12_r`, 0 to 5) and presence (`AU12_c`) of action units."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from affekt import DataError
from jaxtyping import Float32, Float64, Int64

STRONGEST = 5.0
"""Upper end of OpenFace's scale of strength."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Units:
    """Action units of one face in the frames that show it."""

    times: Float64[np.ndarray, "time"]
    """Seconds, as the table has them."""
    frames: Int64[np.ndarray, "time"]
    """Numbers of the frames, from 1."""
    values: Float32[np.ndarray, "time unit"]
    names: tuple[str, ...]


def read(path: Path, *, confidence: float, presence: bool, top: float) -> list[Units]:
    """Every face in the frames where OpenFace followed it well, the one with most frames first.

    Args:
        confidence: rows below it are left out, as are those that OpenFace marks as failed.
        presence: whether columns such as "AU28_c" follow those of strength.
        top: what OpenFace's 5 becomes.

    Raises:
        DataError: the file is no table of OpenFace's, or holds no action units.
    """
    try:
        with path.open(newline="", encoding="utf-8") as lines:
            rows = csv.reader(lines, skipinitialspace=True)
            header = [name.strip() for name in next(rows, [])]
            columns = _columns(path, header, presence)
            faces = _by_face(header, _good(path, header, rows, confidence))
        wanted = [header.index(name) for name in ("timestamp", "frame", *columns)]
        return [_units([[float(row[index]) for index in wanted] for row in face], columns, top) for face in faces]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f'"{path}" cannot be read: {error}', hint="FeatureExtraction -aus") from error
    except (ValueError, IndexError) as error:
        raise DataError(f'"{path}" is damaged: {error}', hint="FeatureExtraction -aus, again") from error


def _units(rows: Sequence[Sequence[float]], columns: Sequence[str], top: float) -> Units:
    cells = np.array(rows, np.float64)
    strength = np.array([name.endswith("_r") for name in columns])
    values = np.where(strength, cells[:, 2:] * (top / STRONGEST), cells[:, 2:]).astype(np.float32)
    names = tuple(name.removesuffix("_r") for name in columns)
    return Units(times=cells[:, 0], frames=cells[:, 1].astype(np.int64), values=values, names=names)


def _columns(path: Path, header: Sequence[str], presence: bool) -> list[str]:
    strength = [name for name in header if name.startswith("AU") and name.endswith("_r")]
    if not strength or not {"frame", "timestamp"} <= set(header):
        raise DataError(
            f'"{path}" is no table of OpenFace\'s with action units; its columns begin {list(header[:5])}',
            hint="FeatureExtraction -aus",
        )
    return strength + [name for name in header if presence and name.startswith("AU") and name.endswith("_c")]


def _good(path: Path, header: Sequence[str], rows: Iterable[list[str]], confidence: float) -> list[list[str]]:
    success = header.index("success") if "success" in header else None
    sure = header.index("confidence") if "confidence" in header else None
    good = []
    for number, row in enumerate(rows, start=2):
        if not row:
            continue
        if len(row) != len(header):
            raise DataError(
                f'"{path}", line {number}: {len(row)} columns where the header has {len(header)}',
                hint="FeatureExtraction -aus, again: it was interrupted",
            )
        if (success is None or float(row[success])) and (sure is None or float(row[sure]) >= confidence):
            good.append(row)
    return good


def _by_face(header: Sequence[str], rows: Sequence[list[str]]) -> list[list[list[str]]]:
    """The rows of every face, in order of how many there are: FaceLandmarkVidMulti follows several faces."""
    column = header.index("face_id") if "face_id" in header else None
    faces: dict[str, list[list[str]]] = {}
    for row in rows:
        faces.setdefault("" if column is None else row[column], []).append(row)
    return sorted(faces.values(), key=len, reverse=True)
