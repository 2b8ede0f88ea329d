"""The journal of an extraction: its commits, and how files are cut back to the last one.

The first line is a JSON object, the signature under which the rows were made. Each further line is
a commit, a JSON list: how many files are listed, how many of them are good, and how many bytes
each growing file has. The last line of a finished extraction is a JSON object again, which tells
what part of the whole listing it was over; whoever goes on takes it away.
"""

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fastdup.errors import WorkDirError

Signature = Mapping[str, Any]

_LAST_LINES_BYTES = 4096


class Commit(NamedTuple):
    """How far an extraction is.

    Attributes
    ----------
    n_listed, n_good : int
        Number of files listed so far, and of rows of features among them.
    lengths : tuple of int
        Bytes of each growing file.
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
    """Return the signature in the journal at `path`, None when there is no whole one."""
    try:
        with open(path, "rb") as journal:
            signature = _parse(journal.readline())
    except OSError:
        return None
    return signature if isinstance(signature, dict) else None


def recover(path: str, grown: Sequence[str], signature: Signature) -> Commit | None:
    """Cut the grown files and the journal to the last commit that all of them satisfy.

    Returns
    -------
    Commit or None
        The commit; None, and nothing is cut, when there is none of this signature.
    """
    if read_signature(path) != signature:
        return None
    try:
        with open(path, "rb") as journal:
            lines = journal.readlines()
        sizes = [os.path.getsize(name) for name in grown]
    except OSError:
        return None
    for n_kept in range(len(lines), 1, -1):
        commit = _parse_commit(lines[n_kept - 1], len(grown))
        if commit and all(map(int.__ge__, sizes, commit.lengths)):
            for name, length in zip(grown, commit.lengths, strict=True):
                os.truncate(name, length)
            os.truncate(path, sum(map(len, lines[:n_kept])))
            return commit
    return None


class Part(NamedTuple):
    """Which positions of the whole listing an extraction was over.

    Attributes
    ----------
    start, stop : int
        The first, and the one after the last.
    reaches_end : bool
        Whether the listing ends there.
    """

    start: int
    stop: int
    reaches_end: bool


def note_part(path: str, part: Part) -> None:
    """Note in the journal at `path` that its extraction is finished, and over which part.

    Raises
    ------
    WorkDirError
        When the disk is full or not writable.
    """
    try:
        with open(path, "ab") as journal:
            journal.write(json.dumps(part._asdict()).encode() + b"\n")
    except OSError as exc:
        raise WorkDirError(f"cannot write {path}: {exc.strerror}") from exc


def read_part(path: str) -> Part | None:
    """Return what part the extraction at `path` was over, None when it was not finished."""
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
    """Return the JSON value of a whole journal line, None for a torn one."""
    try:
        return json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None


def _parse_commit(line: bytes, n_files: int) -> Commit | None:
    match _parse(line):
        case [int(n_listed), int(n_good), *lengths] if len(lengths) == n_files:
            return Commit(n_listed, n_good, tuple(lengths))
    return None
