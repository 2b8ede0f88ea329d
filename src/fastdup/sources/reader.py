"""Reads an image wherever it is: tells by its URI who can."""

from collections.abc import Iterator, Sequence

from fastdup.errors import ImageError, Reason
from fastdup.sources.archives import ArchiveReader, LocalFiles
from fastdup.sources.base import UNREACHABLE, IsStored, Stamp
from fastdup.sources.local import LocalReader, is_url
from fastdup.sources.objects import ObjectReader, is_object_url
from fastdup.sources.packed import PackedObjects


class UriReader:
    """Stamps and reads files of this machine, members of archives, and objects.

    Safe to use from several threads. Pickles: a copy has the options and opens what it needs.

    Parameters
    ----------
    include_hidden : bool
        Whether members of archives and objects are listed whose name begins with a dot.
    """

    def __init__(self, include_hidden: bool = False) -> None:
        self._include_hidden = include_hidden
        self._local = LocalReader()
        self._archives = ArchiveReader(include_hidden, LocalFiles())
        self._objects = ObjectReader(include_hidden)
        self._packed_objects = PackedObjects(include_hidden, self._objects.client)

    def __reduce__(self) -> tuple[type["UriReader"], tuple[bool]]:
        return UriReader, (self._include_hidden,)

    def place(self, url: str) -> Iterator[str]:
        """Yield the objects below `url`, or `url` itself when it is one."""
        return self._objects.uris(url)

    def expand(self, uri: str) -> Iterator[str]:
        """Yield what `uri` stands for: an archive's members, a folder's objects, or itself."""
        if is_object_url(uri):
            for found in self._objects.named(uri):
                yield from self._packed_objects.expand(found)
        elif self._archives.find(uri) == uri:
            yield from self._archives.uris(uri)
        else:
            yield uri

    def stamp(self, uri: str) -> Stamp:
        """Return size and time of change; see `Source`."""
        if is_url(uri):
            if not is_object_url(uri):
                return UNREACHABLE
            packed = self._packed_objects
            return packed.stamp(uri) if packed.holds(uri) else self._objects.stamp(uri)
        if archive := self._archives.find(uri):
            return self._archives.stamp(archive, uri)
        return self._local.stamp(uri)

    def read(self, uri: str, max_bytes: int | None = None) -> bytes:
        """Return the bytes; see `Source`."""
        if is_object_url(uri):
            packed = self._packed_objects
            reader = packed if packed.holds(uri) else self._objects
            return reader.read(uri, max_bytes)
        if is_url(uri):
            scheme = uri.partition("://")[0]
            raise ImageError(f"{scheme}:// is not known", reason=Reason.UNSUPPORTED)
        if archive := self._archives.find(uri):
            return self._archives.read(archive, uri, max_bytes)
        return self._local.read(uri, max_bytes)

    def is_file(self, uri: str) -> bool:
        """Tell whether it is a plain file of this machine; see `Source`."""
        return not is_url(uri) and self._archives.find(uri) is None

    def expect(self, uris: Sequence[str], is_stored: IsStored | None = None) -> None:
        """Hear what will be read next; see `Source`."""
        objects: list[str] = []
        members: list[str] = []
        for uri in filter(is_object_url, uris):
            (members if self._packed_objects.holds(uri) else objects).append(uri)
        if objects:
            self._objects.expect(objects, is_stored)
        if members:
            self._packed_objects.expect(members, is_stored)

    def close(self) -> None:
        """Close all that is open."""
        self._archives.close()
        self._packed_objects.close()
        self._objects.close()
