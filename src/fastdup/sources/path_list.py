"""Images named one by one: in a list file, or in a Python list."""

import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fastdup.quantities import counted
from fastdup.sources.local_reader import is_url
from fastdup.sources.long_paths import LONG_PATH

logger = logging.getLogger(__name__)

N_REPEATS_NAMED = 3
_FOLDERS_REMEMBERED = 1024


@dataclass(frozen=True)
class PathListing:
    """Files in the order given; a repeated one is listed once, and named in the log.

    Attributes
    ----------
    name : str
        Where the paths came from, for messages.
    paths : tuple of str
        Absolute paths and URLs.
    is_list_file : bool
        Whether a list file names them.
    """

    name: str
    paths: tuple[str, ...]
    is_list_file: bool = False

    def uris(self) -> Iterator[str]:
        """Yield each path at its first mention."""
        return without_repeats(self.paths, self.name)


def without_repeats(uris: Iterable[str], name: str) -> Iterator[str]:
    """Yield each of `uris` at its first mention; log how many repeats of which were left out.

    A local file is the same however its folder is spelled, or reached by links, its own included.
    """
    real_folder = _RealFolders()
    seen: set[str] = set()
    repeats: list[str] = []
    n_repeats = 0
    for uri in uris:
        folder, base = ("", uri) if is_url(uri) else os.path.split(uri)
        place = os.path.join(real_folder.of(folder), base) if folder else uri
        if folder and os.path.islink(uri):
            place = _real(uri)
        if place in seen:
            n_repeats += 1
            if len(repeats) < N_REPEATS_NAMED:
                repeats.append(uri)
            continue
        seen.add(place)
        yield uri
    if n_repeats:
        shown = ", ".join(map(repr, repeats))
        more = " and more" if n_repeats > len(repeats) else ""
        logger.warning(
            "%s: %s left out: %s%s", name, counted(n_repeats, "repeated file"), shown, more
        )


class _RealFolders:
    """The paths of folders without links; those used last are remembered."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def of(self, folder: str) -> str:
        """Return the path without links; far below, by that of a folder above."""
        below: list[str] = []
        while folder not in self._known and len(folder) > LONG_PATH:
            folder, name = os.path.split(folder)
            below.append(name)
        real = self._known.get(folder) or _real(folder)
        self._add(folder, real)
        for name in reversed(below):
            folder = os.path.join(folder, name)
            is_plain = name not in ("", ".", "..") and not os.path.islink(folder)
            real = os.path.join(real, name) if is_plain else _real(folder)
            self._add(folder, real)
        return real

    def _add(self, folder: str, real: str) -> None:
        if len(self._known) >= _FOLDERS_REMEMBERED:
            self._known.clear()
        self._known[folder] = real


def _real(path: str) -> str:
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):  # a zero byte: there is no such folder
        return path
