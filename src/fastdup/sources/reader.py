"""Reads an image wherever it is: tells by its URI who can."""

from collections.abc import Iterator, Sequence

from fastdup.errors import ImageError, Reason
from fastdup.sources.archives import ArchiveReader
from fastdup.sources.base import UNREACHABLE, IsStored, Stamp
from fastdup.sources.local import LocalReader, is_url
from fastdup.sources.objects import ObjectReader, is_object_url
from fastdup.sources.videos import VideoReader


class UriReader:
    """Stamps and reads files of this machine, members of archives, frames of videos, and objects.

    Safe to use from several threads. Pickles: a copy has the options and opens what it needs.

    Parameters
    ----------
    include_hidden : bool
        Whether members of archives and objects are listed whose name begins with a dot.
    video_interval_s : float
        Seconds between the frames of a video that are listed; -1: its key frames.
    """

    def __init__(self, include_hidden: bool = False, video_interval_s: float = -1.0) -> None:
        self._options = (include_hidden, video_interval_s)
        self._local = LocalReader()
        self._archives = ArchiveReader(include_hidden)
        self._objects = ObjectReader(include_hidden)
        self._videos = VideoReader(video_interval_s)

    def __reduce__(self) -> tuple[type["UriReader"], tuple[bool, float]]:
        return UriReader, self._options

    def place(self, url: str) -> Iterator[str]:
        """Yield the objects below `url`, or `url` itself when it is one."""
        return self._objects.uris(url)

    def expand(self, uri: str) -> Iterator[str]:
        """Yield what `uri` stands for: members, frames, a folder's objects, or itself."""
        if is_object_url(uri):
            return self._objects.named(uri)
        if self._archives.find(uri) == uri:
            return self._archives.uris(uri)
        if self._videos.find(uri) == uri:
            return self._videos.uris(uri)
        return iter((uri,))

    def require_extra(self, uri: str) -> None:
        """Refuse the one input named alone when nothing of it can be read.

        Raises
        ------
        MissingExtraError
            When the package that reads it is not installed.
        """
        if self._archives.find(uri) is None and self._videos.find(uri):
            self._videos.require_extra()

    def stamp(self, uri: str) -> Stamp:
        """Return size and time of change; see `Source`."""
        if is_url(uri):
            return self._objects.stamp(uri) if is_object_url(uri) else UNREACHABLE
        if archive := self._archives.find(uri):
            return self._archives.stamp(archive, uri)
        if video := self._videos.find(uri):
            return self._videos.stamp(video, uri)
        return self._local.stamp(uri)

    def read(self, uri: str, max_bytes: int | None = None) -> bytes:
        """Return the bytes; see `Source`."""
        if is_object_url(uri):
            return self._objects.read(uri, max_bytes)
        if is_url(uri):
            scheme = uri.partition("://")[0]
            raise ImageError(f"{scheme}:// is not known", reason=Reason.UNSUPPORTED)
        if archive := self._archives.find(uri):
            return self._archives.read(archive, uri, max_bytes)
        if video := self._videos.find(uri):
            return self._videos.read(video, uri)[:max_bytes]
        return self._local.read(uri, max_bytes)

    def is_file(self, uri: str) -> bool:
        """Tell whether it is a plain file of this machine; see `Source`."""
        return not is_url(uri) and self._archives.find(uri) is self._videos.find(uri) is None

    def expect(self, uris: Sequence[str], is_stored: IsStored | None = None) -> None:
        """Hear what will be read next; see `Source`."""
        objects = [uri for uri in uris if is_object_url(uri)]
        if objects:
            self._objects.expect(objects, is_stored)

    def close(self) -> None:
        """Close all that is open."""
        self._archives.close()
        self._videos.close()
        self._objects.close()
