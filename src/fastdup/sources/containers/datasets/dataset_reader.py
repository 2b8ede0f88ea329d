"""Lists, stamps and reads the rows of data sets, each called ``train.parquet/000012``."""

import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from fastdup.config.machine import available_cores
from fastdup.errors import ImageError, MissingExtraError, Reason
from fastdup.sources.base import Stamp
from fastdup.sources.containers.apart import Apart, Place
from fastdup.sources.containers.container_reader import Container, ContainerReader
from fastdup.sources.containers.datasets.column_stream import Cell, ColumnStream, unpacked
from fastdup.sources.containers.datasets.row_names import parse_row, row_name
from fastdup.sources.containers.files import Files
from fastdup.sources.kinds import DATASETS
from fastdup.sources.local_reader import is_url
from fastdup.sources.reader_options import ReaderOptions
from fastdup.sources.stat_cache import CachedStat

_WORKSHOP = "fastdup.sources.containers.datasets.dataset_workshop:DatasetWorkshop"
#: Processes that read: one hands over hundreds of megabytes a second.
_MOST_PROCESSES = 4
#: Columns whose last rows stay in memory.
_MOST_OPEN = 4
#: What Parquet files and Arrow's two formats begin with.
_MAGIC = (b"PAR1", b"ARROW1", b"\xff\xff\xff\xff")


@dataclass
class _Dataset(Container):
    images: ColumnStream | None = None
    labels: ColumnStream | None = None
    words: tuple[str, ...] = ()


class DatasetReader(ContainerReader[_Dataset]):
    """Reads rows of data sets; see `ContainerReader`.

    One that is read by the names of several columns is known once for each.
    """

    kind = DATASETS
    head_bytes = 8
    missing = "{path} has no such row"

    def __init__(self, options: ReaderOptions, files: Files) -> None:
        super().__init__(options, files)
        n_processes = min(available_cores(), _MOST_PROCESSES)
        self._apart = Apart(_WORKSHOP, self.kind.noun, n_processes)
        self._begun: set[str] = set()
        self._open: OrderedDict[ColumnStream, None] = OrderedDict()

    def close(self) -> None:
        """Release all files."""
        with self._lock:
            for stream in self._open:
                stream.release()
            self._open.clear()
            super().close()
        self._apart.close()

    @classmethod
    def format_of(cls, head: bytes) -> object:
        """Return what a data set begins with, None for all else."""
        return head if head.startswith(_MAGIC) else None

    def label(self, uri: str) -> str | None:
        """Return what a row's column of labels holds, None when there is nothing."""
        path = self.find(uri) if self._files.are_local else self._find_begun(uri)
        try:
            dataset = self._container(path, uri) if path else None
            member = self._member(dataset, uri) if dataset else None
        except OSError:  # it went away since it was listed
            return None
        if dataset is None or member is None or dataset.labels is None:
            return None
        try:
            value = self._value(dataset.labels, *member.place).word
        except ImageError:  # the image of this row is then listed as bad, or is read all the same
            return None
        if isinstance(value, int) and 0 <= value < len(dataset.words):
            return dataset.words[value]
        return None if value is None else str(value)

    def _find_begun(self, uri: str) -> str | None:
        """Return the data set that `uri` leads into if it was listed here; nothing is opened."""
        return next((path for path in self.kind.paths_in(uri) if path in self._begun), None)

    # --- what is known of data sets -----------------------------------------------------------

    def _key(self, path: str, uri: str) -> str:
        return f"{path}\0{self._column_in(path, uri)}"

    def _column_in(self, path: str, uri: str) -> str | None:
        """Return the column of images that `uri` asks for, None where it is to be found."""
        return self._options.image_column if uri == path else parse_row(path, uri)[0]

    def _new(self, path: str, stamp: Stamp, uri: str) -> _Dataset:
        dataset = _Dataset(path, stamp, is_listed=True)
        try:
            self.kind.check_installed()
            self._describe(dataset, self._column_in(path, uri))
            if not dataset.n_images:
                detail = "a data set without rows"
                dataset.failure = ImageError(detail, reason=Reason.NOT_AN_IMAGE)
        except MissingExtraError as exc:
            dataset.failure = ImageError(str(exc), reason=Reason.UNSUPPORTED)
        except ImageError as exc:
            dataset.failure = exc
        self._begun.add(path)
        return dataset

    def _describe(self, dataset: _Dataset, column: str | None) -> None:
        """Find the columns of a data set, and how many rows it has."""
        place = Place(dataset.path, *dataset.stamp, self._files.are_local)
        opened = self._opened(dataset)
        wanted = column, self._options.label_column
        found, _ = self._apart.call("describe", place, *wanted, near=dataset.path, opened=opened)
        starts = tuple(map(int, found["starts"]))

        def stream(name: str) -> ColumnStream:
            def read(block: int, row: int) -> list[Cell]:
                given = name, block, starts[block], row
                cells = self._apart.call("cells", place, *given, near=dataset.path, opened=opened)
                return unpacked(*cells)

            return ColumnStream(read, starts)

        dataset.images = stream(str(found["images"]))
        if found["labels"] is not None:
            dataset.labels = stream(str(found["labels"]))
            dataset.words = tuple(map(str, found["words"]))
        dataset.n_images = starts[-1]
        if found["damage"]:
            detail = f"a damaged data set, after {starts[-1]:,} rows: {found['damage']}"
            dataset.failure = ImageError(detail, reason=Reason.TRUNCATED)

    def _opened(self, dataset: _Dataset) -> Callable[[], BinaryIO] | None:
        """Return what opens a data set that is not on this machine."""
        return (
            None
            if self._files.are_local
            else partial(self._files.open, dataset.path, dataset.stamp)
        )

    def _walk(self, dataset: _Dataset) -> Iterator[str]:
        for row in range(dataset.n_images):
            yield row_name(dataset.path, self._options.image_column, row)

    def _member(self, dataset: _Dataset, uri: str) -> CachedStat | None:
        """Return the row that `uri` names: it changes only with its file."""
        row = parse_row(dataset.path, uri)[1]
        if row is None or row >= dataset.n_images:
            return None
        # Its own size is known only when it was read; that of the file would be taken for it.
        size, mtime_ns = dataset.stamp
        return CachedStat(Stamp(0, (mtime_ns * 1_000_003 + size) % 2**62), (row,))

    # --- reading ------------------------------------------------------------------------------

    def _bytes_of(self, dataset: _Dataset, member: CachedStat, max_bytes: int | None) -> bytes:
        """Return the bytes that a cell holds, or those of the file that it names."""
        if dataset.images is None:
            raise self._failure_of(dataset)
        data, path = self._value(dataset.images, *member.place)
        if data is not None:
            return data[:max_bytes]
        if not isinstance(path, str) or not path:
            raise ImageError("there is no image in this row", reason=Reason.EMPTY)
        if is_url(path):
            raise ImageError(f"this row holds an address, {path}", reason=Reason.UNSUPPORTED)
        return self._files.read_image(self._beside(dataset.path, path), max_bytes)

    def _value(self, stream: ColumnStream, row: int) -> Cell:
        """Return a cell; of the columns read before, few stay in memory."""
        with self._lock:
            self._open[stream] = None
            self._open.move_to_end(stream)
            oldest = self._open.popitem(last=False)[0] if len(self._open) > _MOST_OPEN else None
        if oldest:
            oldest.release()
        return stream.value(row)

    def _beside(self, dataset_path: str, path: str) -> str:
        """Return the place of a file that a row names by its path."""
        if self._files.are_local:
            return os.path.join(os.path.dirname(dataset_path), path)
        folder = dataset_path.rpartition("/")[0]
        if path.startswith("/") or ".." in path.split("/"):
            detail = f"this row holds a path that leads out of {folder}/: {path}"
            raise ImageError(detail, reason=Reason.UNSUPPORTED)
        return f"{folder}/{path}"
