"""What the user named: a folder, an archive, a list file, an image, a store, or several."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from fastdup.errors import SourceError
from fastdup.sources.base import Listing
from fastdup.sources.braces import expand_braces
from fastdup.sources.collection import StoreListing
from fastdup.sources.datasets import may_be_row
from fastdup.sources.folder import FolderSource
from fastdup.sources.listing import PathsSource, read_list_file
from fastdup.sources.local import is_url
from fastdup.sources.objects import parse_url
from fastdup.sources.reader import UriReader

LIST_FILE_ENDINGS = (".csv", ".list", ".lst", ".txt")
#: A file that ends so is no list, even if there is text in it, such as a page that tells an error.
_IMAGE_ENDING = re.compile(r"\.(?:avif|bmp|gif|hei[cf]|jp2|jpe?g|png|tiff?|webp)$", re.IGNORECASE)
#: What a Python list of inputs is called in messages.
LIST_NAME = "the list given"


@dataclass(frozen=True)
class Places:
    """Finds out what the user named.

    Attributes
    ----------
    reader : UriReader
        Lists the objects of stores.
    include_hidden : bool
        Whether folders list names that begin with a dot.
    exclude : frozenset of str
        Real paths of files that no folder lists.
    """

    reader: UriReader
    include_hidden: bool
    exclude: frozenset[str]

    def named_alone(self, path: str) -> Listing:
        """Return the listing of the one place given."""
        if is_url(path):
            parse_url(path)  # so that what is misspelt is told before anything else is done
            return StoreListing(self.reader.signed.name(path), self.reader)
        if os.path.isdir(path):
            return self._folder(path)
        paths = tuple(map(os.path.abspath, expand_braces(path)))
        if len(paths) == 1 and not os.path.exists(path):
            raise SourceError(
                f"there is nothing at {path!r}: name a folder, an image or a list file"
            )
        is_media = _IMAGE_ENDING.search(path) or self.reader.may_lead(path)
        if len(paths) == 1 and not is_media and _looks_like_text(path):
            return PathsSource(path, tuple(self._named_in(path)))
        if len(paths) == 1:
            self.reader.require_extra(paths[0])
        return PathsSource(path, paths)

    def named_together(self, items: Sequence[str]) -> list[Listing]:
        """Return the listings of several places; files that follow one another stay together."""
        listings: list[Listing] = []
        places = [(item, self._place(item)) for item in items]
        for is_file, group in groupby(places, lambda item_and_place: item_and_place[1] is None):
            if is_file:
                files = [path for item, _ in group for path in self._files(item)]
                listings.append(PathsSource(LIST_NAME, tuple(files)))
            else:
                listings.extend(place for _, place in group if place)
        return listings

    def _place(self, item: str) -> Listing | None:
        """Return the listing of a folder or list file, None for a file."""
        if is_url(item):
            is_query = item.lower().startswith(("http://", "https://")) and "?" in item
            is_folder = item.endswith("/") or "." not in item.rpartition("/")[2]
            is_one = is_query or may_be_row(item)
            return StoreListing(item, self.reader) if is_folder and not is_one else None
        if os.path.isdir(item):
            return self._folder(item)
        if item.lower().endswith(LIST_FILE_ENDINGS) and os.path.isfile(item):
            return PathsSource(item, tuple(self._named_in(item)))
        return None

    def _named_in(self, list_file: str) -> list[str]:
        return read_list_file(list_file, self.reader.signed.name)

    def _files(self, item: str) -> Iterator[str]:
        if is_url(item):
            return map(self.reader.signed.name, expand_braces(item))
        return map(os.path.abspath, expand_braces(item))

    def _folder(self, path: str) -> FolderSource:
        return FolderSource(os.path.abspath(path), self.include_hidden, self.exclude)


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
