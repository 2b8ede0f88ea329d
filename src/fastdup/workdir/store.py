"""The features of a run, appended batch by batch, so that a kill at any moment loses no batch.

Six files grow together: features, their names, bad files, statistics, the listing, the journal.
A batch is written to the first five; then one line in the journal says how long each of them now
is. That line is the commit. After a kill, all files are cut to the last line that they satisfy,
and the run goes on from there; so a finished run has the same bytes, however often it was killed.

When files were added, removed or changed since, the old rows step aside (suffix ``.prev``) and
the new run takes from them what is unchanged (`PreviousRows`).
"""

import contextlib
import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.errors import Reason, WorkDirError
from fastdup.workdir.features import FEATURE_DTYPE, FEATURES_HEADER
from fastdup.workdir.paths import PREVIOUS_SUFFIX, WorkDir
from fastdup.workdir.tables import csv_line, read_table

logger = logging.getLogger(__name__)

BAD_HEADER = ("filename", "reason", "detail")
STATS_HEADER = (
    "index",
    "filename",
    "width",
    "height",
    "unique",
    "blur",
    "mean",
    "min",
    "max",
    "stdv",
    "file_size",
    "contrast",
)
#: One record per listed file: its stamp, and its row among the good (>= 0) or the bad (-1 - row).
LISTING_DTYPE = np.dtype([("size_bytes", "<i8"), ("mtime_ns", "<i8"), ("row", "<i8")])
JOURNAL_FORMAT = 1


class GoodRow(NamedTuple):
    """A listed file that became a row of features.

    ``stats`` holds the columns of ``stats.csv`` after the filename, as text.
    """

    uri: str
    stamp: tuple[int, int]
    features: NDArray[np.float32]
    stats: Sequence[str]


class BadRow(NamedTuple):
    """A listed file that could not be used."""

    uri: str
    stamp: tuple[int, int]
    reason: Reason
    detail: str


ListedRow = GoodRow | BadRow


@dataclass(frozen=True)
class _Files:
    """The growing files, in the order in which they are written; the journal is apart."""

    features: str
    names: str
    bad: str
    stats: str
    listing: str
    journal: str

    @classmethod
    def of(cls, work: WorkDir) -> "_Files":
        return cls(
            work.features, work.features_csv, work.bad_csv, work.stats, work.listing, work.journal
        )

    def previous(self) -> "_Files":
        return _Files(*(path + PREVIOUS_SUFFIX for path in self.all()))

    def grown(self) -> tuple[str, ...]:
        return self.features, self.names, self.bad, self.stats, self.listing

    def all(self) -> tuple[str, ...]:
        return (*self.grown(), self.journal)


class _Commit(NamedTuple):
    """A journal line: counts, and the length in bytes of each growing file."""

    n_listed: int
    n_good: int
    lengths: tuple[int, ...]


class FeatureStore:
    """The growing files of one extraction.

    Parameters
    ----------
    work : WorkDir
        Where the files are.
    signature : mapping
        All that decides the rows besides the files: model, width ``dim``, limits. Rows stored
        under another signature are of no use and are dropped.
    """

    def __init__(self, work: WorkDir, signature: Mapping[str, Any]) -> None:
        self._files = _Files.of(work)
        self._header = {"format": JOURNAL_FORMAT, **signature}
        self._open_files: list[BinaryIO] = []
        self._commit = _Commit(0, 0, ())
        _undo_interrupted_step_aside(self._files)
        commit = _recover(self._files, self._header)
        if commit is None:
            self._warn_of_foreign_rows()
            self._begin()
        else:
            self._commit = commit
            self._open("ab")

    @property
    def n_listed(self) -> int:
        """Number of listed files stored, good and bad."""
        return self._commit.n_listed

    @property
    def n_good(self) -> int:
        """Number of rows of features."""
        return self._commit.n_good

    @property
    def n_bad(self) -> int:
        """Number of bad files."""
        return self._commit.n_listed - self._commit.n_good

    def stored(self) -> Iterator[tuple[str, tuple[int, int], Reason | None]]:
        """Yield (uri, stamp, reason if bad) of each stored file, in listing order."""
        return _read_listing(self._files)

    def step_aside(self) -> None:
        """Set all rows aside as the previous run's and begin anew.

        What an earlier step aside left is dropped, unless it holds more than this store.
        """
        self.close()
        previous = self._files.previous()
        aside = _recover(previous, self._header)
        if aside is None or aside.n_listed <= self.n_listed:
            _delete(previous)
            # The journal last: while it is still in place, the step can be undone.
            for path, new_path in zip(self._files.all(), previous.all(), strict=True):
                os.replace(path, new_path)
        self._begin()

    def previous(self) -> "PreviousRows | None":
        """Return the rows set aside, None when there are none of this signature."""
        files = self._files.previous()
        commit = _recover(files, self._header)
        return None if commit is None else PreviousRows(files, commit, int(self._header["dim"]))

    def append(self, rows: Sequence[ListedRow]) -> None:
        """Store one batch: all of it, or after a kill nothing of it.

        Raises
        ------
        WorkDirError
            When the disk is full; what was stored before stays whole.
        """
        try:
            for file, data in zip(self._open_files[:-1], self._encode(rows), strict=True):
                file.write(data)
                file.flush()
            n_good = self.n_good + sum(isinstance(row, GoodRow) for row in rows)
            self._write_commit(self.n_listed + len(rows), n_good)
        except OSError as exc:
            raise WorkDirError(
                f"cannot write to {self._files.features}: {exc.strerror}; "
                "make room and run again: it goes on from here"
            ) from exc

    def finish(self) -> None:
        """Bring all to disk and drop the rows set aside."""
        for file in self._open_files:
            os.fsync(file.fileno())
        self.close()
        _delete(self._files.previous())

    def close(self) -> None:
        """Close the files; all batches appended stay."""
        for file in self._open_files:
            file.close()
        self._open_files = []

    def _begin(self) -> None:
        self._open("wb")
        headers = (
            b"",
            csv_line(FEATURES_HEADER),
            csv_line(BAD_HEADER),
            csv_line(STATS_HEADER),
            b"",
        )
        for file, header in zip(self._open_files[:-1], headers, strict=True):
            file.write(header)
            file.flush()
        journal = self._open_files[-1]
        journal.write(json.dumps(self._header, sort_keys=True).encode() + b"\n")
        self._write_commit(0, 0)

    def _open(self, mode: str) -> None:
        try:
            self._open_files = [
                open(path, mode)  # type: ignore[misc]  # noqa: SIM115 (closed by close())
                for path in self._files.all()
            ]
        except OSError as exc:
            raise WorkDirError(f"cannot write {exc.filename}: {exc.strerror}") from exc

    def _write_commit(self, n_listed: int, n_good: int) -> None:
        lengths = tuple(file.tell() for file in self._open_files[:-1])
        journal = self._open_files[-1]
        journal.write(json.dumps([n_listed, n_good, *lengths]).encode() + b"\n")
        journal.flush()
        self._commit = _Commit(n_listed, n_good, lengths)

    def _encode(self, rows: Sequence[ListedRow]) -> tuple[bytes, ...]:
        """Return what each growing file gets for `rows`."""
        features: list[bytes] = []
        names: list[bytes] = []
        bad: list[bytes] = []
        stats: list[bytes] = []
        listing = np.zeros(len(rows), LISTING_DTYPE)
        for position, row in enumerate(rows):
            if isinstance(row, GoodRow):
                index = self.n_good + len(names)
                features.append(np.ascontiguousarray(row.features, FEATURE_DTYPE).tobytes())
                names.append(csv_line((index, row.uri)))
                stats.append(csv_line((index, row.uri, *row.stats)))
                listing[position] = (*row.stamp, index)
            else:
                listing[position] = (*row.stamp, -1 - (self.n_bad + len(bad)))
                bad.append(csv_line((row.uri, row.reason, row.detail)))
        return (
            b"".join(features),
            b"".join(names),
            b"".join(bad),
            b"".join(stats),
            listing.tobytes(),
        )

    def _warn_of_foreign_rows(self) -> None:
        if os.path.exists(self._files.journal):
            logger.warning(
                "%s was made with another model or other options: all images are extracted again",
                self._files.features,
            )
        elif os.path.exists(self._files.features):
            logger.warning("%s has no journal and is replaced", self._files.features)


class PreviousRows:
    """Rows that a new run may take over where the file is unchanged."""

    def __init__(self, files: _Files, commit: _Commit, dim: int) -> None:
        self._features = np.zeros((0, dim), np.float32)
        if commit.n_good:
            shape = (commit.n_good, dim)
            self._features = np.memmap(files.features, FEATURE_DTYPE, mode="r", shape=shape)
        self._stats = [row[2:] for row in _rows_of(files.stats)]
        self._bad = [(Reason(row[1]), row[2]) for row in _rows_of(files.bad)]
        listing = np.fromfile(files.listing, LISTING_DTYPE)
        names = (uri for uri, _, _ in _read_listing(files))
        self._position = {uri: position for position, uri in enumerate(names)}
        self._listing = listing

    def get(self, uri: str, stamp: tuple[int, int]) -> ListedRow | None:
        """Return the row of `uri` when its stamp is still `stamp`, else None."""
        position = self._position.get(uri)
        if position is None:
            return None
        size_bytes, mtime_ns, row = map(int, self._listing[position])
        if (size_bytes, mtime_ns) != stamp:
            return None
        if row >= 0:
            return GoodRow(uri, stamp, self._features[row], self._stats[row])
        return BadRow(uri, stamp, *self._bad[-1 - row])


def _rows_of(path: str) -> Iterator[list[str]]:
    """Yield a CSV file's rows without its header."""
    rows = read_table(path)
    next(rows, None)
    return rows


def _read_listing(files: _Files) -> Iterator[tuple[str, tuple[int, int], Reason | None]]:
    good, bad = _rows_of(files.names), _rows_of(files.bad)
    for size_bytes, mtime_ns, row in np.fromfile(files.listing, LISTING_DTYPE).tolist():
        if row >= 0:
            yield next(good)[1], (size_bytes, mtime_ns), None
        else:
            uri, reason, _ = next(bad)
            yield uri, (size_bytes, mtime_ns), Reason(reason)


def _recover(files: _Files, header: Mapping[str, Any]) -> _Commit | None:
    """Cut the files to the last commit that all of them satisfy; None when there is none."""
    try:
        with open(files.journal, "rb") as journal:
            lines = journal.readlines()
        sizes = [os.path.getsize(path) for path in files.grown()]
    except OSError:
        return None
    if not lines or _parse(lines[0]) != header:
        return None
    for n_kept in range(len(lines), 1, -1):
        commit = _parse_commit(lines[n_kept - 1])
        if commit and all(map(int.__ge__, sizes, commit.lengths)):
            for path, length in zip(files.grown(), commit.lengths, strict=True):
                os.truncate(path, length)
            os.truncate(files.journal, sum(map(len, lines[:n_kept])))
            return commit
    return None


def _parse(line: bytes) -> Any:
    """Return the JSON value of a whole journal line, None for a torn one."""
    try:
        return json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None


def _parse_commit(line: bytes) -> _Commit | None:
    match _parse(line):
        case [int(n_listed), int(n_good), *lengths] if len(lengths) == 5:
            return _Commit(n_listed, n_good, tuple(lengths))
    return None


def _undo_interrupted_step_aside(files: _Files) -> None:
    """Bring back files that were being renamed when the run was killed.

    The journal is renamed last and deleted last; so rows aside without a journal, beside a
    journal in place, can only come from an interrupted renaming.
    """
    previous = files.previous()
    if os.path.exists(previous.journal) or not os.path.exists(files.journal):
        return
    for path, aside in zip(files.grown(), previous.grown(), strict=True):
        if os.path.exists(aside):
            os.replace(aside, path)


def _delete(files: _Files) -> None:
    for path in files.all():
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
