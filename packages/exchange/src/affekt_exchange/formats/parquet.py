"""Parquet in the long form: the schema's version, the models and each track's vocabulary are in the file's metadata."""

import io
import json
from pathlib import Path

from affekt import MissingDependency

from affekt_exchange.files import MOST_SPANS, ExchangeError, read_bytes, require_few, write_whole
from affekt_exchange.rows import COLUMNS, facts_of, rows_of, timeline_of
from affekt_exchange.timeline import Timeline

try:
    import pyarrow as pa  # type: ignore[import-untyped]
    from pyarrow import parquet
except ImportError as error:
    raise MissingDependency(
        "Parquet needs pyarrow, which is not installed", hint='pip install "affekt-exchange[parquet]"'
    ) from error

METADATA = b"affekt"
_REPEATED = ("media", "track", "kind", "person", "annotator", "modality", "language", "label")


class Parquet:
    """One table a recording."""

    def write(self, timeline: Timeline, target: Path) -> list[Path]:
        """One `.parquet`; columns whose values repeat are encoded as dictionaries."""
        path = target.with_name(f"{target.name}.parquet")
        fields = [(name, pa.float64() if kind == "number" else pa.string()) for name, (kind, _) in COLUMNS.items()]
        facts = {METADATA: json.dumps(facts_of(timeline), ensure_ascii=False).encode()}
        table = pa.Table.from_pylist(rows_of(timeline), schema=pa.schema(fields, metadata=facts))
        stream = io.BytesIO()
        parquet.write_table(table, stream, compression="zstd", use_dictionary=list(_REPEATED))
        write_whole(path, stream.getvalue())
        return [path]

    def read(self, path: Path) -> Timeline:
        """The timeline of a table with at least start, end and label.

        Raises:
            ExchangeError: it is no Parquet, lacks a column, or holds too many rows.
        """
        data = read_bytes(path)
        try:
            source = parquet.ParquetFile(io.BytesIO(data))
            require_few(path, "rows", source.metadata.num_rows, MOST_SPANS)
            names = [name for name in source.schema_arrow.names if name in COLUMNS]
            if lacking := [name for name in ("start", "end", "label") if name not in names]:
                raise ExchangeError(f'"{path}" has no column {", ".join(lacking)}', hint="start, end and label")
            facts = json.loads((source.schema_arrow.metadata or {}).get(METADATA, b"null"))
            rows = source.read(columns=names).to_pylist()
        except (pa.ArrowException, OSError, ValueError) as error:
            if isinstance(error, ExchangeError):
                raise
            raise ExchangeError(f'"{path}" is not Parquet: {error}', hint="the file as it was exported") from error
        return timeline_of(rows, facts if isinstance(facts, dict) else None, f'"{path}"')
