"""Opens data sets with PyArrow, in a process that may crash: their columns, and their cells."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import accumulate
from typing import Any

import pyarrow as pa

from fastdup.errors import ImageError, Reason
from fastdup.sources.containers.apart import Place, Workshop
from fastdup.sources.containers.datasets.columns import image_column, label_column, label_words
from fastdup.sources.long_paths import LONG_PATH

_PARQUET, _ARROW = b"PAR1", b"ARROW1"
#: Rows that are decoded, and handed over, together; fewer where these have more bytes.
_ROWS_READ = 32
_MOST_BYTES_READ = 2**24
#: What is read at a time of a file that is not on this machine.
_READ_BYTES = 4 * 2**20
#: Columns that stay open for their next rows.
_MOST_OPEN = 4


class DatasetWorkshop(Workshop):
    """Reads Parquet files, and Arrow's two formats; see `Workshop`."""

    noun = "a data set"

    def __init__(self, ask: Callable[[Any], bytes]) -> None:
        super().__init__(ask)
        pa.set_cpu_count(1)
        pa.set_io_thread_count(1)
        self._open: OrderedDict[tuple[Place, str], _Column] = OrderedDict()

    def forget(self) -> None:
        """Close all columns."""
        for column in self._open.values():
            column.close()
        self._open.clear()

    def describe(
        self, place: Place, images: str | None, labels: str | None
    ) -> tuple[dict[str, Any], bytes]:
        """Return the columns of images and labels, where blocks of rows begin, and what is damaged.

        ``damage`` says why no more rows can be read, "" where all can.

        Parameters
        ----------
        place : Place
            The file.
        images, labels : str or None
            The columns that were asked for; None: they are found.
        """
        try:
            with closing(_OpenFile(self, place)) as file:
                schema = file.schema
                column = image_column(schema, images)
                label = label_column(schema, labels)
                sizes, damage = file.block_sizes(label or column)
        except ImageError:
            raise
        except Exception as exc:
            text = " ".join(str(exc).split())[:200]
            raise ImageError(f"a damaged data set: {text}", reason=Reason.TRUNCATED) from exc
        if sum(sizes) > place.size_bytes:
            detail = f"a damaged data set: {sum(sizes):,} rows in {place.size_bytes:,} bytes"
            raise ImageError(detail, reason=Reason.DECODE_ERROR)
        words = list(label_words(schema, label)) if label else []
        starts = [0, *accumulate(sizes)]
        found = {"images": column, "labels": label, "words": words, "starts": starts}
        return {**found, "damage": damage}, b""

    def cells(
        self, place: Place, name: str, block: int, first_row: int, row: int
    ) -> tuple[list[Any], bytes]:
        """Return the cells of a column from a row on, as many as are read together.

        Parameters
        ----------
        place : Place
            The file.
        name : str
            The column.
        block, first_row : int
            The block that has the row, and its first row.
        row : int
            The row.

        Returns
        -------
        cells : list
            For each: None, a number, a text, the length of its bytes in a list, or length and path
            of an image in a list.
        data : bytes
            The bytes, one after the other.
        """
        key = place, name
        column = self._open.pop(key, None)
        if column is None or not first_row <= column.next_row <= row:
            if column:
                column.close()
            column = _Column(_OpenFile(self, place), name, block, first_row)
        try:
            values = column.read(row)
        except BaseException:
            column.close()
            raise
        self._open[key] = column
        if len(self._open) > _MOST_OPEN:
            self._open.popitem(last=False)[1].close()
        return _packed(values)


def _packed(values: list[Any]) -> tuple[list[Any], bytes]:
    cells: list[Any] = []
    parts: list[bytes] = []
    for value in values:
        path = None
        if isinstance(value, dict):
            path = value.get("path") if isinstance(value.get("path"), str) else None
            value = value.get("bytes")
        if isinstance(value, bytes):
            parts.append(value)
            cells.append([len(value), path])
        elif path is not None:
            cells.append(path)
        else:
            cells.append(value if isinstance(value, int | str | None) else str(value))
    return cells, b"".join(parts)


class _OpenFile:
    """One open data file."""

    def __init__(self, workshop: Workshop, place: Place) -> None:
        with ExitStack() as opened:
            # Not mapped into memory: what was checked must not change before it is used.
            if place.is_local and len(place.path) < LONG_PATH:
                self._data = opened.enter_context(pa.OSFile(place.path))
            else:
                file = opened.enter_context(closing(workshop.file(place)))
                self._data = opened.enter_context(pa.PythonFile(file, "r"))
            self._buffer_bytes = 0 if place.is_local else _READ_BYTES
            head = self._data.read(max(len(_PARQUET), len(_ARROW)))
            self._data.seek(0)
            self._is_parquet = head.startswith(_PARQUET)
            self._is_file = head.startswith(_ARROW)
            self.schema: pa.Schema = self._read_schema()
            self._opened = opened.pop_all()

    def close(self) -> None:
        """Close the file."""
        self._opened.close()

    def _read_schema(self) -> pa.Schema:
        if self._is_parquet:
            return self._parquet().schema_arrow
        return self._batches(None).schema

    def _parquet(self) -> Any:
        import pyarrow.parquet as pq

        return pq.ParquetFile(self._data, buffer_size=self._buffer_bytes)

    def _batches(self, name: str | None) -> Any:
        """Return the reader of the batches of rows, with one column or with all."""
        self._data.seek(0)
        fields = [self.schema.get_field_index(name)] if name else None
        options = pa.ipc.IpcReadOptions(included_fields=fields, use_threads=False)
        opened = pa.ipc.open_file if self._is_file else pa.ipc.open_stream
        return opened(self._data, options=options)

    def block_sizes(self, name: str) -> tuple[list[int], str]:
        """Return how many rows each block has that can be read by itself, and what ends them."""
        if self._is_parquet:
            metadata = self._parquet().metadata
            return [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)], ""
        sizes: list[int] = []
        try:
            sizes.extend(batch.num_rows for batch in _each(self._batches(name), 0))
        except Exception as exc:  # of a file cut short, what comes before can be read
            if not sizes:
                raise
            return sizes, " ".join(str(exc).split())[:200]
        return sizes, ""

    def arrays(self, name: str, first_block: int) -> Iterator[pa.Array]:
        """Yield the values of a column from a block on; each array was checked in full."""
        for batch in self._blocks(name, first_block):
            array = batch.column(name)
            array.validate(full=True)
            yield array

    def _blocks(self, name: str, first_block: int) -> Iterator[pa.RecordBatch]:
        if not self._is_parquet:
            yield from _each(self._batches(name), first_block)
            return
        file = self._parquet()
        # One row group at a time: no batch then ends where the next one is damaged.
        for group in range(first_block, file.metadata.num_row_groups):
            yield from file.iter_batches(
                _ROWS_READ, row_groups=[group], columns=[name], use_threads=False
            )


def _each(reader: Any, first: int) -> Iterator[pa.RecordBatch]:
    if hasattr(reader, "num_record_batches"):
        yield from map(reader.get_batch, range(first, reader.num_record_batches))
        return
    for number, batch in enumerate(reader):
        if number >= first:
            yield batch


class _Column:
    """One column read forward, from the beginning of a block on."""

    def __init__(self, file: _OpenFile, name: str, block: int, first_row: int) -> None:
        self._file = file
        self._arrays = file.arrays(name, block)
        self._array: pa.Array | None = None
        self._used = 0
        self.next_row = first_row

    def close(self) -> None:
        """Close the file."""
        self._arrays = iter(())
        self._array = None
        self._file.close()

    def read(self, row: int) -> list[Any]:
        """Return cells from `row` on, which is not before the next one."""
        while self._array is None or row >= self.next_row + len(self._array) - self._used:
            if self._array is not None:
                self.next_row += len(self._array) - self._used
            self._array, self._used = next(self._arrays, None), 0
            if self._array is None:
                detail = "a data set with fewer rows than it says"
                raise ImageError(detail, reason=Reason.TRUNCATED)
        self._used += row - self.next_row
        values: list[Any] = []
        n_bytes = 0
        for cell in self._array[self._used : self._used + _ROWS_READ]:
            value = cell.as_py()
            values.append(value)
            n_bytes += _size_of(value)
            if n_bytes > _MOST_BYTES_READ:
                break
        self._used += len(values)
        self.next_row = row + len(values)
        return values


def _size_of(value: Any) -> int:
    if isinstance(value, dict):
        return _size_of(value.get("bytes"))
    return len(value) if isinstance(value, bytes | str) else 1
