"""The rows that an extraction stores, and the append-only files that hold them."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.errors import Reason, WorkDirError
from fastdup.workdir.commits import Signature, read_signature
from fastdup.workdir.csv_files import csv_field, csv_line, encode_line, read_table
from fastdup.workdir.features import FEATURE_DTYPE, FEATURES_HEADER
from fastdup.workdir.paths import PREVIOUS_SUFFIX, WorkDir

BAD_HEADER = ("filename", "reason", "detail")
_STATS = "width height unique blur mean min max stdv file_size contrast"
STATS_HEADER = (*FEATURES_HEADER, *_STATS.split())
_METADATA = (
    "taken taken_from camera lens latitude longitude rating software encoder quality subsampling "
    "is_progressive bits frames has_alpha has_profile has_thumbnail "
    "lowest highest"
)
METADATA_HEADER = (*FEATURES_HEADER, *_METADATA.split())
#: The columns of ``metadata.csv`` after the filename, of an image whose metadata was not read.
NO_METADATA = "," * (len(_METADATA.split()) - 1)
#: One record per listed file: its stamp, and its row. Row r >= 0 is row r of the features;
#: row r < 0 is row -1 - r of the bad list.
LISTING_DTYPE = np.dtype([("size_bytes", "<i8"), ("mtime_ns", "<i8"), ("row", "<i8")])
_RECORDS_READ = 2**14
#: The row for content of an image that has none.
NO_CONTENT = np.zeros(0, np.float32)
#: The key of the rows for content in a signature; without them it is not there.
CONTENT = "content"
#: The key of the digest in it, where a model made them.
CONTENT_MODEL = "model"


class Widths(NamedTuple):
    """How many numbers the rows of an image have: its features, and its row for content."""

    features: int
    content: int = 0

    @classmethod
    def of(cls, signature: Signature) -> "Widths":
        """Return those that a signature states."""
        return cls(int(signature["dim"]), int(signature.get(CONTENT, {}).get("dim", 0)))


def stored_content_model(work: WorkDir) -> str | None:
    """Return the digest of the model that made the stored rows for content; None: no model did."""
    signature = read_signature(work.journal) or {}
    digest = signature.get(CONTENT, {}).get(CONTENT_MODEL)
    return None if digest is None else str(digest)


class GoodRow(NamedTuple):
    """A listed file with a row of features.

    ``stats`` holds the columns of ``stats.csv`` after the filename, as text; ``metadata`` those of
    ``metadata.csv``, as a part of a line of CSV. ``digest`` is the hash of the file's bytes, if it
    was computed; it is not stored. ``content`` is the row for content, without a number if there is
    none.
    """

    uri: str
    stamp: tuple[int, int]
    features: NDArray[np.float32]
    stats: Sequence[str]
    metadata: str = NO_METADATA
    digest: bytes | None = None
    content: NDArray[np.float32] = NO_CONTENT


class BadRow(NamedTuple):
    """A listed file that could not be used."""

    uri: str
    stamp: tuple[int, int]
    reason: Reason
    detail: str


ListedRow = GoodRow | BadRow


class StoredFile(NamedTuple):
    """URI, stamp and row of a listed file; `reason` is None for a good one, `detail` empty."""

    uri: str
    stamp: tuple[int, int]
    row: int
    reason: Reason | None
    detail: str = ""


@dataclass(frozen=True)
class AppendOnlyFiles:
    """The paths of the append-only files, and of their journal.

    The rows for content are among them if `has_content`.
    """

    features: str
    names: str
    bad: str
    stats: str
    listing: str
    metadata: str
    content: str
    journal: str
    has_content: bool = False

    @classmethod
    def of(cls, work: WorkDir, *, has_content: bool = False) -> "AppendOnlyFiles":
        """Return the append-only files of a work folder."""
        return cls(
            features=work.features,
            names=work.features_csv,
            bad=work.bad_csv,
            stats=work.stats,
            listing=work.listing,
            metadata=work.metadata,
            content=work.content,
            journal=work.journal,
            has_content=has_content,
        )

    def headers(self) -> tuple[bytes, ...]:
        """Return the first bytes of each file but the journal."""
        tables = map(csv_line, (FEATURES_HEADER, BAD_HEADER, STATS_HEADER))
        return b"", *tables, b"", csv_line(METADATA_HEADER), *([b""] if self.has_content else [])

    def previous(self) -> "AppendOnlyFiles":
        """Return the paths that these files have when they are set aside."""
        paths = {name: path for name, path in vars(self).items() if isinstance(path, str)}
        aside = {name: path + PREVIOUS_SUFFIX for name, path in paths.items()}
        return AppendOnlyFiles(**aside, has_content=self.has_content)

    def data_files(self) -> tuple[str, ...]:
        """Return all but the journal, in the order in which they are written."""
        files = self.features, self.names, self.bad, self.stats, self.listing, self.metadata
        return (*files, self.content) if self.has_content else files

    def all(self) -> tuple[str, ...]:
        """Return all, the journal last."""
        return (*self.data_files(), self.journal)

    def stored(self) -> Iterator[StoredFile]:
        """Yield URI, stamp and row of each listed file, in listing order."""
        good, bad = rows_of(self.names), rows_of(self.bad)
        for size_bytes, mtime_ns, row in _records(self.listing):
            if row >= 0:
                yield StoredFile(next(good)[1], (size_bytes, mtime_ns), row, None)
            else:
                uri, reason, detail = next(bad)
                yield StoredFile(uri, (size_bytes, mtime_ns), row, Reason(reason), detail)

    def stored_metadata(self) -> Iterator[str]:
        """Yield the metadata of each good file, as in `GoodRow`; of an earlier version, none."""
        if not os.path.exists(self.metadata):
            return repeat(NO_METADATA)
        return (",".join(map(csv_field, row[2:])) for row in rows_of(self.metadata))


def stored_rows(work: WorkDir, widths: Widths, n_rows: int) -> Iterator[ListedRow]:
    """Yield at most the first `n_rows` rows of an extraction, in listing order.

    Raises
    ------
    WorkDirError
        When they cannot be read.
    """
    files = AppendOnlyFiles.of(work)
    stats, bad, metadata = rows_of(files.stats), rows_of(files.bad), files.stored_metadata()
    try:
        with contextlib.ExitStack() as opened:
            paths = (files.features, files.content) if widths.content else (files.features,)
            matrices = [opened.enter_context(open(path, "rb")) for path in paths]
            for stored in islice(files.stored(), n_rows):
                if stored.reason is None:
                    n_bytes = [width * FEATURE_DTYPE.itemsize for width in widths]
                    data = [matrix.read(n) for matrix, n in zip(matrices, n_bytes, strict=False)]
                    if any(len(row) < n for row, n in zip(data, n_bytes, strict=False)):
                        return
                    rows = [np.frombuffer(row, FEATURE_DTYPE) for row in data]
                    features, content = (*rows, NO_CONTENT)[:2]
                    yield GoodRow(
                        stored.uri,
                        stored.stamp,
                        features,
                        next(stats)[2:],
                        next(metadata),
                        content=content,
                    )
                else:
                    yield BadRow(stored.uri, stored.stamp, stored.reason, next(bad)[2])
    except OSError as exc:
        raise WorkDirError(f"cannot read {exc.filename}: {exc.strerror}") from exc


def mtimes_and_sizes(
    work: WorkDir, n_rows: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """Return when each of `n_rows` good files was last changed, in ns, and its size in bytes.

    Returns
    -------
    two (n_rows,) int64 arrays, or None
        -1 for what is not known of a file; None where nothing is, as of features of one's own.
    """
    if not os.path.exists(work.listing):
        return None
    listing = np.fromfile(work.listing, LISTING_DTYPE)
    known = listing[(listing["row"] >= 0) & (listing["row"] < n_rows)]
    mtimes_ns, sizes = (np.full(n_rows, -1, np.int64) for _ in range(2))
    mtimes_ns[known["row"]], sizes[known["row"]] = known["mtime_ns"], known["size_bytes"]
    return mtimes_ns, sizes


def _records(path: str) -> Iterator[tuple[int, int, int]]:
    """Yield the records of a listing, reading a block at a time."""
    with open(path, "rb") as file:
        while records := np.fromfile(file, LISTING_DTYPE, _RECORDS_READ).tolist():
            yield from records


def rows_of(path: str) -> Iterator[list[str]]:
    """Yield a CSV file's rows without its header."""
    rows = read_table(path)
    next(rows, None)
    return rows


def encode(rows: Sequence[ListedRow], n_good: int, n_bad: int) -> tuple[bytes, ...]:
    """Return the bytes to append to each file for `rows`, those of the rows for content last.

    `n_good` and `n_bad` are the numbers of good and bad rows that the files hold already.
    """
    features: list[bytes] = []
    names: list[bytes] = []
    bad: list[bytes] = []
    stats: list[bytes] = []
    metadata: list[bytes] = []
    content: list[bytes] = []
    listing = np.zeros(len(rows), LISTING_DTYPE)
    for position, row in enumerate(rows):
        if isinstance(row, GoodRow):
            index = n_good + len(names)
            line = f"{index},{csv_field(row.uri)}"
            features.append(np.ascontiguousarray(row.features, FEATURE_DTYPE).tobytes())
            content.append(np.ascontiguousarray(row.content, FEATURE_DTYPE).tobytes())
            names.append(encode_line(line))
            stats.append(encode_line(f"{line},{','.join(row.stats)}"))  # numbers need no quotes
            metadata.append(encode_line(f"{line},{row.metadata}"))
            listing[position] = (*row.stamp, index)
        else:
            listing[position] = (*row.stamp, -1 - (n_bad + len(bad)))
            bad.append(csv_line((row.uri, row.reason, row.detail)))
    csv_parts = map(b"".join, (features, names, bad, stats))
    return (*csv_parts, listing.tobytes(), b"".join(metadata), b"".join(content))
