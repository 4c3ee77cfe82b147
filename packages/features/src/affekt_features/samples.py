"""The clips that a command line names: a data set, a folder of media, or a table."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from affekt_datasets import CATALOGUE, Dataset, DatasetError, Sample, default_folder, read
from affekt_datasets.media_folders import clips_in


def samples_of(
    name: str,
    data: Path | None = None,
    *,
    allow: Iterable[str] = (),
    splits: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
) -> list[Sample]:
    """The samples of a data set.

    Args:
        name: of a data set (with `data`, its folder), or the path of a folder or of a .parquet file.
        splits: only these; all when there are none.

    Raises:
        DatasetError: there is no such data set, or it is not in order.
    """
    dataset = _dataset(name, data, allow, options or {})
    samples = list(dataset.split(*splits) if splits else dataset)
    if not samples:
        raise DatasetError(f'"{name}" holds no clips', hint="a folder with .mp4, .wav, …, or affekt datasets list")
    return samples


def _dataset(name: str, data: Path | None, allow: Iterable[str], options: Mapping[str, Any]) -> Dataset:
    if name in CATALOGUE:
        return read(name, data or default_folder(name), allow=allow, **options)
    path = Path(name).expanduser()
    if path.suffix == ".parquet" and path.is_file():
        from affekt_datasets.tables import read_parquet

        return read_parquet(path)
    if path.is_file():
        raise DatasetError(f'"{name}" is a file', hint="the folder that it lies in")
    if not path.is_dir():
        raise DatasetError(
            f'"{name}" is neither a data set, nor a folder, nor a .parquet file',
            hint=f"one of {', '.join(CATALOGUE)}, or a path",
        )
    if any((path / table).is_file() for table in ("labels.csv", "metadata.csv")):
        return read("folder", path, allow=allow, **options)
    clips = tuple(
        Sample(id=str(clip.relative_to(path).with_suffix("")), media=clip) for clip in clips_in(path)
    )  # fmt: skip
    return Dataset(name=path.name, root=path, samples=clips)
