"""Reads an image wherever it is: tells by its URI who can."""

from collections.abc import Iterator, Sequence

from fastdup.errors import ImageError, Reason
from fastdup.sources.archives import ArchiveReader
from fastdup.sources.base import IsStored, Stamp
from fastdup.sources.local import LocalReader, is_url


class UriReader:
    """Stamps and reads files of this machine and members of archives.

    Safe to use from several threads. Pickles: a copy has the options and opens what it needs.

    Parameters
    ----------
    include_hidden : bool
        Whether members of archives are listed whose name begins with a dot.
    """

    def __init__(self, include_hidden: bool = False) -> None:
        self._include_hidden = include_hidden
        self._local = LocalReader()
        self._archives = ArchiveReader(include_hidden)

    def __reduce__(self) -> tuple[type["UriReader"], tuple[bool]]:
        return UriReader, (self._include_hidden,)

    def expand(self, uri: str) -> Iterator[str]:
        """Yield what is to be listed for `uri`: an archive's members, else itself."""
        if self._archives.find(uri) == uri:
            return self._archives.uris(uri)
        return iter((uri,))

    def stamp(self, uri: str) -> Stamp:
        """Return size and time of change; see `Source`."""
        if archive := self._archives.find(uri):
            return self._archives.stamp(archive, uri)
        return self._local.stamp(uri)

    def read(self, uri: str, max_bytes: int | None = None) -> bytes:
        """Return the bytes; see `Source`."""
        if is_url(uri):
            detail = "only files of this machine can be read"
            raise ImageError(detail, reason=Reason.UNSUPPORTED)
        if archive := self._archives.find(uri):
            return self._archives.read(archive, uri, max_bytes)
        return self._local.read(uri, max_bytes)

    def is_file(self, uri: str) -> bool:
        """Tell whether it is a plain file of this machine; see `Source`."""
        return self._archives.find(uri) is None

    def expect(self, uris: Sequence[str], is_stored: IsStored | None = None) -> None:
        """Hear what will be read next; see `Source`."""

    def close(self) -> None:
        """Close all that is open."""
        self._archives.close()
