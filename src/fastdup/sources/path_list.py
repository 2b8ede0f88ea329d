"""Images named one by one: in a list file, or in a Python list."""

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from fastdup.errors import SourceError
from fastdup.sources.braces import expand_braces
from fastdup.sources.local_reader import is_url
from fastdup.sources.long_paths import LONG_PATH
from fastdup.sources.signed import without_secrets

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
    """

    name: str
    paths: tuple[str, ...]

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
            "%s names files again (%d times), once is enough: %s%s", name, n_repeats, shown, more
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


def read_list_file(path: str, name_of: Callable[[str], str] = without_secrets) -> list[str]:
    r"""Return the absolute paths that a list file names, one per line.

    Blank lines and lines that begin with ``#`` are left out (``./#1.jpg`` names such a file);
    line ends may be ``\\n`` or ``\\r\\n``; a byte-order mark is left out. A relative path is looked
    for beside the list file, then in the current folder. ``shard-{00..99}.tar`` names 100 files.
    `name_of` returns what each is called in the listing.

    Raises
    ------
    SourceError
        When the file cannot be read or is no text.
    """
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as exc:
        raise SourceError(f"cannot read the list file {path}: {exc.strerror}") from exc
    if b"\0" in data:
        raise SourceError(
            f"{path} is neither an image nor a list file (it holds zero bytes): "
            "name a folder, an image, or a text file with one path per line"
        )
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    names = (os.fsdecode(line.removesuffix(b"\r")) for line in lines)
    folder = os.path.dirname(os.path.abspath(path))
    kept = (name for name in names if name.strip() and not name.startswith("#"))
    return [name_of(path) for name in kept for path in expand_braces(_absolute(name, folder))]


def _absolute(name: str, folder: str) -> str:
    if is_url(name) or os.path.isabs(name):
        return name
    beside = os.path.join(folder, name)
    if not os.path.lexists(beside) and os.path.lexists(name):
        return os.path.join(os.getcwd(), name)
    return beside
