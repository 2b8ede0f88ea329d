"""Where files of many images lie: on this machine, or wherever else bytes can be had."""

import os
from typing import BinaryIO, Protocol

from fastdup.sources.base import Stamp


class Files(Protocol):
    """Files by their names. What cannot be read raises an `OSError`.

    Attributes
    ----------
    are_local : bool
        Whether their names are paths of this machine.
    """

    are_local: bool

    def stamp(self, path: str) -> Stamp:
        """Return size and time of change."""

    def open(self, path: str, stamp: Stamp, n_bytes: int | None = None) -> BinaryIO:
        """Return the stamped file for reading anywhere; `n_bytes` tells how much will be read."""

    def has_changed(self, path: str, stamp: Stamp) -> bool:
        """Tell whether the file is known not to be what it was; reading may tell it too."""

    def head(self, path: str, n_bytes: int) -> bytes:
        """Return the first bytes."""


class LocalFiles:
    """Files of this machine; see `Files`."""

    are_local = True

    def stamp(self, path: str) -> Stamp:
        """Return size and time of change."""
        found = os.stat(path)
        return Stamp(found.st_size, found.st_mtime_ns)

    def open(self, path: str, stamp: Stamp, n_bytes: int | None = None) -> BinaryIO:
        """Return the file for reading anywhere."""
        return open(path, "rb")

    def has_changed(self, path: str, stamp: Stamp) -> bool:
        """Tell whether size or time of change are others."""
        return self.stamp(path) != stamp

    def head(self, path: str, n_bytes: int) -> bytes:
        """Return the first bytes."""
        with open(path, "rb") as file:
            return file.read(n_bytes)
