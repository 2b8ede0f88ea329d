"""WHERE images are: `open_source` turns what the user named into a listing that can be read."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from fastdup.config import RunConfig
from fastdup.errors import SourceError
from fastdup.sources.base import UNREACHABLE, Source, Stamp
from fastdup.sources.folder import FolderSource
from fastdup.sources.listing import PathsSource, read_list_file, without_repeats
from fastdup.sources.local import LocalReader, is_url
from fastdup.sources.spool import SpooledUris

__all__ = [
    "UNREACHABLE",
    "FolderSource",
    "LocalReader",
    "PathsSource",
    "Source",
    "SpooledUris",
    "Stamp",
    "list_uris",
    "open_source",
]

LIST_FILE_ENDINGS = (".csv", ".list", ".lst", ".txt")


@dataclass(frozen=True)
class ChainSource(LocalReader):
    """Several sources one after the other; what a later one repeats is listed once."""

    name: str
    sources: tuple[Source, ...]

    def uris(self) -> Iterator[str]:
        """Yield each path at its first mention."""
        listed = (uri for source in self.sources for uri in source.uris())
        return without_repeats(listed, self.name)


def open_source(config: RunConfig, exclude: Iterable[str] = ()) -> Source:
    """Return the source that `config.input_dir` names.

    Parameters
    ----------
    config : RunConfig
        ``input_dir`` is a folder, a list file, a single image, or a Python list of folders, list
        files (named ``.txt``, ``.lst``, ``.list`` or ``.csv``) and images.
    exclude : iterable of str
        Files never listed when a folder holds them: fastdup's own outputs.

    Raises
    ------
    SourceError
        When there is nothing at that place.
    """
    excluded = frozenset(map(os.path.realpath, exclude))
    given = config.input_dir
    if isinstance(given, str | os.PathLike):
        return _open_place(os.fspath(given), config.include_hidden, excluded)
    return _open_list([os.fspath(item) for item in given], config.include_hidden, excluded)


def list_uris(source: Source, config: RunConfig) -> Iterator[str]:
    """Yield the part of the listing that the offsets and the cap of `config` choose."""
    return islice(source.uris(), *config.listing_range)


def _open_place(path: str, include_hidden: bool, exclude: frozenset[str]) -> Source:
    if is_url(path):
        raise SourceError(
            f"{path!r} is not on this machine: name a folder, an image or a list file"
        )
    if os.path.isdir(path):
        return FolderSource(os.path.abspath(path), include_hidden, exclude)
    if not os.path.exists(path):
        raise SourceError(f"there is nothing at {path!r}: name a folder, an image or a list file")
    if _looks_like_text(path):
        return PathsSource(path, tuple(read_list_file(path)))
    return PathsSource(path, (os.path.abspath(path),))


def _open_list(items: list[str], include_hidden: bool, exclude: frozenset[str]) -> Source:
    """Return one source for a Python list; plain files that follow one another stay together."""
    sources: list[Source] = []
    files: list[str] = []

    def close_files() -> None:
        if files:
            sources.append(PathsSource("the list given", tuple(files)))
            files.clear()

    for item in items:
        if os.path.isdir(item):
            close_files()
            sources.append(FolderSource(os.path.abspath(item), include_hidden, exclude))
        elif item.lower().endswith(LIST_FILE_ENDINGS) and os.path.isfile(item):
            close_files()
            sources.append(PathsSource(item, tuple(read_list_file(item))))
        else:
            files.append(item if is_url(item) else os.path.abspath(item))
    close_files()
    return sources[0] if len(sources) == 1 else ChainSource("the list given", tuple(sources))


def _looks_like_text(path: str) -> bool:
    """Tell a list file from an image by its first bytes: no image format begins with plain text."""
    if not os.path.isfile(path):
        raise SourceError(f"{path!r} is neither a folder nor a file")
    try:
        with open(path, "rb") as file:
            head = file.read(512)
    except OSError as exc:
        raise SourceError(f"cannot read {path!r}: {exc.strerror}") from exc
    controls = bytes(set(range(32)) - set(b"\t\n\r\f"))
    return head.translate(None, controls) == head
