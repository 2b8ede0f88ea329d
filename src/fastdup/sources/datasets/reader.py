"""Lists, stamps and reads the rows of data sets, each called ``train.parquet/000012``.

Where the column of images was asked for, its name is part of that: ``train.parquet/small/000012``.
So a name alone tells what to read.
"""

import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastdup.errors import ImageError, MissingExtraError, Reason
from fastdup.sources.base import UNREACHABLE, Stamp
from fastdup.sources.datasets.columns import image_column, label_column, label_words
from fastdup.sources.datasets.table import (
    ColumnStream,
    Table,
    is_dataset,
    paths_to_datasets,
    require_pyarrow,
)
from fastdup.sources.files import Files
from fastdup.sources.local import image_error, is_url

logger = logging.getLogger(__name__)

_DIGITS = 6
#: Columns whose files stay open for their next row.
_MOST_OPEN = 4


@dataclass
class _Dataset:
    """What is known of one data set; only `failure` when it cannot be read."""

    path: str
    stamp: Stamp
    n_rows: int = 0
    images: ColumnStream | None = None
    labels: ColumnStream | None = None
    words: tuple[str, ...] = ()
    failure: ImageError | None = None


class DatasetReader:
    """Knows the data sets met so far; safe to use from several threads.

    Parameters
    ----------
    image_column, label_column : str or None
        The columns that hold images and labels; None: found by themselves.
    files : Files
        Where the data sets lie.
    read_file : callable
        Returns the bytes of a file that a row names, only the first so many when that is given.
    """

    def __init__(
        self,
        image_column: str | None,
        label_column: str | None,
        files: Files,
        read_file: Callable[[str, int | None], bytes],
    ) -> None:
        self._files = files
        self._read_file = read_file
        self._image_column = image_column
        self._label_column = label_column
        self._are_datasets: dict[str, bool] = {}
        self._begun: set[str] = set()
        self._datasets: dict[tuple[str, str | None], _Dataset] = {}
        self._open: OrderedDict[ColumnStream, None] = OrderedDict()
        self._lock = threading.RLock()
        self._has_told_extra = False

    def close(self) -> None:
        """Let go of all files."""
        with self._lock:
            for stream in self._open:
                stream.release()
            self._open.clear()
            self._datasets.clear()

    #: Refuses to go on when PyArrow is not installed.
    require_extra = staticmethod(require_pyarrow)

    def find(self, path: str) -> str | None:
        """Return the data set that `path` is or leads into, None when it has to do with none."""
        for start in paths_to_datasets(path):
            if start not in self._are_datasets:
                self._are_datasets[start] = is_dataset(start, self._files)
            if self._are_datasets[start]:
                return start
        return None

    def find_listed(self, path: str) -> str | None:
        """Return the data set that `path` leads into if it was listed here; nothing is opened."""
        return next((start for start in paths_to_datasets(path) if start in self._begun), None)

    def uris(self, path: str) -> Iterator[str]:
        """Yield the rows of a data set; one that cannot be read is listed itself."""
        try:
            dataset = self._begin(path, self._image_column)
        except OSError:
            yield path
            return
        if dataset.failure or not dataset.n_rows:
            self._tell(path, dataset.failure)
            yield path
        column = "" if self._image_column is None else f"{self._image_column}/"
        for row in range(dataset.n_rows):
            yield f"{path}/{column}{row:0{_DIGITS}}"

    def stamp(self, dataset_path: str, uri: str) -> Stamp:
        """Return a row's stamp: the file's, for no row changes without it."""
        try:
            dataset, row = self._place(dataset_path, uri)
        except OSError:
            return UNREACHABLE
        if uri == dataset_path:
            return dataset.stamp
        if row is None:
            return UNREACHABLE
        # Its own size is known only when it was read; that of the file would be taken for it.
        size, mtime_ns = dataset.stamp
        return Stamp(0, (mtime_ns * 1_000_003 + size) % 2**62)

    def read(self, dataset_path: str, uri: str, max_bytes: int | None = None) -> bytes:
        """Return the bytes of the image in a row, only the first `max_bytes` when that is given.

        Raises
        ------
        ImageError
            With the reason why there are none.
        """
        try:
            dataset, row = self._place(dataset_path, uri)
            has_changed = self._files.has_changed(dataset_path, dataset.stamp)
        except OSError as exc:
            raise image_error(exc) from exc
        if dataset.failure:
            raise dataset.failure
        if uri == dataset_path or dataset.images is None:
            raise ImageError("a data set, not an image", reason=Reason.NOT_AN_IMAGE)
        if has_changed:
            detail = f"{dataset_path} was changed after it was listed: run again"
            raise ImageError(detail, reason=Reason.NOT_FOUND)
        if row is None:
            raise ImageError(f"{dataset_path} has no such row", reason=Reason.NOT_FOUND)
        return self._bytes_of(self._value(dataset.images, row), dataset_path, max_bytes)

    def label(self, dataset_path: str, uri: str) -> str | None:
        """Return what a row's column of labels holds, None when there is nothing."""
        try:
            dataset, row = self._place(dataset_path, uri)
        except OSError:  # it went away since it was listed
            return None
        if dataset.labels is None or row is None:
            return None
        try:
            value = self._value(dataset.labels, row)
        except ImageError:  # the image of this row is then listed as bad, or is read all the same
            return None
        if isinstance(value, int) and 0 <= value < len(dataset.words):
            return dataset.words[value]
        return None if value is None else str(value)

    def _value(self, stream: ColumnStream, row: int) -> Any:
        """Return a cell; of the columns read before, few stay open."""
        with self._lock:
            self._open[stream] = None
            self._open.move_to_end(stream)
            oldest = self._open.popitem(last=False)[0] if len(self._open) > _MOST_OPEN else None
        if oldest:
            oldest.release()
        return stream.value(row)

    def _bytes_of(self, value: Any, dataset_path: str, max_bytes: int | None) -> bytes:
        """Return the bytes that a cell holds, or those of the file that it names."""
        path = value
        if isinstance(value, dict):
            value, path = value.get("bytes"), value.get("path")
        if isinstance(value, bytes):
            return value[:max_bytes]
        if not isinstance(path, str) or not path:
            raise ImageError("there is no image in this row", reason=Reason.EMPTY)
        if is_url(path):
            raise ImageError(f"this row holds an address, {path}", reason=Reason.UNSUPPORTED)
        return self._read_file(self._beside(dataset_path, path), max_bytes)

    def _beside(self, dataset_path: str, path: str) -> str:
        """Return the place of a file that a row names by its path."""
        if self._files.are_local:
            return os.path.join(os.path.dirname(dataset_path), path)
        folder = dataset_path.rpartition("/")[0]
        if path.startswith("/") or ".." in path.split("/"):
            detail = f"this row holds a path that leads out of {folder}/: {path}"
            raise ImageError(detail, reason=Reason.UNSUPPORTED)
        return f"{folder}/{path}"

    def _place(self, path: str, uri: str) -> tuple[_Dataset, int | None]:
        """Return the data set and the row that `uri` names, None when it has no such row."""
        column, slash, name = uri[len(path) + 1 :].rpartition("/")
        wanted = column if slash else self._image_column if uri == path else None
        with self._lock:
            dataset = self._datasets.get((path, wanted)) or self._begin(path, wanted)
        return dataset, _row_number(dataset, name)

    def _begin(self, path: str, wanted: str | None) -> _Dataset:
        stamp = self._files.stamp(path)
        dataset = _Dataset(path, stamp)
        opened = None if self._files.are_local else partial(self._files.open, path, stamp)
        try:
            table = Table(path, opened)
            stream = partial(ColumnStream, table)
            dataset.images = stream(image_column(table.schema, wanted))
            if labels := label_column(table.schema, self._label_column):
                dataset.labels = stream(labels)
                dataset.words = tuple(label_words(table.schema, labels))
            dataset.n_rows = table.n_rows
        except MissingExtraError as exc:
            dataset.failure = ImageError(str(exc), reason=Reason.UNSUPPORTED)
        except ImageError as exc:
            dataset.failure = exc
        with self._lock:
            self._datasets[path, wanted] = dataset
            self._begun.add(path)
        return dataset

    def _tell(self, path: str, failure: ImageError | None) -> None:
        if failure is None or failure.reason is not Reason.UNSUPPORTED:
            logger.warning("%s: %s", path, failure or "a data set without rows")
        elif not self._has_told_extra:
            self._has_told_extra = True
            logger.warning("%s is listed as bad: %s", path, failure)


def _row_number(dataset: _Dataset, name: str) -> int | None:
    """Return the row that `name` stands for, None when the data set has no such row."""
    if not (name.isascii() and name.isdigit() and len(name) >= _DIGITS):
        return None
    row = int(name) if len(name) < 19 else -1
    return row if 0 <= row < dataset.n_rows and name == f"{row:0{_DIGITS}}" else None
