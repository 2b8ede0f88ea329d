"""The features of a run, appended batch by batch, so that a kill at any moment loses no batch.

Six files grow together: features, their names, bad files, statistics, the listing, the journal.
A batch is written to the first five; then one line in the journal says how long each of them now
is. That line is the commit. After a kill, all files are cut to the last line that they satisfy,
and the run goes on from there; so a finished run has the same bytes, however often it was killed.

When files were added, removed or changed since, the old rows step aside (suffix ``.prev``) and
the new run takes from them what is unchanged (`PreviousRows`).
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
from fastdup.workdir.append_only import AppendOnlyFiles, GoodRow, ListedRow, StoredFile, encode
from fastdup.workdir.commits import Commit, Signature, recover, signature_line
from fastdup.workdir.features import FEATURE_DTYPE
from fastdup.workdir.paths import WorkDir
from fastdup.workdir.previous import PreviousRows

logger = logging.getLogger(__name__)


class FeatureStore:
    """The growing files of one extraction; a context manager that closes them.

    Parameters
    ----------
    work : WorkDir
        Where the files are.
    signature : mapping
        All that decides the rows besides the files: model, width ``dim``, limits. Rows stored
        under another signature are of no use and are dropped.
    """

    def __init__(self, work: WorkDir, signature: Signature) -> None:
        self._files = AppendOnlyFiles.of(work)
        self._signature = dict(signature)
        self._open_files: list[BinaryIO] = []
        _undo_interrupted_step_aside(self._files)
        commit = self._recover(self._files)
        if commit is None:
            self._warn_of_foreign_rows()
            self._commit = self._begin()
        else:
            self._commit = commit
            self._open("ab")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

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

    def stored(self) -> Iterator[StoredFile]:
        """Yield what is stored of each listed file, in listing order."""
        return self._files.stored()

    def step_aside(self) -> None:
        """Set all rows aside as the previous run's and begin anew.

        What an earlier step aside left is dropped, unless it holds more than this store.
        """
        self.close()
        previous = self._files.previous()
        aside = self._recover(previous)
        if aside is None or aside.n_listed <= self.n_listed:
            _delete(previous)
            # The journal last: while it is still in place, the step can be undone.
            for path, new_path in zip(self._files.all(), previous.all(), strict=True):
                os.replace(path, new_path)
        self._commit = self._begin()

    @contextlib.contextmanager
    def previous(self) -> Iterator[PreviousRows | None]:
        """Lend the rows set aside while the block runs, None when there are none of use."""
        files = self._files.previous()
        commit = self._recover(files)
        if commit is None:
            yield None
            return
        with PreviousRows(files, commit.n_good, int(self._signature["dim"])) as rows:
            yield rows

    def read_row(self, row: int) -> NDArray[np.float32]:
        """Return the features of a stored row, a (d,) array; safe to call from several threads."""
        n_bytes = int(self._signature["dim"]) * FEATURE_DTYPE.itemsize
        with open(self._files.features, "rb") as file:
            file.seek(row * n_bytes)
            return np.frombuffer(file.read(n_bytes), FEATURE_DTYPE)

    def append(self, rows: Sequence[ListedRow]) -> None:
        """Store one batch: all of it, or after a kill nothing of it.

        Raises
        ------
        WorkDirError
            When the disk is full; what was stored before stays whole.
        """
        try:
            self._write(encode(rows, self.n_good, self.n_bad))
            n_good = self.n_good + sum(isinstance(row, GoodRow) for row in rows)
            self._commit = self._write_commit(self.n_listed + len(rows), n_good)
        except OSError as exc:
            raise WorkDirError(
                f"cannot write to {self._files.features}: {exc.strerror}; "
                "make room and run again: it goes on from here"
            ) from exc

    def finish(self) -> None:
        """Bring all to disk and drop the rows set aside."""
        if self._open_files:
            with ThreadPoolExecutor(len(self._open_files)) as pool:  # one wait instead of six
                list(pool.map(os.fsync, [file.fileno() for file in self._open_files]))
        self.close()
        _delete(self._files.previous())

    def close(self) -> None:
        """Close the files; all batches appended stay."""
        for file in self._open_files:
            with contextlib.suppress(OSError):  # what a failed append left is of no use
                file.close()
        self._open_files = []

    def _begin(self) -> Commit:
        self._open("wb")
        self._write(AppendOnlyFiles.headers())
        self._open_files[-1].write(signature_line(self._signature))
        return self._write_commit(0, 0)

    def _open(self, mode: str) -> None:
        try:
            self._open_files = [
                open(path, mode)  # type: ignore[misc]  # noqa: SIM115 (closed by close())
                for path in self._files.all()
            ]
        except OSError as exc:
            raise WorkDirError(f"cannot write {exc.filename}: {exc.strerror}") from exc

    def _write(self, parts: Sequence[bytes]) -> None:
        for file, part in zip(self._open_files[:-1], parts, strict=True):
            file.write(part)
            file.flush()

    def _write_commit(self, n_listed: int, n_good: int) -> Commit:
        lengths = tuple(file.tell() for file in self._open_files[:-1])
        commit = Commit(n_listed, n_good, lengths)
        journal = self._open_files[-1]
        journal.write(commit.line())
        journal.flush()
        return commit

    def _recover(self, files: AppendOnlyFiles) -> Commit | None:
        return recover(files.journal, files.grown(), self._signature)

    def _warn_of_foreign_rows(self) -> None:
        if os.path.exists(self._files.journal):
            logger.warning(
                "%s was made with another model or other options: all images are extracted again",
                self._files.features,
            )
        elif os.path.exists(self._files.features):
            logger.warning("%s has no journal and is replaced", self._files.features)


def _undo_interrupted_step_aside(files: AppendOnlyFiles) -> None:
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


def _delete(files: AppendOnlyFiles) -> None:
    for path in files.all():
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
