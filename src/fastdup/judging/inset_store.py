"""What pictures show of others, kept in the work folder so that none is looked at twice.

Each line has path, size in bytes and time of change of a picture, and the rows of its parts, as
base64 of little-endian float16. See `KnownLines`.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Self

import numpy as np

from fastdup.judging.open_pictures import PictureFile
from fastdup.models.spec import builtin_sha256
from fastdup.sources import Stamp
from fastdup.views import Projected
from fastdup.workdir.known_lines import KnownLines

#: Raised whenever the same picture may have other parts, or these other rows.
INSET_RULES = 7

_DTYPE = np.dtype("<f2")


class InsetStore:
    """The rows of the parts of pictures, by file; a context manager that closes its file.

    Parameters
    ----------
    path : str
        The file; made if missing.
    options : mapping
        Options that influence the rows; rows under other ones, or of another built-in model, are
        discarded.
    width : int
        Of the rows.
    """

    def __init__(self, path: str, options: Mapping[str, Any], width: int) -> None:
        self._width = width
        model = builtin_sha256()
        self._lines = KnownLines(path, {"rules": INSET_RULES, "model": model, **options})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.__exit__()

    def known(self, files: Iterable[PictureFile]) -> dict[PictureFile, Projected]:
        """Return what is known of `files`."""
        wanted = set(files)
        return {file: rows for file, rows in self._stored() if file in wanted}

    def drop_others(self, n_files: int, files: Iterable[PictureFile]) -> None:
        """Drop what is known of all but `n_files` files, when that is much and most of all.

        Only then `files` is looked at.
        """
        if self._lines.has_useless(n_files):
            self._lines.replace(_values(*known) for known in self.known(files).items())

    def add(self, rows: Iterable[tuple[PictureFile, Projected]]) -> None:
        """Append the rows of the parts of some pictures.

        Raises
        ------
        WorkDirError
            When the disk is full or not writable.
        """
        self._lines.add(_values(file, of_parts) for file, of_parts in rows)

    def _stored(self) -> Iterator[tuple[PictureFile, Projected]]:
        for values in self._lines:
            with suppress(ValueError, TypeError):  # values that make no sense
                yield _parse(values, self._width)


def _values(file: PictureFile, rows: Projected) -> list[Any]:
    return [file.uri, *file.stamp, base64.b64encode(rows.astype(_DTYPE).tobytes()).decode()]


def _parse(values: list[Any], width: int) -> tuple[PictureFile, Projected]:
    uri, size, mtime, text = values
    rows = np.frombuffer(base64.b64decode(text, validate=True), _DTYPE)
    return PictureFile(str(uri), Stamp(int(size), int(mtime))), rows.reshape(-1, width)
