"""Samples as a table: Parquet, and Hugging Face `datasets` with undecoded Audio, Video or Image columns.

Media go in as paths, or whole (`embed=True`). Nothing is decoded on the way: decoding in `datasets` needs torchcodec,
and affekt decodes in a process of its own.
"""

import io
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from affekt import MissingDependency

from affekt_datasets.dataset import Dataset
from affekt_datasets.errors import DatasetError
from affekt_datasets.loading import PICTURES, pictures
from affekt_datasets.sample import Sample
from affekt_datasets.vocabulary import vocabularies

if TYPE_CHECKING:
    import datasets  # type: ignore[import-untyped]
    import pyarrow as pa  # type: ignore[import-untyped]

Kind = Literal["audio", "video", "image"]
KINDS: tuple[Kind, ...] = ("audio", "video", "image")
_SOUND = {".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a"}
_METADATA = b"affekt"


def to_table(dataset: Dataset, *, embed: bool = False) -> "pa.Table":
    """One row a sample; `notes` is JSON, and media are a column "audio", "video" or "image" of {bytes, path}.

    Args:
        embed: with the media themselves, not only their paths. Pictures of array files are always embedded.

    Raises:
        DatasetError: a folder of pictures was to be embedded.
        MissingDependency: pyarrow is not installed.
    """
    pa = _pyarrow()
    kind = kind_of(dataset)
    media = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    strings = ("id", "label", "text", "language", "split", "speaker", "session", "notes")
    schema = pa.schema([
        *((name, pa.string()) for name in strings), ("labels", pa.list_(pa.string())), ("valence", pa.float64()),
        ("fold", pa.int64()), (kind, media),
    ])  # fmt: skip
    facts = {"name": dataset.name, "root": str(dataset.root)}
    facts["vocabulary"] = dataset.vocabulary.name if dataset.vocabulary else ""
    rows = [_row(sample, kind, embed) for sample in dataset.samples]
    return pa.Table.from_pylist(rows, schema=schema.with_metadata({_METADATA: json.dumps(facts).encode()}))


def from_table(table: "pa.Table", *, folder: Path | None = None) -> Dataset:
    """The data set of a table that `to_table` made, or that has at least a column "id".

    Args:
        folder: where embedded media are written, each under the hash of its contents; needed where there are some.

    Raises:
        DatasetError: the table has no such columns, or embedded media and no folder.
    """
    if "id" not in table.column_names:
        raise DatasetError(f'the table has no column "id"; found {table.column_names}')
    facts = json.loads((table.schema.metadata or {}).get(_METADATA, b"{}"))
    kind = next((kind for kind in KINDS if kind in table.column_names), None)
    samples = [_sample(row, kind, folder) for row in table.to_pylist()]
    return Dataset(
        name=facts.get("name", "table"),
        root=Path(facts.get("root", ".")),
        samples=tuple(samples),
        vocabulary=vocabularies().get(facts.get("vocabulary", "")),
    )


def write_parquet(dataset: Dataset, path: str | Path, *, embed: bool = False) -> None:
    """Writes `to_table`; the file appears whole or not at all."""
    table, target = to_table(dataset, embed=embed), Path(path)
    from pyarrow import parquet

    partial = target.with_name(f".{target.name}.partial")
    try:
        parquet.write_table(table, partial, compression="zstd")
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def read_parquet(path: str | Path, *, folder: Path | None = None) -> Dataset:
    """Reads what `write_parquet` wrote, or any Parquet file that `from_table` takes.

    Raises:
        DatasetError: the file is no such table.
    """
    pa = _pyarrow()
    from pyarrow import parquet

    try:
        table = parquet.read_table(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise DatasetError(f'"{path}" cannot be read as Parquet: {error}') from error
    return from_table(table, folder=folder)


def to_huggingface(dataset: Dataset, *, embed: bool = False) -> "datasets.Dataset":
    """The data set as a `datasets.Dataset`; its media column is an undecoded Audio, Video or Image."""
    table = to_table(dataset, embed=embed)
    hub = _huggingface()
    kind = kind_of(dataset)
    feature = {"audio": hub.Audio, "video": hub.Video, "image": hub.Image}[kind](decode=False)
    converted = hub.Dataset(table.replace_schema_metadata(None)).cast_column(kind, feature)
    converted.info.description = json.loads(table.schema.metadata[_METADATA])["name"]
    return converted


def from_huggingface(
    source: "datasets.Dataset", *, name: str = "huggingface", vocabulary: str = "", folder: Path | None = None
) -> Dataset:
    """The data set from a `datasets.Dataset` with a column "audio", "video" or "image"; nothing is decoded.

    Columns are taken by their names in `Sample`; a ClassLabel becomes its word; all others go into `notes`.
    """
    hub = _huggingface()
    undecoded = {"audio": hub.Audio, "video": hub.Video, "image": hub.Image}
    for kind in KINDS:
        if kind in source.column_names:
            source = source.cast_column(kind, undecoded[kind](decode=False))
    label = source.features.get("label")
    words = label.names if isinstance(label, hub.ClassLabel) else None
    samples = []
    for number, row in enumerate(source):
        if words is not None and row["label"] is not None:
            row["label"] = words[row["label"]] if row["label"] >= 0 else None
        row.setdefault("id", str(number))
        samples.append(_sample(row, next((k for k in KINDS if k in row), None), folder))
    return Dataset(name=name, root=Path(), samples=tuple(samples), vocabulary=vocabularies().get(vocabulary))


def kind_of(dataset: Dataset) -> Kind:
    """What the media are: pictures in rows or picture files, sound alone, else video."""
    media = [sample for sample in dataset.samples if sample.media is not None]
    if any(sample.row is not None for sample in media):
        return "image"
    suffixes = {sample.media.suffix.lower() for sample in media if sample.media}
    if suffixes and suffixes <= PICTURES:
        return "image"
    return "audio" if suffixes and suffixes <= _SOUND else "video"


def _row(sample: Sample, kind: Kind, embed: bool) -> dict[str, Any]:
    return {
        "id": sample.id, "label": sample.label, "labels": list(sample.labels), "valence": sample.valence,
        "text": sample.text, "language": sample.language, "split": sample.split, "speaker": sample.speaker,
        "session": sample.session, "fold": sample.fold,
        "notes": json.dumps(dict(sample.notes), ensure_ascii=False, sort_keys=True),
        kind: _media(sample, embed),
    }  # fmt: skip


def _media(sample: Sample, embed: bool) -> dict[str, Any] | None:
    if sample.media is None:
        return None
    if sample.row is not None:
        return {"bytes": _png(sample), "path": f"{sample.id}.png"}
    if not embed:
        return {"bytes": None, "path": str(sample.media)}
    if sample.media.is_dir():
        raise DatasetError(f'"{sample.media}" is a folder of pictures, which no column can hold', hint="embed=False")
    return {"bytes": sample.media.read_bytes(), "path": sample.media.name}


def _png(sample: Sample) -> bytes:
    try:
        from PIL import Image
    except ImportError as error:
        raise MissingDependency(
            "pictures in a table need Pillow", hint='pip install "affekt-datasets[frames]"'
        ) from error
    assert sample.media is not None
    assert sample.row is not None
    stream = io.BytesIO()
    Image.fromarray(pictures(sample.media)[sample.row]).save(stream, "PNG")
    return stream.getvalue()


_OWN = {"id", "label", "labels", "valence", "text", "language", "split", "speaker", "session", "fold", "notes", *KINDS}


def _sample(row: dict[str, Any], kind: Kind | None, folder: Path | None) -> Sample:
    notes = {**json.loads(row.get("notes") or "{}"), **{key: value for key, value in row.items() if key not in _OWN}}
    cell = row.get(kind) if kind else None
    return Sample(
        id=str(row["id"]), media=_path(cell, folder) if cell else None, label=row.get("label"),
        labels=tuple(row.get("labels") or ()), valence=row.get("valence"), text=row.get("text"),
        language=row.get("language"), split=row.get("split"), speaker=row.get("speaker"), session=row.get("session"),
        fold=row.get("fold"),
        notes=notes,
    )  # fmt: skip


def _path(cell: dict[str, Any], folder: Path | None) -> Path | None:
    if cell.get("bytes") is None:
        return Path(cell["path"]) if cell.get("path") else None
    if folder is None:
        raise DatasetError("the table holds the media themselves", hint="folder=…, where to write them")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / (sha256(cell["bytes"]).hexdigest() + Path(cell.get("path") or "").suffix)
    if not target.exists():
        partial = target.with_suffix(".partial")
        partial.write_bytes(cell["bytes"])
        partial.replace(target)
    return target


def _pyarrow() -> Any:
    try:
        import pyarrow
    except ImportError as error:
        raise MissingDependency("tables need pyarrow", hint='pip install "affekt-datasets[parquet]"') from error
    return pyarrow


def _huggingface() -> Any:
    try:
        import datasets
    except ImportError as error:
        hint = 'pip install "affekt-datasets[huggingface]"'
        raise MissingDependency("Hugging Face data sets need the package datasets", hint=hint) from error
    return datasets


def rows_of(dataset: Dataset) -> Iterator[dict[str, Any]]:
    """Plain data for JSON, media as paths."""
    for sample in dataset.samples:
        plain = {**sample.__dict__, "notes": dict(sample.notes)}
        yield {**plain, "media": None if sample.media is None else str(sample.media), "labels": list(sample.labels)}
