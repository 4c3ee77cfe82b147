"""Features leave a store under the names of clips, and come back: MERTools' .npy folders, Parquet, `datasets`.

MERTools keeps a folder a feature and a file a clip. Folders whose name ends in UTT hold one vector a clip, the mean
over time; those that end in FRA hold rows. The original Emotion-LLaMA and the 7B presets of affekt-training read them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from affekt import DataError, Features, Missing, MissingDependency

from affekt_features import ready_made
from affekt_features.entry import Header, Precision
from affekt_features.errors import StoreError
from affekt_features.listings import Listing, listings
from affekt_features.store import FeatureStore

Layout = Literal["mertools", "parquet", "datasets"]
GROUP = 32
"""Clips that are in memory at once while a table is written."""


@dataclass
class Exported:
    """What an export wrote."""

    files: dict[str, int] = field(default_factory=dict)
    """Folder or slot → clips."""
    absent: dict[str, int] = field(default_factory=dict)
    """Folder or slot → clips without features there: the modality is missing, or the entry is gone."""


def chosen(store: FeatureStore, dataset: str | None, names: Mapping[str, str]) -> dict[str, Listing]:
    """Folder → the listing that goes there.

    Args:
        dataset: only its clips; everything when None.
        names: slot, or slot with recipe ("prosody-1f00ba44"), → folder; empty takes every slot under its own name.

    Raises:
        StoreError: nothing is listed, or two listings would share a folder.
    """
    every = [*listings(store, dataset), *_imports(store, dataset)]
    if not every:
        whose = f" of {dataset}" if dataset else ""
        raise StoreError(f'"{store.url}" lists no clips{whose}', hint="affekt extract DATASET, then this again")
    by_folder: dict[str, Listing] = {}
    for listing in every:
        folder = names.get(listing.name, names.get(listing.slot)) if names else listing.slot
        if folder is None:
            continue
        if folder in by_folder:
            raise StoreError(
                f'"{folder}" would hold both {by_folder[folder].dataset}/{by_folder[folder].name} and '
                f"{listing.dataset}/{listing.name}",
                hint=f"--dataset {listing.dataset}, or --as {listing.name}={folder}",
            )
        by_folder[folder] = listing
    if absent := [slot for slot in names if not any(slot in (listing.slot, listing.name) for listing in every)]:
        available = ", ".join(sorted({listing.slot for listing in every}))
        raise StoreError(f'"{store.url}" lists no features in the slot "{absent[0]}"', hint=f"one of {available}")
    return by_folder


def _imports(store: FeatureStore, dataset: str | None) -> Iterator[Listing]:
    for name in ready_made.names(store) if dataset is None else ():
        yield Listing(dataset="imports", slot=name, recipe="", component="", clips=ready_made.keys_of(store, name))


def export(store: FeatureStore, listings: Mapping[str, Listing], out: Path, layout: Layout) -> Exported:
    """Writes features under the names of their clips, in the type they are stored in.

    Args:
        listings: from `chosen`.
        out: a folder; for Parquet a file.

    Raises:
        MissingDependency: pyarrow or datasets is not installed.
        StoreError: an entry has become corrupt.
    """
    if layout == "mertools":
        return _folders(store, listings, out)
    if layout == "parquet":
        return _parquet(store, listings, out)
    datasets = _datasets()
    table = out / "features.parquet"
    out.mkdir(parents=True, exist_ok=True)
    try:
        done = _parquet(store, listings, table)
        datasets.Dataset.from_parquet(str(table), cache_dir=str(out / ".cache")).save_to_disk(str(out))
    finally:
        table.unlink(missing_ok=True)
        _remove(out / ".cache")
    return done


def _folders(store: FeatureStore, listings: Mapping[str, Listing], out: Path) -> Exported:
    done = Exported()
    for folder, listing in listings.items():
        target = out / folder
        target.mkdir(parents=True, exist_ok=True)
        for clip, _, values in _values(store, folder, listing, done):
            rows = np.asarray(values)
            if folder.upper().endswith("UTT") or len(rows) == 1:
                rows = rows.mean(axis=0, dtype=np.float32).astype(rows.dtype)
            file = target / f"{clip}.npy"
            file.parent.mkdir(parents=True, exist_ok=True)
            np.save(file, rows)
    return done


def _values(
    store: FeatureStore, name: str, listing: Listing, done: Exported
) -> Iterator[tuple[str, Header, np.ndarray[Any, Any]]]:
    done.files[name] = done.absent[name] = 0
    for clip, key in sorted(listing.clips.items()):
        header = store.header(key)
        if header is None or isinstance(header, Missing):
            done.absent[name] += 1
            continue
        done.files[name] += 1
        yield clip, header, store.values(key)


def _parquet(store: FeatureStore, listings: Mapping[str, Listing], out: Path) -> Exported:
    pa, parquet = _pyarrow()
    done = Exported()
    half = any(_precision(store, listing) == "float16" for listing in listings.values())
    schema = pa.schema({
        "clip": pa.string(), "slot": pa.string(), "dataset": pa.string(),
        "rows": pa.int32(), "columns": pa.int32(), "values": pa.list_(pa.float16() if half else pa.float32()),
        "hop": pa.float64(), "start": pa.float64(), "spans": pa.list_(pa.float64()), "names": pa.list_(pa.string()),
        "source": pa.string(),
    })  # fmt: skip
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f".{out.name}.partial")
    try:
        with parquet.ParquetWriter(partial, schema, compression="zstd") as writer:
            for name, listing in listings.items():
                group: list[dict[str, Any]] = []
                for clip, header, values in _values(store, name, listing, done):
                    group.append(_row(store, listing, name, clip, header, values))
                    if len(group) == GROUP:
                        writer.write_table(pa.Table.from_pylist(group, schema))
                        group = []
                if group:
                    writer.write_table(pa.Table.from_pylist(group, schema))
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
    return done


def _precision(store: FeatureStore, listing: Listing) -> Precision:
    """Half where every one of the first entries is: a table has one type."""
    headers = [store.header(key) for key in list(listing.clips.values())[:GROUP]]
    dtypes = {header.dtype for header in headers if isinstance(header, Header)}
    return "float16" if dtypes == {np.dtype("<f2")} else "float32"


def _row(
    store: FeatureStore, listing: Listing, name: str, clip: str, header: Header, values: np.ndarray[Any, Any]
) -> dict[str, Any]:
    spans = None
    if header.hop is None and isinstance(features := store.get(listing.clips[clip]), Features):
        spans = features.clock().ravel()
    return {
        "clip": clip, "slot": name, "dataset": listing.dataset, "rows": len(values), "columns": values.shape[1],
        "values": np.asarray(values).ravel(), "hop": header.hop, "start": header.start, "spans": spans,
        "names": header.names, "source": header.source,
    }  # fmt: skip


def import_table(store: FeatureStore, path: Path) -> list[ready_made.Imported]:
    """Puts a Parquet file or a saved `datasets.Dataset` into the store, one import a slot.

    Raises:
        DataError: a column is missing, or values do not fit their shape.
        MissingDependency: pyarrow or datasets is not installed.
        StoreFull: there is no room; what was imported stays.
    """
    imports: dict[str, ready_made.Imported] = {}
    keys: dict[str, dict[str, str]] = {}
    for row in _rows(path):
        clip, name = str(row["clip"]), str(row["slot"])
        imported = imports.setdefault(name, ready_made.Imported(name=name))
        try:
            features, precision = _features(row)
        except (ValueError, DataError) as error:
            imported.refused[clip] = str(error)
            continue
        keys.setdefault(name, {})[clip] = ready_made.put(store, name, features, precision)
        imported.clips += 1
        imported.width = features.values.shape[1]
    for name, own in keys.items():
        ready_made.list_imported(store, name, own)
    return list(imports.values())


def _features(row: Mapping[str, Any]) -> tuple[Features, Precision]:
    values = np.asarray(row["values"])
    precision: Precision = "float16" if values.dtype == np.float16 else "float32"
    values = values.reshape(int(row["rows"]), int(row["columns"])).astype(np.float32)
    names = None if row.get("names") is None else tuple(map(str, row["names"]))
    spans = row.get("spans")
    if spans is not None and len(spans):
        clock: dict[str, Any] = {"spans": np.asarray(spans, np.float64).reshape(-1, 2)}
    else:
        clock = {"hop": float(row["hop"] or 1.0), "start": float(row.get("start") or 0.0)}
    return Features(values=values, names=names, source=str(row.get("source") or ""), **clock), precision


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    """Rows of either kind of table; `values` is an array."""
    if path.is_dir():
        table = _datasets().load_from_disk(str(path)).data
        batches: Sequence[Any] = table.to_batches(max_chunksize=GROUP)
        yield from _checked(path, batches)
        return
    _, parquet = _pyarrow()
    with parquet.ParquetFile(path) as file:
        yield from _checked(path, file.iter_batches(batch_size=GROUP))


def _checked(path: Path, batches: Any) -> Iterator[Mapping[str, Any]]:
    needed = ("clip", "slot", "rows", "columns", "values", "hop")
    for batch in batches:
        if absent := [name for name in needed if name not in batch.schema.names]:
            raise DataError(
                f'"{path}" has no column "{absent[0]}"; found {", ".join(batch.schema.names)}',
                hint="a table that `affekt features export` wrote",
            )
        arrays = [batch["values"][row].values.to_numpy(zero_copy_only=False) for row in range(len(batch))]
        records = batch.drop_columns(["values"]).to_pylist()
        yield from ({**row, "values": array} for row, array in zip(records, arrays, strict=True))


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow  # type: ignore[import-untyped]
        from pyarrow import parquet
    except ImportError as error:
        raise MissingDependency("tables need pyarrow", hint='pip install "affekt-features[tables]"') from error
    return pyarrow, parquet


def _datasets() -> Any:
    try:
        import datasets  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingDependency(
            "this layout needs the library datasets", hint='pip install "affekt-features[tables]"'
        ) from error
    return datasets


def _remove(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
