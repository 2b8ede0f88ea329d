"""Data files with rows: Parquet, and Arrow's two formats; read in order, a few rows at a time."""

import threading
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import accumulate
from typing import TYPE_CHECKING, Any, BinaryIO

from fastdup.errors import ImageError, Reason
from fastdup.sources.kinds import DATASETS

if TYPE_CHECKING:
    import pyarrow as pa

_PARQUET, _ARROW, _STREAM = b"PAR1", b"ARROW1", b"\xff\xff\xff\xff"
#: Rows that are decoded together, and how much of that is kept for threads that come late.
_ROWS_READ = 32
_HEAD_BYTES = 8
#: What is read at a time of a file that is not on this machine.
_READ_BYTES = 4 * 2**20
LEAST_KEPT, MOST_KEPT, MOST_KEPT_BYTES = 64, 4096, 2**28


def begins_like_dataset(head: bytes) -> bool:
    """Return whether `head` is what data sets begin with."""
    return head.startswith((_PARQUET, _ARROW, _STREAM))


class Table:
    """One data file: its columns, its number of rows, and its rows in blocks.

    Parameters
    ----------
    path : str
        The file.
    opened : callable or None
        Opens it for reading anywhere; None: it is mapped into memory by its path.

    Attributes
    ----------
    schema : pyarrow.Schema
    starts : list of int
        The first row of each block that can be read by itself, and the number of all rows.

    Raises
    ------
    MissingExtraError
        When PyArrow is not installed.
    ImageError
        When the file is damaged.
    """

    def __init__(self, path: str, opened: Callable[[], BinaryIO] | None = None) -> None:
        self._arrow = DATASETS.require()
        self._path = path
        self._opened = opened
        try:
            with self._data() as data:
                self._head: bytes = data.read(_HEAD_BYTES)
                data.seek(0)
                sizes = self._open(data)
        except (self._arrow.ArrowException, OSError, ValueError) as exc:
            raise _damaged(exc, Reason.TRUNCATED) from exc
        self.starts = [0, *accumulate(sizes)]

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return self.starts[-1]

    @contextmanager
    def _data(self) -> Iterator[Any]:
        """Open the file as PyArrow wants it."""
        if self._opened is None:
            with self._arrow.memory_map(self._path) as data:
                yield data
            return
        with closing(self._opened()) as file, self._arrow.PythonFile(file, "r") as data:
            yield data

    def _open(self, data: Any) -> list[int]:
        """Read the schema, and return how many rows each block has."""
        if self._is_parquet:
            with self._parquet_file(data) as file:
                self.schema: pa.Schema = file.schema_arrow
                metadata = file.metadata
                return [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
        reader = self._batch_reader(data)
        self.schema = reader.schema
        return [batch.num_rows for batch in self._batches_of(reader)]

    @property
    def _is_parquet(self) -> bool:
        return self._head.startswith(_PARQUET)

    def _parquet_file(self, data: Any) -> Any:
        import pyarrow.parquet as pq

        return pq.ParquetFile(data, buffer_size=_READ_BYTES if self._opened else 0)

    def _batch_reader(self, data: Any) -> Any:
        from pyarrow import ipc

        is_file = self._head.startswith(_ARROW)
        return ipc.open_file(data) if is_file else ipc.open_stream(data)

    @staticmethod
    def _batches_of(reader: Any, first: int = 0) -> Iterator["pa.RecordBatch"]:
        if hasattr(reader, "num_record_batches"):
            yield from map(reader.get_batch, range(first, reader.num_record_batches))
            return
        for number, batch in enumerate(reader):
            if number >= first:
                yield batch

    def column(self, name: str, first_block: int) -> Iterator[Any]:
        """Yield the values of a column as arrays, from a block on.

        Raises
        ------
        ImageError
            When the file is damaged there.
        """
        try:
            with self._data() as data:
                for batch in self._batches(data, name, first_block):
                    yield batch.column(name)
        except (self._arrow.ArrowException, OSError, ValueError) as exc:
            raise _damaged(exc, Reason.DECODE_ERROR) from exc

    def _batches(self, data: Any, name: str, first_block: int) -> Iterator["pa.RecordBatch"]:
        if not self._is_parquet:
            yield from self._batches_of(self._batch_reader(data), first_block)
            return
        with self._parquet_file(data) as file:
            # One row group at a time: no batch then ends where the next one is damaged.
            for group in range(first_block, file.metadata.num_row_groups):
                yield from file.iter_batches(
                    _ROWS_READ, row_groups=[group], columns=[name], use_threads=False
                )


class ColumnStream:
    """One column read forward, with a window of what was read last; safe to use from threads.

    Parameters
    ----------
    table : Table
        The file.
    name : str
        The column.
    """

    def __init__(self, table: Table, name: str) -> None:
        self._table = table
        self._name = name
        self._lock = threading.Lock()
        self._window: deque[tuple[int, Any]] = deque()
        self._arrays: Iterator[Any] = iter(())
        self._next_row = -1
        self._damage: dict[int, tuple[int, ImageError]] = {}

    def value(self, row: int) -> Any:
        """Return the value in a row.

        Raises
        ------
        ImageError
            When the file is damaged there.
        """
        block = bisect_right(self._table.starts, row) - 1
        with self._lock:
            first_bad, error = self._damage.get(block, (row + 1, None))
            if error and row >= first_bad:  # nothing behind the damage of a block can be read
                raise error
            if not self._window or row < self._window[0][0] or self._is_far(block):
                self._restart(block)
            while row >= self._next_row:
                self._advance(block)
            start, array = next(item for item in reversed(self._window) if item[0] <= row)
            return array[row - start].as_py()

    def _is_far(self, block: int) -> bool:
        """Return whether whole blocks lie between what was read and what is wanted."""
        return self._table.starts[block] > self._next_row

    def _restart(self, block: int) -> None:
        self._window.clear()
        self._arrays = self._table.column(self._name, block)
        self._next_row = self._table.starts[block]

    def _advance(self, block: int) -> None:
        try:
            array = next(self._arrays, None)
        except ImageError as exc:
            self._damage[block] = (self._next_row, exc)
            self._restart(block)
            raise
        if array is None:
            raise ImageError("a data set with fewer rows than it says", reason=Reason.TRUNCATED)
        self._window.append((self._next_row, array))
        self._next_row += len(array)
        n_bytes = sum(kept.nbytes for _, kept in self._window)
        while len(self._window) > 1 and self._is_full(n_bytes):
            n_bytes -= self._window.popleft()[1].nbytes

    def _is_full(self, n_bytes: int) -> bool:
        """Return whether the oldest array of the window can go."""
        n_rows_without = self._next_row - self._window[1][0]
        return n_rows_without >= MOST_KEPT or (
            n_rows_without >= LEAST_KEPT and n_bytes > MOST_KEPT_BYTES
        )

    def release(self) -> None:
        """Close the file and drop the window; the next value opens it again."""
        with self._lock:
            self._window.clear()
            self._arrays = iter(())


def _damaged(exc: Exception, reason: Reason) -> ImageError:
    text = " ".join(str(exc).split())[:200]
    return ImageError(f"a damaged data set: {text}", reason=reason)
