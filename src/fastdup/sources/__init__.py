"""WHERE images are: `open_source` turns what the user named into a listing that can be read."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from fastdup.config import RunConfig
from fastdup.errors import SourceError
from fastdup.sources.base import UNREACHABLE, IsStored, Listing, Source, Stamp
from fastdup.sources.braces import expand_braces
from fastdup.sources.folder import FolderSource
from fastdup.sources.listing import PathsSource, read_list_file, without_repeats
from fastdup.sources.local import LocalReader, is_url
from fastdup.sources.reader import UriReader
from fastdup.sources.spool import SpooledUris

__all__ = [
    "UNREACHABLE",
    "FolderSource",
    "IsStored",
    "LocalReader",
    "PathsSource",
    "Source",
    "SpooledUris",
    "Stamp",
    "UriReader",
    "list_uris",
    "open_source",
]

LIST_FILE_ENDINGS = (".csv", ".list", ".lst", ".txt")
LIST_NAME = "the list given"


@dataclass(frozen=True)
class Collection:
    """All that the user named, one place after the other; see `Source`.

    Attributes
    ----------
    name : str
        What the user named, for messages.
    listings : tuple of Listing
        The places.
    reader : UriReader
        Reads what they list, and lists the archives among it.
    """

    name: str
    listings: tuple[Listing, ...]
    reader: UriReader

    def uris(self) -> Iterator[str]:
        """Yield each image at its first mention."""
        places = (place for listing in self.listings for place in listing.uris())
        listed = (uri for place in places for uri in self.reader.expand(place))
        is_one_folder = len(self.listings) == 1 and isinstance(self.listings[0], FolderSource)
        return listed if is_one_folder else without_repeats(listed, self.name)

    def stamp(self, uri: str) -> Stamp:
        """Return size and time of change."""
        return self.reader.stamp(uri)

    def read(self, uri: str, max_bytes: int | None = None) -> bytes:
        """Return the bytes, only the first `max_bytes` when that is given."""
        return self.reader.read(uri, max_bytes)

    def is_file(self, uri: str) -> bool:
        """Tell whether `uri` is a plain file of this machine."""
        return self.reader.is_file(uri)

    def expect(self, uris: Sequence[str], is_stored: IsStored | None = None) -> None:
        """Hear what will be read next."""
        self.reader.expect(uris, is_stored)

    def close(self) -> None:
        """Let go of all files and connections."""
        self.reader.close()


def open_source(config: RunConfig, exclude: Iterable[str] = ()) -> Source:
    """Return the source that `config.input_dir` names.

    Parameters
    ----------
    config : RunConfig
        ``input_dir`` is a folder, a list file, an archive, a single image, or a Python list of
        folders, archives, list files (named ``.txt``, ``.lst``, ``.list`` or ``.csv``) and images.
    exclude : iterable of str
        Files never listed when a folder holds them: fastdup's own outputs.

    Raises
    ------
    SourceError
        When there is nothing at that place.
    """
    excluded = frozenset(map(os.path.realpath, exclude))
    reader = UriReader(config.include_hidden)
    given = config.input_dir
    if isinstance(given, str | os.PathLike):
        path = os.fspath(given)
        listing = _open_place(path, config.include_hidden, excluded)
        return Collection(listing.name, (listing,), reader)
    items = [os.fspath(item) for item in given]
    listings = _open_list(items, config.include_hidden, excluded)
    name = listings[0].name if len(listings) == 1 else LIST_NAME
    return Collection(name, tuple(listings), reader)


def list_uris(source: Source, config: RunConfig) -> Iterator[str]:
    """Yield the part of the listing that the offsets and the cap of `config` choose."""
    return islice(source.uris(), *config.listing_range)


def _open_place(path: str, include_hidden: bool, exclude: frozenset[str]) -> Listing:
    if is_url(path):
        raise SourceError(
            f"{path!r} is not on this machine: name a folder, an image or a list file"
        )
    if os.path.isdir(path):
        return FolderSource(os.path.abspath(path), include_hidden, exclude)
    paths = tuple(map(os.path.abspath, expand_braces(path)))
    if len(paths) == 1 and not os.path.exists(path):
        raise SourceError(f"there is nothing at {path!r}: name a folder, an image or a list file")
    if len(paths) == 1 and _looks_like_text(path):
        return PathsSource(path, tuple(read_list_file(path)))
    return PathsSource(path, paths)


def _open_list(
    items: Sequence[str], include_hidden: bool, exclude: frozenset[str]
) -> list[Listing]:
    """Return the listings of a Python list; plain files that follow one another stay together."""
    listings: list[Listing] = []
    files: list[str] = []

    def close_files() -> None:
        if files:
            listings.append(PathsSource(LIST_NAME, tuple(files)))
            files.clear()

    for item in items:
        if os.path.isdir(item):
            close_files()
            listings.append(FolderSource(os.path.abspath(item), include_hidden, exclude))
        elif item.lower().endswith(LIST_FILE_ENDINGS) and os.path.isfile(item):
            close_files()
            listings.append(PathsSource(item, tuple(read_list_file(item))))
        elif is_url(item):
            files.append(item)
        else:
            files.extend(map(os.path.abspath, expand_braces(item)))
    close_files()
    return listings


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
