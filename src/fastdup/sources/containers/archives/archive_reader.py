"""Lists, stamps and reads the members of archives, each called ``archive.tar/inner/name.jpg``."""

import contextlib
import logging
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from fastdup.errors import ImageError, Reason
from fastdup.sources.base import Stamp
from fastdup.sources.by_content import is_self_extracting
from fastdup.sources.containers.archives.archive_formats import ArchiveFormat, format_of_head
from fastdup.sources.containers.archives.forward_stream import DAMAGE, ForwardFile, ForwardStream
from fastdup.sources.containers.archives.members import (
    DamagedArchiveError,
    Member,
    is_hidden,
    most_unpacked,
    safe_name,
)
from fastdup.sources.containers.archives.shard_labels import Said, ShardLabels
from fastdup.sources.containers.archives.tar import segments_of, walk_tar
from fastdup.sources.containers.archives.zip import ZipEntry, unpack, walk_zip
from fastdup.sources.containers.container_reader import Container, ContainerReader
from fastdup.sources.containers.files import Files
from fastdup.sources.containers.nested import refuse_nested
from fastdup.sources.containers.unique_names import UniqueNames
from fastdup.sources.kinds import ARCHIVES
from fastdup.sources.reader_options import ReaderOptions
from fastdup.sources.stat_cache import CachedStat
from fastdup.sources.wanted_files import is_in_system_folder

logger = logging.getLogger(__name__)

#: No compressed member above this is read: a few kilobytes can unpack to gigabytes.
MAX_UNPACKED_BYTES = 2**28
#: Compressed tars that stay open.
MAX_STREAMS = 4
#: What a zip has before the bytes of a member: its header, name and extra fields, as a rule.
_ZIP_HEADER_BYTES = 512


@dataclass
class _Archive(Container):
    packing: ArchiveFormat = ArchiveFormat.TAR


class ArchiveReader(ContainerReader[_Archive]):
    """Reads members of archives; see `ContainerReader`."""

    kind = ARCHIVES
    head_bytes = 512
    missing = "{path} has no such member"
    format_of = staticmethod(format_of_head)

    def __init__(self, options: ReaderOptions, files: Files) -> None:
        super().__init__(options, files)
        self._streams: OrderedDict[str, ForwardStream] = OrderedDict()
        self._labels = ShardLabels(options.label_column)

    def close(self) -> None:
        """Close all files."""
        with self._lock:
            for stream in self._streams.values():
                stream.close()
            self._streams.clear()
            self._labels.close()
            super().close()

    def is_random_access(self, path: str) -> bool:
        """Return whether members of the archive are read in any order equally fast."""
        return self._formats.get(path) in (ArchiveFormat.TAR, ArchiveFormat.ZIP)

    def _format_at(self, path: str) -> object:
        packing = super()._format_at(path)
        if packing is None and path in self._adopted and is_self_extracting(path):
            return ArchiveFormat.ZIP
        return packing

    def _new(self, path: str, stamp: Stamp, uri: str) -> _Archive:
        packing = self._formats[path]
        assert isinstance(packing, ArchiveFormat)
        return _Archive(path, stamp, packing=packing)

    # --- listing ----------------------------------------------------------------------------

    def _walk(self, archive: _Archive) -> Iterator[str]:
        names, n_left_out = UniqueNames(), 0
        self._labels.forget(archive.path)
        try:
            for member in self._members(archive):
                name = self._add(archive, member, names) if member else None
                archive.n_images += name is not None
                if name is None or self._leaves_out(name):
                    n_left_out += 1
                else:
                    yield f"{archive.path}/{name}"
        except (DamagedArchiveError, ImageError, *DAMAGE) as exc:
            archive.failure = _damage(archive.n_images, exc)
        archive.is_listed = True
        if n_left_out:
            message = "%s: %d folders, links, hidden members or members of bins left out"
            logger.info(message, archive.path, n_left_out)

    def _leaves_out(self, name: str) -> bool:
        if is_hidden(name) and not self._options.include_hidden:
            return True
        return is_in_system_folder(name) and not self._options.include_system

    def _members(self, archive: _Archive) -> Iterator[Member | None]:
        with contextlib.closing(self._files.open(archive.path, archive.stamp)) as packed:
            if archive.packing is ArchiveFormat.ZIP:
                yield from walk_zip(packed)
            elif archive.packing is ArchiveFormat.TAR:
                yield from self._in_tar(archive, packed, archive.stamp.size_bytes)
            else:
                most_bytes = most_unpacked(archive.stamp.size_bytes)
                with contextlib.closing(ForwardFile(packed, archive.packing, most_bytes)) as file:
                    yield from self._in_tar(archive, file)

    def _in_tar(
        self, archive: _Archive, file: BinaryIO | ForwardFile, n_bytes: int | None = None
    ) -> Iterator[Member | None]:
        """Yield the members of a tar, and note what some say of others."""
        for member in walk_tar(file, archive.stamp.mtime_ns, n_bytes):
            if member and member.stat and len(member.stat.place) == 1:
                (offset,) = member.stat.place
                safe = member._replace(name=safe_name(member.name))
                self._labels.note(archive.path, safe, partial(_read_ahead, file, offset))
            yield member

    def _add(self, archive: _Archive, member: Member, names: UniqueNames) -> str | None:
        """Return the name under which a member was added; None for a link to nothing."""
        table = self._table
        name = safe_name(member.name)
        stat = member.stat or table.find(f"{archive.path}/{safe_name(member.target)}")
        if not name or stat is None:
            return None
        return names.add(name, lambda name: table.add(f"{archive.path}/{name}", stat))

    def _log_failure(self, path: str, failure: ImageError) -> None:
        logger.warning("%s is damaged: %s", path, str(failure).removeprefix(_DAMAGED))

    # --- labels -----------------------------------------------------------------------------

    @property
    def has_captions(self) -> bool:
        """Whether any image has a caption."""
        return self._labels.has_captions

    def label(self, uri: str) -> str | None:
        """Return the label that a tar has for an image; see `KindReader`."""
        return self._said(uri).label

    def caption(self, uri: str) -> str | None:
        """Return the caption that a tar has for an image; see `KindReader`."""
        return self._said(uri).caption

    def _said(self, uri: str) -> Said:
        is_local = self._files.are_local
        known = filter(self._formats.get, self.kind.paths_in(uri))  # what no network is asked for
        path = self.find(uri) if is_local else next(known, None)
        if path is None or path == uri or self._formats[path] is ArchiveFormat.ZIP:
            return Said()
        if is_local:
            try:
                self._listed(self._container(path, uri))
            except OSError:
                return Said()
        return self._labels.find(path, uri[len(path) + 1 :])

    # --- reading ----------------------------------------------------------------------------

    def read(self, uri: str, max_bytes: int | None = None) -> bytes:
        """Return a member's bytes; see `ContainerReader`. What holds many images is refused."""
        data = super().read(uri, max_bytes)
        refuse_nested(uri, data)
        return data

    def _bytes_of(self, archive: _Archive, member: CachedStat, max_bytes: int | None) -> bytes:
        try:
            return self._unpacked(archive, member, max_bytes)
        except DAMAGE as exc:
            raise ImageError(f"damaged in its archive: {exc}", reason=Reason.TRUNCATED) from exc

    def _unpacked(self, archive: _Archive, member: CachedStat, max_bytes: int | None) -> bytes:
        size = member.stamp.size_bytes
        n_bytes = size if max_bytes is None else min(size, max_bytes)
        is_plain = archive.packing is ArchiveFormat.TAR and len(member.place) == 1
        if not is_plain and n_bytes > MAX_UNPACKED_BYTES:
            detail = f"{size:,} bytes in a compressed archive, where {MAX_UNPACKED_BYTES:,} is most"
            raise ImageError(detail, reason=Reason.TOO_LARGE)
        if archive.packing is ArchiveFormat.ZIP:
            entry = ZipEntry(*member.place)
            n_packed = entry.packed_bytes + _ZIP_HEADER_BYTES
            with self._files.open(archive.path, archive.stamp, n_packed) as file:
                return unpack(file, entry, n_bytes)
        offset, *holes = member.place
        if not holes:
            return self._read_tar(archive, offset, n_bytes) if n_bytes else b""
        data = bytearray(n_bytes)
        for start, offset, n in segments_of(member.place, n_bytes):
            data[start : start + n] = self._read_tar(archive, offset, n)
        return bytes(data)

    def _read_tar(self, archive: _Archive, offset: int, n_bytes: int) -> bytes:
        """Return a part of a tar, all of it."""
        if archive.packing is not ArchiveFormat.TAR:
            data = self._stream(archive).read_at(offset, n_bytes)
        else:
            with self._files.open(archive.path, archive.stamp, n_bytes) as file:
                file.seek(offset)
                data = file.read(n_bytes)
        if len(data) < n_bytes:
            raise ImageError("cut short in its tar", reason=Reason.TRUNCATED)
        return data

    def _stream(self, archive: _Archive) -> ForwardStream:
        """Return the stream of a compressed tar; few are open at a time."""
        with self._lock:
            if archive.path not in self._streams:
                self._streams[archive.path] = ForwardStream(
                    partial(self._files.open, archive.path, archive.stamp), archive.packing
                )
            self._streams.move_to_end(archive.path)
            stream = self._streams[archive.path]
            if len(self._streams) <= MAX_STREAMS:
                return stream
            _, oldest = self._streams.popitem(last=False)
        oldest.close()
        return stream


def _read_ahead(file: BinaryIO | ForwardFile, offset: int, n_bytes: int) -> bytes:
    file.seek(offset)
    return file.read(n_bytes)


_DAMAGED = "a damaged archive, "


def _damage(n_members: int, exc: BaseException) -> ImageError:
    """Return why the archive itself is among the bad files."""
    reason = Reason.TRUNCATED if n_members else Reason.NOT_AN_IMAGE
    return ImageError(f"{_DAMAGED}after {n_members:,} members: {exc}", reason=reason)
