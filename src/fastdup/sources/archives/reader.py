"""Lists, stamps and reads the members of archives, each called ``archive.tar/inner/name.jpg``."""

import contextlib
import errno
import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from fastdup.errors import ImageError, Reason
from fastdup.sources.archives.formats import Kind, archive_kind, paths_to_archives
from fastdup.sources.archives.members import (
    DamagedArchiveError,
    Member,
    NamesApart,
    is_hidden,
    safe_name,
)
from fastdup.sources.archives.stream import DAMAGE, ForwardFile, ForwardStream
from fastdup.sources.archives.tar import walk_tar
from fastdup.sources.archives.zip import Place, unpack, walk_zip
from fastdup.sources.base import UNREACHABLE, Stamp
from fastdup.sources.files import Files
from fastdup.sources.listed import ListedFile, ListedFiles
from fastdup.sources.local import image_error

logger = logging.getLogger(__name__)

#: No compressed member above this is read: a few kilobytes can unpack to gigabytes.
MAX_UNPACKED_BYTES = 2**28
_MOST_STREAMS = 4
#: What a zip has before the bytes of a member: its header, name and extra fields, as a rule.
ZIP_HEADER_BYTES = 512


@dataclass
class _Archive:
    """What is known of one archive, from the moment when its listing begins."""

    path: str
    kind: Kind
    stamp: Stamp
    is_listed: bool = False
    damage: str = ""
    n_members: int = 0
    n_left_out: int = 0


class ArchiveReader:
    """Knows the archives met so far; safe to use from several threads.

    Parameters
    ----------
    include_hidden : bool
        Whether members are listed of whose names a part begins with a dot.
    files : Files
        Where the archives lie.
    """

    def __init__(self, include_hidden: bool, files: Files) -> None:
        self._include_hidden = include_hidden
        self._files = files
        self._kinds: dict[str, Kind | None] = {}
        self._archives: dict[str, _Archive] = {}
        self._members: ListedFiles | None = None
        self._streams: OrderedDict[str, ForwardStream] = OrderedDict()
        self._lock = threading.RLock()

    def close(self) -> None:
        """Close all files."""
        with self._lock:
            for stream in self._streams.values():
                stream.close()
            self._streams.clear()
            if self._members:
                self._members.close()
            self._members = None
            self._archives.clear()

    def find(self, path: str) -> str | None:
        """Return the archive that `path` is or leads into, None when it has to do with none."""
        for start in paths_to_archives(path):
            if start not in self._kinds:
                self._kinds[start] = archive_kind(start, self._files)
            if self._kinds[start]:
                return start
        return None

    def is_random_access(self, path: str) -> bool:
        """Tell whether members of the archive are read one by one, in any order, equally fast."""
        return self._kinds.get(path) in (Kind.TAR, Kind.ZIP)

    def uris(self, path: str) -> Iterator[str]:
        """Yield the members of an archive in the order in which it has them.

        An archive that is damaged, empty or cannot be opened is listed itself after the members
        before the damage, so that it ends among the bad files.
        """
        try:
            archive = self._begin(path)
        except OSError:
            yield path
            return
        for name in self._walk(archive):
            if self._include_hidden or not is_hidden(name):
                yield f"{path}/{name}"
            else:
                archive.n_left_out += 1
        if archive.n_left_out:
            logger.info(
                "%s: %d folders, links or hidden members left out", path, archive.n_left_out
            )
        if archive.damage:
            logger.warning("%s is damaged: %s", path, archive.damage)
            yield path

    def stamp(self, archive_path: str, uri: str) -> Stamp:
        """Return a member's stamp, that of the archive when `uri` is the archive."""
        try:
            archive = self._known(archive_path)
            if uri == archive_path:
                return archive.stamp
            found = self._member(archive, uri)
        except OSError:
            return UNREACHABLE
        return found.stamp if found else UNREACHABLE

    def read(self, archive_path: str, uri: str, max_bytes: int | None = None) -> bytes:
        """Return a member's bytes, only the first `max_bytes` when that is given.

        Raises
        ------
        ImageError
            With the reason why there are none.
        """
        try:
            archive = self._known(archive_path)
            has_changed = self._files.has_changed(archive_path, archive.stamp)
            found = None if uri == archive_path else self._member(archive, uri)
        except OSError as exc:
            raise image_error(exc) from exc
        if uri == archive_path:
            raise _record_of(archive)
        if has_changed:
            detail = f"{archive_path} was changed after it was listed: run again"
            raise ImageError(detail, reason=Reason.NOT_FOUND)
        if found is None:
            raise ImageError(f"{archive_path} has no such member", reason=Reason.NOT_FOUND)
        try:
            return self._read(archive, found, max_bytes)
        except DAMAGE as exc:
            raise ImageError(f"damaged in its archive: {exc}", reason=Reason.TRUNCATED) from exc

    def _read(self, archive: _Archive, member: ListedFile, max_bytes: int | None) -> bytes:
        size = member.stamp.size_bytes
        n_bytes = size if max_bytes is None else min(size, max_bytes)
        if archive.kind is not Kind.TAR and n_bytes > MAX_UNPACKED_BYTES:
            detail = f"{size:,} bytes in a compressed archive, where {MAX_UNPACKED_BYTES:,} is most"
            raise ImageError(detail, reason=Reason.TOO_LARGE)
        if archive.kind is Kind.ZIP:
            place = Place(*member.place)
            n_packed = place.packed_bytes + ZIP_HEADER_BYTES
            with self._files.open(archive.path, archive.stamp, n_packed) as file:
                return unpack(file, place, n_bytes)
        (offset,) = member.place
        if offset < 0:
            raise ImageError("a file with holes in its tar", reason=Reason.UNSUPPORTED)
        data = self._read_tar(archive, offset, n_bytes)
        if len(data) < n_bytes:
            raise ImageError("cut short in its tar", reason=Reason.TRUNCATED)
        return data

    def _read_tar(self, archive: _Archive, offset: int, n_bytes: int) -> bytes:
        if archive.kind is not Kind.TAR:
            return self._stream(archive).read_at(offset, n_bytes)
        if not n_bytes:
            return b""
        with self._files.open(archive.path, archive.stamp, n_bytes) as file:
            file.seek(offset)
            return file.read(n_bytes)

    def _stream(self, archive: _Archive) -> ForwardStream:
        """Return the stream of a compressed tar; few are open at a time."""
        with self._lock:
            if archive.path not in self._streams:
                self._streams[archive.path] = ForwardStream(
                    partial(self._files.open, archive.path, archive.stamp), archive.kind
                )
            self._streams.move_to_end(archive.path)
            stream = self._streams[archive.path]
            if len(self._streams) <= _MOST_STREAMS:
                return stream
            _, oldest = self._streams.popitem(last=False)
        oldest.close()
        return stream

    def _known(self, path: str) -> _Archive:
        with self._lock:
            return self._archives.get(path) or self._begin(path)

    def _member(self, archive: _Archive, uri: str) -> ListedFile | None:
        """Return what is known of a member; list its archive where a list file names it alone."""
        found = self._table().find(uri)
        with self._lock:
            if found is None and not archive.is_listed:
                for _ in self._walk(self._begin(archive.path)):
                    pass
                found = self._table().find(uri)
        return found

    def _begin(self, path: str) -> _Archive:
        kind = archive_kind(path, self._files)
        if kind is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        self._table().forget_below(path)
        self._archives[path] = _Archive(path, kind, self._files.stamp(path))
        return self._archives[path]

    def _walk(self, archive: _Archive) -> Iterator[str]:
        """Yield the name of each member once it is in the table."""
        apart = NamesApart()
        try:
            for member in self._listed_members(archive):
                name = self._note(archive, member, apart) if member else None
                if name is None:
                    archive.n_left_out += 1
                    continue
                archive.n_members += 1
                yield name
        except (DamagedArchiveError, ImageError, *DAMAGE) as exc:
            archive.damage = f"after {archive.n_members:,} members: {exc}"
        archive.is_listed = True

    def _listed_members(self, archive: _Archive) -> Iterator[Member | None]:
        with contextlib.closing(self._files.open(archive.path, archive.stamp)) as packed:
            if archive.kind is Kind.ZIP:
                yield from walk_zip(packed)
            elif archive.kind is Kind.TAR:
                yield from walk_tar(packed, archive.stamp.mtime_ns, archive.stamp.size_bytes)
            else:
                with contextlib.closing(ForwardFile(packed, archive.kind)) as file:
                    yield from walk_tar(file, archive.stamp.mtime_ns)

    def _note(self, archive: _Archive, member: Member, apart: NamesApart) -> str | None:
        """Return the name under which a member was noted; None for a link to nothing."""
        table = self._table()
        name = safe_name(member.name)
        file = member.file or table.find(f"{archive.path}/{safe_name(member.target)}")
        if not name or file is None:
            return None
        return apart.add(name, lambda name: table.add(f"{archive.path}/{name}", file))

    def _table(self) -> ListedFiles:
        with self._lock:
            if self._members is None:
                self._members = ListedFiles()
            return self._members


def _record_of(archive: _Archive) -> ImageError:
    """Return why the archive itself is among the bad files."""
    if not archive.damage:
        return ImageError("an archive, not an image", reason=Reason.NOT_AN_IMAGE)
    reason = Reason.TRUNCATED if archive.n_members else Reason.NOT_AN_IMAGE
    return ImageError(f"a damaged archive, {archive.damage}", reason=reason)
