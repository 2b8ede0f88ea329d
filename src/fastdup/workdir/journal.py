"""The journal of an extraction: its commits, and how files are cut back to the last one.

The first line is a JSON object, the signature under which the rows were made. Each further line is
a commit, a JSON list: how many files are listed, how many of them are good, and how many bytes
each growing file has.
"""

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Signature = Mapping[str, Any]


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
