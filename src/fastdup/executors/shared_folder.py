"""A folder that other machines may see under the same path, or not."""

import contextlib
import os
from dataclasses import dataclass


@dataclass(frozen=True)
class SharedFolder:
    """A folder with a marker file in it, whose random content is nowhere else. Picklable.

    Attributes
    ----------
    path : str
        Absolute.
    mark : str
        Name of the marker file.
    token : str
        Its content.
    """

    path: str
    mark: str
    token: str

    @classmethod
    def marked(cls, path: str, mark: str) -> "SharedFolder":
        """Return the existing folder `path`, with a new marker file in it."""
        folder = cls(os.path.abspath(path), mark, os.urandom(16).hex())
        with open(folder._mark_path, "w", encoding="ascii") as file:
            file.write(folder.token)
        return folder

    def is_here(self) -> bool:
        """Return whether this machine sees the folder."""
        try:
            with open(self._mark_path, encoding="ascii") as file:
                return file.read() == self.token
        except (OSError, UnicodeDecodeError):
            return False

    def unmark(self) -> None:
        """Remove the marker file."""
        with contextlib.suppress(OSError):
            os.unlink(self._mark_path)

    @property
    def _mark_path(self) -> str:
        return os.path.join(self.path, self.mark)
