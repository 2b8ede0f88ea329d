"""The commit journal of an extraction, and the recovery of its files to the last commit.

The first line is a JSON object: the signature, which is everything that determines the rows. Each
further line is a commit, a JSON list: the number of listed files, the number of good ones, and the
length of each append-only file in bytes. A finished extraction ends with another JSON object: the
part of the listing that it covers. When the extraction is resumed, this line is cut off.
"""

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fastdup.errors import WorkDirError
from fastdup.workdir.own_files import open_own

Signature = Mapping[str, Any]

_LAST_LINES_BYTES = 4096


class Commit(NamedTuple):
    """The state of an extraction after a batch.

    Attributes
    ----------
    n_listed, n_good : int
        Number of listed files stored so far, and of feature rows among them.
    lengths : tuple of int
        Length of each append-only file in bytes.
    """

    n_listed: int
    n_good: int
    lengths: tuple[int, ...]

    def line(self) -> bytes:
        """Return the journal line of this commit."""
        return json.dumps([self.n_listed, self.n_good, *self.lengths]).encode() + b"\n"


def signature_line(signature: Signature) -> bytes:
    """Return the first line of a journal."""
    return json.dumps(dict(signature), sort_keys=True).encode() + b"\n"


def read_signature(path: str) -> dict[str, Any] | None:
    """Return the signature in the journal at `path`, None when it is missing or incomplete."""
    try:
        with open(path, "rb") as journal:
            signature = _parse(journal.readline())
    except OSError:
        return None
    return signature if isinstance(signature, dict) else None


def recover(path: str, data_files: Sequence[str], signature: Signature) -> Commit | None:
    """Cut the data files and the journal back to the last commit that all of them contain.

    Parameters
    ----------
    path : str
        The journal.
    data_files : sequence of str
        The append-only files, in the order of `Commit.lengths`.
    signature : mapping
        The expected signature.

    Returns
    -------
    Commit or None
        The commit; None when there is none under this signature. Then no file is changed.
    """
    if read_signature(path) != signature:
        return None
    try:
        with open(path, "rb") as journal:
            lines = journal.readlines()
        sizes = [os.path.getsize(name) for name in data_files]
    except OSError:
        return None
    for n_kept in range(len(lines), 1, -1):
        commit = _parse_commit(lines[n_kept - 1], len(data_files))
        if commit and all(map(int.__ge__, sizes, commit.lengths)):
            for name, length in zip(data_files, commit.lengths, strict=True):
                os.truncate(name, length)
            os.truncate(path, sum(map(len, lines[:n_kept])))
            return commit
    return None


class Part(NamedTuple):
    """The part of the whole listing that an extraction covers.

    Attributes
    ----------
    start, stop : int
        First position, inclusive, and last position, exclusive.
    reaches_end : bool
        Whether the listing ends at `stop`.
    """

    start: int
    stop: int
    reaches_end: bool


def note_part(path: str, part: Part) -> None:
    """Record in the journal at `path` that its extraction is finished, and which part it covers.

    Raises
    ------
    WorkDirError
        When the disk is full or not writable.
    """
    try:
        with open_own(path, "ab") as journal:
            journal.write(json.dumps(part._asdict()).encode() + b"\n")
    except OSError as exc:
        raise WorkDirError(f"cannot write {path}: {exc.strerror}") from exc


def read_part(path: str) -> Part | None:
    """Return the part that the extraction at `path` covers, None when it is not finished."""
    try:
        with open(path, "rb") as journal:
            journal.seek(max(0, os.path.getsize(path) - _LAST_LINES_BYTES))
            lines = journal.read().splitlines(keepends=True)
    except OSError:
        return None
    match _parse(lines[-1]) if lines else None:
        case {"start": int(start), "stop": int(stop), "reaches_end": bool(reaches_end)}:
            return Part(start, stop, reaches_end)
    return None


def _parse(line: bytes) -> Any:
    """Return the JSON value of a journal line, None when the line is incomplete."""
    try:
        return json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None


def _parse_commit(line: bytes, n_files: int) -> Commit | None:
    match _parse(line):
        case [int(n_listed), int(n_good), *lengths] if len(lengths) == n_files:
            return Commit(n_listed, n_good, tuple(lengths))
    return None
