"""Where files of many images lie: on this machine, or wherever else bytes can be had."""

import os
from typing import BinaryIO, Protocol

from fastdup.sources.base import Stamp
from fastdup.sources.local_reader import LocalReader


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
        """Return the stamped file, seekable; `n_bytes` is how much will be read at a place."""

    def has_changed(self, path: str, stamp: Stamp) -> bool:
        """Return whether the file is known to have changed; reading may find out too."""

    def head(self, path: str, n_bytes: int) -> bytes:
        """Return the first bytes."""

    def read_image(self, path: str, max_bytes: int | None) -> bytes:
        """Return the bytes of an image file that a data set names; raises an `ImageError`."""


class LocalFiles:
    """Files of this machine; see `Files`."""

    are_local = True

    def stamp(self, path: str) -> Stamp:
        """Return size and time of change."""
        found = os.stat(path)
        return Stamp(found.st_size, found.st_mtime_ns)

    def open(self, path: str, stamp: Stamp, n_bytes: int | None = None) -> BinaryIO:
        """Return the file, seekable."""
        return open(path, "rb")

    def has_changed(self, path: str, stamp: Stamp) -> bool:
        """Return whether size or time of change are others."""
        return self.stamp(path) != stamp

    def head(self, path: str, n_bytes: int) -> bytes:
        """Return the first bytes."""
        with open(path, "rb") as file:
            return file.read(n_bytes)

    def read_image(self, path: str, max_bytes: int | None) -> bytes:
        """Return the bytes of an image file."""
        return LocalReader().read(path, max_bytes)
