"""The features of a run, appended batch by batch; a kill at any moment loses no stored batch.

Eight files are written together: features, their names, bad files, statistics, listing, metadata,
rows for content where there are such, journal. A batch is appended to the others. Then a line with
the new length of each of them is appended to the journal; that line is the commit. After a kill,
all files are cut back to the last commit, and the run resumes there. So a finished run has the same
bytes, however often it was killed.

When files were added, removed or changed since the last run, the old rows are set aside (suffix
``.prev``), and the new run reuses those that are still valid (`PreviousRows`).
"""

import contextlib
import logging
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from fastdup.errors import WorkDirError
from fastdup.workdir.append_only import (
    NO_CONTENT,
    AppendOnlyFiles,
    GoodRow,
    ListedRow,
    StoredFile,
    Widths,
    encode,
)
from fastdup.workdir.commits import Commit, Signature, recover, signature_line
from fastdup.workdir.csv_files import remove_files
from fastdup.workdir.features import FEATURE_DTYPE
from fastdup.workdir.older_decoding import recover_older
from fastdup.workdir.own_files import open_own
from fastdup.workdir.paths import WorkDir
from fastdup.workdir.previous import PreviousRows

logger = logging.getLogger(__name__)


class FeatureStore:
    """Writes the append-only files of one extraction; a context manager that closes them.

    Parameters
    ----------
    work : WorkDir
        Where the files are.
    signature : mapping
        Everything that determines the rows, apart from the image files: model, width ``dim``,
        limits; `CONTENT` where there are rows for content. Rows with another signature are
        discarded.
    """

    def __init__(self, work: WorkDir, signature: Signature) -> None:
        self._signature = dict(signature)
        self._widths = Widths.of({"dim": 0, **self._signature})
        self._files = AppendOnlyFiles.of(work, has_content=self._widths.content > 0)
        self._stale = work.results()
        self._open_files: list[BinaryIO] = []
        _undo_interrupted_set_aside(self._files)
        commit, older = self._recover(self._files), recover_older(self._files, signature)
        if commit is not None:
            self._commit = commit
            self._open("ab")
        elif older is not None:
            logger.info("%s is of an earlier version: some pictures are read again", work.features)
            self._commit = older
            self.set_aside()
        else:
            self._warn_of_discarded_rows()
            self._commit = self._begin()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def n_listed(self) -> int:
        """Number of stored files, good and bad."""
        return self._commit.n_listed

    @property
    def n_good(self) -> int:
        """Number of rows of features."""
        return self._commit.n_good

    @property
    def n_bad(self) -> int:
        """Number of bad files."""
        return self._commit.n_listed - self._commit.n_good

    def stored(self) -> Iterator[StoredFile]:
        """Yield URI, stamp and row of each stored file, in listing order."""
        return self._files.stored()

    def set_aside(self) -> None:
        """Set all rows aside as the previous run's, and start with an empty store.

        Rows that were set aside earlier are kept instead if they are more.
        """
        self.close()
        self._drop_results()
        previous = self._files.previous()
        aside = self._recover(previous) or recover_older(previous, self._signature)
        if aside is None or aside.n_listed <= self.n_listed:
            remove_files(previous.all())
            # The journal last: as long as it has its old name, the renaming can be undone.
            for path, new_path in zip(self._files.all(), previous.all(), strict=True):
                os.replace(path, new_path)
        self._commit = self._begin()

    @contextlib.contextmanager
    def previous(self) -> Iterator[PreviousRows | None]:
        """Give access to the rows that were set aside; None when there are none to reuse."""
        files = self._files.previous()
        commit, older = self._recover(files), recover_older(files, self._signature)
        last = commit or older
        if last is None:
            yield None
            return
        is_older = commit is None
        with PreviousRows(files, last.n_good, self._widths, is_older=is_older) as rows:
            yield rows

    def read_row(self, row: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the features and the row for content of a stored row. Thread-safe.

        Returns
        -------
        (d,) and (c,) float32 arrays
        """
        features, content = self._widths
        return (
            _read_row(self._files.features, row, features),
            _read_row(self._files.content, row, content) if content else NO_CONTENT,
        )

    def append(self, rows: Sequence[ListedRow]) -> None:
        """Store one batch: either all of it, or, after a kill, nothing of it.

        Raises
        ------
        WorkDirError
            When the disk is full. Batches stored earlier stay valid.
        """
        self._drop_results()
        try:
            self._write(encode(rows, self.n_good, self.n_bad))
            n_good = self.n_good + sum(isinstance(row, GoodRow) for row in rows)
            self._commit = self._write_commit(self.n_listed + len(rows), n_good)
        except OSError as exc:
            raise WorkDirError(
                f"cannot write to {self._files.features}: {exc.strerror}; "
                "make room and run again to go on"
            ) from exc

    def finish(self) -> None:
        """Flush all files to disk, and delete the rows that were set aside."""
        if self._open_files:
            with ThreadPoolExecutor(len(self._open_files)) as pool:  # one wait instead of seven
                list(pool.map(os.fsync, [file.fileno() for file in self._open_files]))
        self.close()
        remove_files(self._files.previous().all())

    def close(self) -> None:
        """Close the files; all stored batches stay."""
        for file in self._open_files:
            with contextlib.suppress(OSError):  # of a failed append, whose bytes are not committed
                file.close()
        self._open_files = []

    def _begin(self) -> Commit:
        self._drop_results()
        self._open("wb")
        self._write(self._files.headers())
        if not self._files.has_content:  # of others, if there are any
            remove_files([self._files.content, self._files.previous().content])
        self._open_files[-1].write(signature_line(self._signature))
        return self._write_commit(0, 0)

    def _open(self, mode: str) -> None:
        try:
            for path in self._files.all():
                self._open_files.append(open_own(path, mode))
        except OSError as exc:
            self.close()
            raise WorkDirError(f"cannot write {exc.filename}: {exc.strerror}") from exc

    def _write(self, parts: Sequence[bytes]) -> None:
        for file, part in zip(self._open_files[:-1], parts, strict=False):
            file.write(part)
            file.flush()

    def _write_commit(self, n_listed: int, n_good: int) -> Commit:
        lengths = tuple(file.tell() for file in self._open_files[:-1])
        commit = Commit(n_listed, n_good, lengths)
        journal = self._open_files[-1]
        journal.write(commit.line())
        journal.flush()
        return commit

    def _drop_results(self) -> None:
        """Remove what a search found in rows that are about to change."""
        remove_files(self._stale)
        self._stale = []

    def _recover(self, files: AppendOnlyFiles) -> Commit | None:
        return recover(files.journal, files.data_files(), self._signature)

    def _warn_of_discarded_rows(self) -> None:
        if os.path.exists(self._files.journal):
            logger.warning(
                "%s was made with another model, other options or an early version: "
                "all images are extracted again",
                self._files.features,
            )
        elif os.path.exists(self._files.features):
            logger.warning("%s has no journal and is replaced", self._files.features)


def _read_row(path: str, row: int, width: int) -> NDArray[np.float32]:
    n_bytes = width * FEATURE_DTYPE.itemsize
    with open(path, "rb") as file:
        file.seek(row * n_bytes)
        return np.frombuffer(file.read(n_bytes), FEATURE_DTYPE)


def _undo_interrupted_set_aside(files: AppendOnlyFiles) -> None:
    """Rename files back if a kill interrupted `set_aside`.

    The journal is renamed last and deleted last. So if other files are set aside but the journal
    is not, the renaming was interrupted.
    """
    previous = files.previous()
    if os.path.exists(previous.journal) or not os.path.exists(files.journal):
        return
    for path, aside in zip(files.data_files(), previous.data_files(), strict=True):
        if os.path.exists(aside):
            os.replace(aside, path)
