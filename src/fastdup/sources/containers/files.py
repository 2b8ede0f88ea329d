"""Where files of many images lie: on this machine, or wherever else bytes can be had."""

from typing import BinaryIO, Protocol

from fastdup.sources.base import Stamp, stamp_of_state
from fastdup.sources.local_reader import LocalReader, open_regular
from fastdup.sources.long_paths import stat_path


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
        return stamp_of_state(stat_path(path))

    def open(self, path: str, stamp: Stamp, n_bytes: int | None = None) -> BinaryIO:
        """Return the file, seekable."""
        return open_regular(path)

    def has_changed(self, path: str, stamp: Stamp) -> bool:
        """Return whether size or time of change are others."""
        return self.stamp(path) != stamp

    def head(self, path: str, n_bytes: int) -> bytes:
        """Return the first bytes."""
        with open_regular(path) as file:
            return file.read(n_bytes)

    def read_image(self, path: str, max_bytes: int | None) -> bytes:
        """Return the bytes of an image file."""
        return LocalReader().read(path, max_bytes)
