"""What readers of files that hold many images have in common.

One kind is a class derived from `ContainerReader`: it says which files are of its kind, what is in
one, and how the bytes of an image in it are had.
"""

import errno
import logging
import os
import threading
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import ClassVar, Generic, TypeVar

from fastdup.errors import ImageError, Reason
from fastdup.sources.base import UNREACHABLE, Stamp
from fastdup.sources.by_content import prefixes
from fastdup.sources.containers.files import Files
from fastdup.sources.kind_reader import KindReader
from fastdup.sources.kinds import SourceKind
from fastdup.sources.local_reader import image_error
from fastdup.sources.reader_options import ReaderOptions
from fastdup.sources.stat_cache import CachedStat, StatCache

logger = logging.getLogger(__name__)


@dataclass
class Container:
    """What is known of one file that holds many images, from when its listing begins.

    Attributes
    ----------
    path : str
        The file.
    stamp : Stamp
        Its size and time of change.
    is_listed : bool
        Whether all of its images are in the table.
    n_images : int
        Images found so far.
    failure : ImageError or None
        Why the file itself is among the bad ones; None as long as it is whole.
    """

    path: str
    stamp: Stamp
    is_listed: bool = False
    n_images: int = 0
    failure: ImageError | None = None


C = TypeVar("C", bound=Container)


class ContainerReader(KindReader, Generic[C]):
    """Lists, stamps and reads the images in files of one kind; safe to use from several threads.

    Parameters
    ----------
    options : ReaderOptions
        How they are listed.
    files : Files
        Where the files lie.
    """

    kind: SourceKind
    #: First bytes of a file that say whether it is of this kind.
    head_bytes: ClassVar[int]
    #: The detail of a bad image that its file does not hold.
    missing: ClassVar[str]

    def __init__(self, options: ReaderOptions, files: Files) -> None:
        self._options = options
        self._files = files
        self._formats: dict[str, object] = {}
        self._containers: dict[str, C] = {}
        self._table = StatCache()
        self._lock = threading.RLock()
        self._has_named_extra = False
        self._last_found = "/"
        self._adopted: set[str] = set()

    # --- what a kind has to say -------------------------------------------------------------

    @classmethod
    @abstractmethod
    def format_of(cls, head: bytes) -> object:
        """Return the format of a file of this kind that begins with `head`, None if it is none."""

    @abstractmethod
    def _new(self, path: str, stamp: Stamp, uri: str) -> C:
        """Return what is known of a file before it is listed; `uri` is or leads into it."""

    @abstractmethod
    def _walk(self, container: C) -> Iterator[str]:
        """Yield the URI of each image once `_member` finds it; note what fails, raise nothing."""

    @abstractmethod
    def _bytes_of(self, container: C, member: CachedStat, max_bytes: int | None) -> bytes:
        """Return the bytes of an image."""

    def _search(self, container: C, uri: str) -> CachedStat | None:
        """Return what is known of an image that the listing left out."""
        return None

    # --- reading ----------------------------------------------------------------------------

    def close(self) -> None:
        """Close all files."""
        with self._lock:
            self._table.close()
            self._containers.clear()

    def find(self, uri: str) -> str | None:
        """Return the file of this kind that `uri` is or leads into, None for all else."""
        last = self._last_found
        if uri.startswith(last) and uri[len(last) : len(last) + 1] == "/":
            return last  # what is in the same file as the image before
        for path in chain(self._paths_in(uri), self._adopted_in(uri)):
            if path not in self._formats:
                self._formats[path] = self._format_at(path)
            if self._formats[path]:
                self._last_found = path
                return path
        return None

    def adopt(self, path: str) -> None:
        """Take a file for one of this kind by its content, whatever its name says."""
        self._adopted.add(path)

    def uris(self, path: str) -> Iterator[str]:
        """Yield the images in a file.

        One that is damaged, empty or cannot be opened is listed itself after the images that can
        be had, so that it ends among the bad files.
        """
        try:
            container = self._begin(path, path)
        except OSError:
            yield path
            return
        yield from self._walk(container)
        if container.failure:
            self._log_failure(path, container.failure)
            yield path

    def stamp(self, uri: str) -> Stamp:
        """Return an image's stamp, that of the file when `uri` is the file itself."""
        path = self.find(uri) or uri
        try:
            container = self._container(path, uri)
            if uri == path:
                return container.stamp
            member = self._member(container, uri)
        except (ImageError, OSError):
            return UNREACHABLE
        return member.stamp if member else UNREACHABLE

    def read(self, uri: str, max_bytes: int | None = None) -> bytes:
        """Return an image's bytes, only the first `max_bytes` when that is given.

        Raises
        ------
        ImageError
            With the reason why there are none.
        """
        path = self.find(uri) or uri
        member = None
        try:
            container = self._container(path, uri)
            has_changed = self._files.has_changed(path, container.stamp)
            if uri != path and not has_changed:
                member = self._member(container, uri)
        except OSError as exc:
            raise image_error(exc) from exc
        if uri == path:
            raise self._failure_of(container)
        if has_changed:
            detail = f"{path} was changed after it was listed: run again"
            raise ImageError(detail, reason=Reason.NOT_FOUND)
        if member is None:
            detail = self.missing.format(path=path)
            raise container.failure or ImageError(detail, reason=Reason.NOT_FOUND)
        return self._bytes_of(container, member, max_bytes)

    # --- what is known of files -------------------------------------------------------------

    def _paths_in(self, uri: str) -> Iterator[str]:
        """Yield each beginning of `uri` that may be such a file by its name."""
        return self.kind.paths_in(uri)

    def _adopted_in(self, uri: str) -> Iterator[str]:
        if self._adopted:
            yield from filter(self._adopted.__contains__, prefixes(uri))

    def _format_at(self, path: str) -> object:
        try:
            return self.format_of(self._files.head(path, self.head_bytes))
        except (OSError, ValueError):
            return None

    def _container(self, path: str, uri: str) -> C:
        """Return what is known of the file at `path`, which `uri` is or leads into."""
        with self._lock:
            return self._containers.get(self._key(path, uri)) or self._begin(path, uri)

    def _key(self, path: str, uri: str) -> str:
        """Return under which name the file is known when it is read by `uri`."""
        return path

    def _begin(self, path: str, uri: str) -> C:
        """Begin anew with a file."""
        if not self._formats.get(path):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        self._table.forget_below(path, self.kind.separator)
        container = self._new(path, self._files.stamp(path), uri)
        with self._lock:
            self._containers[self._key(path, uri)] = container
        return container

    def _member(self, container: C, uri: str) -> CachedStat | None:
        """Return what is known of an image; list its file where a list names the image alone."""
        member = self._table.find(uri)
        if member is None:
            with self._lock:
                container = self._listed(container)
                member = self._table.find(uri) or self._search(container, uri)
        return member

    def _listed(self, container: C) -> C:
        """Return the same file, listed to its end."""
        with self._lock:
            if not container.is_listed:
                container = self._begin(container.path, container.path)
                for _ in self._walk(container):
                    pass
        return container

    def _failure_of(self, container: C) -> ImageError:
        """Return why the file itself is among the bad ones."""
        detail = f"{self.kind.noun}, not an image"
        return container.failure or ImageError(detail, reason=Reason.NOT_AN_IMAGE)

    def _log_failure(self, path: str, failure: ImageError) -> None:
        if failure.reason is not Reason.UNSUPPORTED:
            logger.warning("%s: %s", path, failure)
        elif not self._has_named_extra:
            self._has_named_extra = True
            logger.warning("%s is listed as bad: %s", path, failure)
