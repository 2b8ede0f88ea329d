"""The desktop's trash, as the specification of freedesktop.org (1.0) has it.

A file in it can be put back by `fastdup undo`, and by any file manager. Files go to the trash of
their own file system where it has one or can have one, else to that in the home folder. Systems
with another kind of trash do not report where a file went: there a folder in the work folder takes
its place.
"""

import os
import stat
import sys
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

_NAME_BYTES = 200  # of 255: room for a number and for ".trashinfo"
_ENDING_BYTES = 20


class TrashName(NamedTuple):
    """A free name in a trash.

    Attributes
    ----------
    to : str
        Where the file goes.
    info : str
        The note of where it came from; empty in a trash without such notes.
    shown_path : str
        The path in that note.
    """

    to: str
    info: str
    shown_path: str


class Trash:
    """Finds a free name in the right trash for each file.

    Parameters
    ----------
    fallback : str
        Folder to use on systems without this kind of trash.
    """

    def __init__(self, fallback: str) -> None:
        self._fallback = fallback
        self._by_device: dict[int, tuple[str, str]] = {}
        self._last_number: dict[str, int] = {}

    @property
    def folder(self) -> str:
        """The folder that takes the place of the desktop's trash, empty when none does."""
        return self._fallback if sys.platform in ("darwin", "win32") else ""

    def name_for(self, path: str, is_taken: Callable[[str], bool]) -> TrashName:
        """Return where the file at `path` can go; the folders are made.

        Parameters
        ----------
        path : str
        is_taken : callable
            Whether a name is promised to another file.
        """
        if self.folder:
            os.makedirs(self.folder, exist_ok=True)
            return self._free(self.folder, "", path, "", is_taken)
        device = os.lstat(path).st_dev
        if device not in self._by_device:
            self._by_device[device] = _trash_of(path, device)
        root, top = self._by_device[device]
        shown = os.path.relpath(path, top) if top else path
        return self._free(f"{root}/files", f"{root}/info", path, shown, is_taken)

    def _free(
        self, files: str, infos: str, path: str, shown: str, is_taken: Callable[[str], bool]
    ) -> TrashName:
        stem, ending = _short_name(os.path.basename(path))
        wanted = os.path.join(files, stem + ending)
        number = self._last_number.get(wanted, 0)
        while True:
            number += 1
            name = f"{stem}.{number}{ending}" if number > 1 else stem + ending
            to = os.path.join(files, name)
            info = os.path.join(infos, f"{name}.trashinfo") if infos else ""
            if not (is_taken(to) or os.path.lexists(to) or (info and os.path.lexists(info))):
                self._last_number[wanted] = number
                return TrashName(to, info, shown)


def write_info(name: TrashName) -> None:
    """Write the note of where a file in the trash came from.

    Raises
    ------
    FileExistsError
        When the name was taken meanwhile.
    """
    if not name.info:
        return
    now = datetime.now().replace(microsecond=0).isoformat()
    with open(name.info, "xb") as file:
        file.write(_info(name.shown_path) + f"DeletionDate={now}\n".encode())


def is_info_of(info: str, shown_path: str) -> bool:
    """Return whether the file `info` was written for `shown_path`."""
    try:
        with open(info, "rb") as file:
            return file.read().startswith(_info(shown_path))
    except OSError:
        return False


def _info(shown_path: str) -> bytes:
    return b"[Trash Info]\nPath=" + quote(os.fsencode(shown_path)).encode() + b"\n"


def _trash_of(path: str, device: int) -> tuple[str, str]:
    """Return the trash for files of a device, and the folder its paths are relative to."""
    home = _home_trash()
    if _device_of(home) == device:
        return _made(home), ""
    top = os.path.realpath(os.path.dirname(path))
    while os.path.dirname(top) != top and os.lstat(os.path.dirname(top)).st_dev == device:
        top = os.path.dirname(top)
    for root in _roots_at(top):
        try:
            return _made(root), top
        except OSError:
            continue
    return _made(home), ""  # the file will be copied there


def _home_trash() -> str:
    data = os.environ.get("XDG_DATA_HOME", "")
    if not os.path.isabs(data):
        data = os.path.expanduser("~/.local/share")
    return os.path.join(data, "Trash")


def _roots_at(top: str) -> list[str]:
    if sys.platform == "win32":
        return []
    shared, own = os.path.join(top, ".Trash"), os.path.join(top, f".Trash-{os.getuid()}")
    try:
        mode = os.lstat(shared).st_mode
    except OSError:
        return [own]
    is_safe = stat.S_ISDIR(mode) and mode & stat.S_ISVTX
    return [os.path.join(shared, str(os.getuid())), own] if is_safe else [own]


def _made(root: str) -> str:
    for folder in (root, f"{root}/files", f"{root}/info"):
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if os.path.islink(folder) or not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(f"{folder} cannot be used as a trash")
    return root


def _device_of(path: str) -> int:
    """Return the device that `path` is on, or will be once it is made."""
    while not os.path.exists(path):
        path = os.path.dirname(path)
    return os.stat(path).st_dev


def _short_name(name: str) -> tuple[str, str]:
    """Return a name in two parts, before and from its ending, cut so that a number fits in."""
    stem, ending = os.path.splitext(name)
    if len(os.fsencode(ending)) > _ENDING_BYTES:
        stem, ending = name, ""
    return os.fsdecode(os.fsencode(stem)[: _NAME_BYTES - len(os.fsencode(ending))]), ending
