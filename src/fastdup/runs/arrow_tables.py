"""The tables of a run for other programs, a part at a time, as Arrow, Parquet or CSV."""

import logging
import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from fastdup.errors import ConfigError, MissingExtraError, WorkDirError
from fastdup.runs.decided_tables import DECIDED_TABLES, table_blocks
from fastdup.runs.finished import FinishedRun
from fastdup.runs.tables import (
    BAD,
    COMPONENT_INFO,
    COMPONENTS,
    METADATA,
    OUTLIER_SCORES,
    OUTLIERS,
    SIMILARITY,
    STATS,
    VERDICTS,
    VIDEOS,
    Block,
    Schema,
)
from fastdup.workdir.csv_files import csv_line

if TYPE_CHECKING:
    import pyarrow as pa

logger = logging.getLogger(__name__)

PARQUET, ARROW = "parquet", "arrow"
FEATURES = "features"
#: Name → the table, for all but the features.
RUN_TABLES: Mapping[str, Schema] = {
    "similarity": SIMILARITY,
    "outliers": OUTLIERS,
    "outlier_scores": OUTLIER_SCORES,
    "components": COMPONENTS,
    "component_info": COMPONENT_INFO,
    "verdicts": VERDICTS,
    "videos": VIDEOS,
    "stats": STATS,
    "metadata": METADATA,
    "bad": BAD,
}
#: dtype of a data frame's column → Arrow's name of the type.
_TYPES = {object: "string", np.int64: "int64", "Int64": "int64", np.float64: "float64"} | {
    "boolean": "bool"
}
#: So many rows are in memory at a time, and in a row group of a file.
ROWS_TOGETHER = 2**16
#: Of features, which are wide, so many bytes.
_BYTES_TOGETHER = 2**24


def open_batches(
    run: FinishedRun, name: str, rows_together: int = ROWS_TOGETHER
) -> "pa.RecordBatchReader":
    """Return a table of a run as batches, which are read when they are asked for.

    Parameters
    ----------
    run : FinishedRun
    name : str
        A key of `RUN_TABLES`, or ``features``: ``filename``, and ``embedding``, a list of d float32
        values.
    rows_together : int
        A batch has at least so many rows, but for the last, and hardly more; of features, which are
        wide, at most so many.

    Raises
    ------
    ConfigError
        When there is no such table.
    MissingExtraError
        When PyArrow is not installed.
    WorkDirError
        When there is no such file. A damaged one raises it while it is read.
    """
    pa = require_pyarrow()
    if name == FEATURES:
        width = run.features.shape[1]
        vector = pa.list_(pa.float32(), width)
        schema = pa.schema({"filename": pa.string(), "embedding": vector})
        return pa.RecordBatchReader.from_batches(
            schema, _feature_batches(run, schema, rows_together)
        )
    table = _find(name)
    if not table.is_optional:
        run.table_path(table)
    schema = pa.schema(
        [
            pa.field(column, pa.type_for_alias(_TYPES[kind.dtype]))
            for column, kind in table.columns.items()
        ]
    )
    blocks = _grouped(_checked_blocks(run, table), rows_together)
    return pa.RecordBatchReader.from_batches(
        schema, (_batch(schema, columns) for columns in blocks)
    )


def csv_lines(run: FinishedRun, name: str) -> Iterator[bytes]:
    """Yield the lines of a table as a run writes them, the header first.

    Raises
    ------
    ConfigError
        When there is no such table, or it is that of the features.
    WorkDirError
        When the file is missing or damaged.
    """
    if name == FEATURES:
        raise ConfigError(f"{FEATURES} have no CSV: choose --format {PARQUET} or {ARROW}")
    table = _find(name)
    deque(_checked_blocks(run, table), maxlen=0)  # what is wrong is raised before the first line
    path = table.path(run.work)
    if table not in DECIDED_TABLES and os.path.exists(path):
        with open(path, "rb") as file:
            yield from file
        return
    yield csv_line(tuple(table.columns))
    for block in _checked_blocks(run, table):
        texts = (
            map(k.text, column) for k, column in zip(table.columns.values(), block, strict=True)
        )
        yield from map(csv_line, zip(*texts, strict=True))


def write_batches(batches: "pa.RecordBatchReader", format: str, file: BinaryIO) -> None:
    """Write batches to an open file as ``parquet``, or else as an ``arrow`` file.

    At any time one of them is in memory.
    """
    pa = require_pyarrow()
    if format == PARQUET:
        from pyarrow import parquet

        writer = parquet.ParquetWriter(file, batches.schema, compression="zstd")
    else:
        writer = pa.ipc.new_file(file, batches.schema)
    with writer:
        for batch in batches:
            writer.write_batch(batch)


def batches_of(schema: "pa.Schema", columns: Block) -> "pa.RecordBatchReader":
    """Return columns in memory as batches."""
    reader = require_pyarrow().RecordBatchReader
    return reader.from_batches(schema, iter([_batch(schema, columns)]))


def require_pyarrow() -> ModuleType:
    """Return PyArrow, which is loaded when it is needed.

    Raises
    ------
    MissingExtraError
        When it is not installed.
    """
    try:
        import pyarrow
    except ImportError as exc:
        raise MissingExtraError.needed_for("a table in Arrow or Parquet", extra="datasets") from exc
    module: ModuleType = pyarrow
    return module


def _find(name: str) -> Schema:
    if name not in RUN_TABLES:
        raise ConfigError.not_among("table", name, (*RUN_TABLES, FEATURES), "similarity")
    return RUN_TABLES[name]


def _checked_blocks(run: FinishedRun, table: Schema) -> Iterator[Block]:
    """Yield a table, a part at a time; one of measurements must be about the run's images."""
    blocks = table_blocks(run, table)
    if table not in (STATS, METADATA):
        yield from blocks
        return
    place, n_before = list(table.columns).index("filename"), 0
    for block in blocks:
        n_after = n_before + len(block[place])
        if list(block[place]) != run.paths[n_before:n_after]:
            break
        n_before = n_after
        yield block
    if n_before != len(run.paths):
        raise WorkDirError(
            f"{table.path(run.work)} is about other images: a run with {table.written_by} writes "
            "it anew"
        )


def _grouped(blocks: Iterable[Block], rows_together: int) -> Iterator[Block]:
    """Yield the same rows, many at a time."""
    columns: tuple[list[Any], ...] = ()
    for block in blocks:
        columns = columns or tuple([] for _ in block)
        for column, more in zip(columns, block, strict=True):
            column.extend(more)
        if len(columns[0]) >= rows_together:
            yield columns
            columns = ()
    if columns:
        yield columns


def _batch(schema: "pa.Schema", columns: Block) -> "pa.RecordBatch":
    pa = require_pyarrow()
    arrays = []
    for field, values in zip(schema, columns, strict=True):
        try:
            arrays.append(pa.array(values, field.type))
        except UnicodeEncodeError:
            arrays.append(pa.array(_readable(values), field.type))
    return pa.record_batch(arrays, schema=schema)


def _readable(values: Sequence[Any]) -> list[Any]:
    r"""Return texts, or lists of them, as UTF-8: a byte that is none is written as ``\xff``."""
    found = [_readable(v) if isinstance(v, list) else _escaped(v) for v in values]
    changed = next((old for old, new in zip(values, found, strict=True) if old != new), None)
    if isinstance(changed, str):
        logger.warning(
            "%r and names like it are no UTF-8, and Arrow has no other texts: such bytes are "
            r"written as \xff; a CSV file has the names themselves",
            changed,
        )
    return found


def _escaped(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _feature_batches(
    run: FinishedRun, schema: "pa.Schema", rows_together: int
) -> Iterator["pa.RecordBatch"]:
    pa = require_pyarrow()
    n_rows, width = run.features.shape
    step = max(1, min(rows_together, _BYTES_TOGETHER // (4 * max(width, 1))))
    for start in range(0, n_rows, step):
        names = run.paths[start : start + step]
        values = pa.array(np.array(run.features[start : start + step]).reshape(-1))
        vectors = pa.FixedSizeListArray.from_arrays(values, width)
        (filenames,) = _batch(pa.schema([schema.field("filename")]), (names,)).columns
        yield pa.record_batch([filenames, vectors], schema=schema)
