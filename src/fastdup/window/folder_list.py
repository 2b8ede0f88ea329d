"""The folders of this machine, one level at a time: names only."""

import contextlib
import os
import re
import stat
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from fastdup.errors import SourceError
from fastdup.report.wording import in_pieces
from fastdup.sources.wanted_files import is_system_folder

#: Most folders listed at a time; a person types the path where there are more.
_MOST = 2_000


class FolderList(NamedTuple):
    """The folders in a folder.

    Attributes
    ----------
    path : str
        The folder.
    names : list of str
        Of the folders in it, sorted as a person counts: 2 before 10.
    n_more : int
        How many are left out, because there are too many.
    n_hidden : int
        How many hidden ones are left out.
    """

    path: str
    names: list[str]
    n_more: int
    n_hidden: int

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values: each folder as what to show, and the path to ask for."""
        parent = os.path.dirname(self.path)
        return {
            "path": self.path,
            "shown": in_pieces(self.path),
            "parent": None if parent == self.path else parent,
            "folders": [_shown(os.path.join(self.path, name), name) for name in self.names],
            "more": self.n_more,
            "hidden": self.n_hidden,
        }


def list_folders(path: str, *, hidden: bool) -> FolderList:
    """Return the folders in a folder.

    Parameters
    ----------
    path : str
        Absolute.
    hidden : bool
        Whether to list hidden ones, and those of systems and programs, as well.

    Raises
    ------
    SourceError
        When it cannot be listed.
    """
    path = os.path.normpath(path)
    names, n_hidden = [], 0
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if not _is_folder(entry):
                    continue
                if hidden or not _is_hidden(entry):
                    names.append(entry.name)
                else:
                    n_hidden += 1
    except (OSError, ValueError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else exc
        raise SourceError(f"cannot list the folder {path}: {why}") from exc
    names.sort(key=_as_counted)
    return FolderList(path, names[:_MOST], max(len(names) - _MOST, 0), n_hidden)


def places() -> list[dict[str, Any]]:
    """Return where to begin: the home folder, pictures, other disks, the root, as JSON values."""
    home = home_folder()
    found = [("Home", home), ("Pictures", os.path.join(home, "Pictures"))]
    with contextlib.suppress(OSError):  # it may be gone
        found.append(("Current folder", os.getcwd()))
    found += [(os.path.basename(path), path) for path in _disks()]
    found += [(root, root) for root in _roots()]
    listed = {path: _shown(path, name) for name, path in reversed(found) if os.path.isdir(path)}
    return list(reversed(listed.values()))


def home_folder() -> str:
    """Return the home folder, or the root where none is known."""
    home = os.path.expanduser("~")
    return home if os.path.isabs(home) else os.path.abspath(os.sep)


def _shown(path: str, name: str) -> dict[str, Any]:
    return {"name": in_pieces(name), "path": path}


def _roots() -> list[str]:
    if sys.platform == "win32":
        return [f"{letter}:\\" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if _is_disk(letter)]
    return ["/"]


def _is_disk(letter: str) -> bool:
    return os.path.exists(f"{letter}:\\")


def _disks() -> Iterator[str]:
    """Yield where other disks are, as Linux and macOS mount them for a person."""
    name = os.path.basename(home_folder())
    for folder in (f"/media/{name}", f"/run/media/{name}", "/Volumes"):
        with contextlib.suppress(OSError):
            yield from (os.path.join(folder, disk) for disk in sorted(os.listdir(folder)))


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads nowhere, or round in a circle
        return False


def _is_hidden(entry: "os.DirEntry[str]") -> bool:
    if entry.name.startswith(".") or is_system_folder(entry.name):
        return True
    if sys.platform != "win32":
        return False
    attributes = entry.stat(follow_symlinks=False).st_file_attributes
    return bool(attributes & stat.FILE_ATTRIBUTE_HIDDEN)


def _as_counted(name: str) -> tuple[list[tuple[int, str]], str]:
    """Return a key by which numbers in names are in their order."""
    parts = re.split(r"([0-9]+)", name.casefold())
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts], name
