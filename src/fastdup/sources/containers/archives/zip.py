"""The members of a zip: listed by its directory, or header by header where that is lost."""

import datetime
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import IO, NamedTuple

from fastdup.errors import ImageError, Reason
from fastdup.sources.base import Stamp
from fastdup.sources.containers.archives.members import (
    MOST_SIZE,
    DamagedArchiveError,
    Member,
    most_unpacked,
)
from fastdup.sources.containers.archives.zip_methods import (
    UNPACKING_FAULTS,
    Decompressor,
    decompressor,
    method_name,
)
from fastdup.sources.stat_cache import CachedStat

_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_LOCAL_MAGIC = b"PK\x03\x04"
_IS_ENCRYPTED, _SIZES_FOLLOW, _IS_UTF8 = 1 << 0, 1 << 3, 1 << 11
_UNKNOWN_SIZE = 0xFFFFFFFF
_CHUNK_BYTES = 2**20
#: What reading a directory that makes no sense raises.
_NONSENSE = (
    zipfile.BadZipFile, NotImplementedError, OSError, ValueError, LookupError, struct.error,
)  # fmt: skip


class ZipEntry(NamedTuple):
    """Where and how the bytes of a member are stored."""

    header: int
    packed_bytes: int
    size_bytes: int
    method: int
    flags: int
    checksum: int


def walk_zip(file: IO[bytes]) -> Iterator[Member | None]:
    """Yield each member, None for what is no file: folders and links.

    Raises
    ------
    DamagedArchiveError
        When what follows cannot be read.
    """
    try:
        infos = zipfile.ZipFile(file).infolist()
    except _NONSENSE as exc:
        yield from _walk_local_headers(file)
        raise DamagedArchiveError(f"its directory cannot be read ({exc})") from exc
    n_bytes = file.seek(0, 2)
    refused = _overlapping(infos)
    n_unpacked = 0
    for info in infos:
        n_unpacked += info.file_size
        if n_unpacked > most_unpacked(n_bytes):
            detail = f"its members unpack to more than {most_unpacked(n_bytes):,} bytes"
            raise DamagedArchiveError(detail)
        if info.header_offset not in refused:
            yield _member(info)
    if refused:
        raise DamagedArchiveError("some of its members share their bytes with others")


def _overlapping(infos: Sequence[zipfile.ZipInfo]) -> set[int]:
    """Return where the members begin that reach into another one: a few bytes would be many files.

    A directory that names a member twice makes no sense either.
    """
    refused = set()
    end = 0
    last: zipfile.ZipInfo | None = None
    for info in sorted(infos, key=lambda info: info.header_offset):
        if last and info.header_offset < end:
            refused |= {last.header_offset, info.header_offset}
        reach = info.header_offset + _LOCAL_HEADER.size + info.compress_size
        if reach >= end:
            end, last = reach, info
    return refused


def _walk_local_headers(file: IO[bytes]) -> Iterator[Member]:
    """Yield the members whose own headers give their end: those of a truncated zip."""
    offset = 0
    while True:
        file.seek(offset)
        header = file.read(_LOCAL_HEADER.size)
        if len(header) < _LOCAL_HEADER.size or not header.startswith(_LOCAL_MAGIC):
            return
        fields = _LOCAL_HEADER.unpack(header)
        _, _, flags, method, time, date, checksum, packed, size, n_name, n_extra = fields
        if flags & _SIZES_FOLLOW or _UNKNOWN_SIZE in (packed, size):
            return
        name = file.read(n_name).decode("utf-8" if flags & _IS_UTF8 else "cp437", "replace")
        info = zipfile.ZipInfo(name, _date_of(date, time))
        info.flag_bits, info.compress_type, info.CRC = flags, method, checksum
        info.compress_size, info.file_size, info.header_offset = packed, size, offset
        offset += _LOCAL_HEADER.size + n_name + n_extra + packed
        if file.seek(0, 2) < offset:
            return
        if member := _member(info):
            yield member


def _date_of(date: int, time: int) -> tuple[int, int, int, int, int, int]:
    year, month, day = (date >> 9) + 1980, date >> 5 & 15, date & 31
    return year, month, day, time >> 11, time >> 5 & 63, 2 * (time & 31)


def _member(info: zipfile.ZipInfo) -> Member | None:
    if not info.filename or info.is_dir() or stat.S_ISLNK(info.external_attr >> 16):
        return None
    if max(info.header_offset, info.compress_size, info.file_size) >= MOST_SIZE:
        raise DamagedArchiveError("a member has a size that cannot be")
    entry = ZipEntry(
        header=info.header_offset,
        packed_bytes=info.compress_size,
        size_bytes=info.file_size,
        method=info.compress_type,
        flags=info.flag_bits,
        checksum=info.CRC,
    )
    return Member(_name(info), CachedStat(Stamp(info.file_size, _mtime_ns(info)), entry))


def _name(info: zipfile.ZipInfo) -> str:
    """Return the name; many programs write UTF-8 without saying so."""
    if info.flag_bits & _IS_UTF8:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _mtime_ns(info: zipfile.ZipInfo) -> int:
    """Return the time of change in seconds, and the checksum in the place of nanoseconds."""
    try:
        seconds = int(datetime.datetime(*info.date_time, tzinfo=datetime.UTC).timestamp())
    except ValueError:  # the 0th of month 0, as some programs write
        seconds = 0
    return seconds * 10**9 + info.CRC % 10**9


def unpack(file: IO[bytes], entry: ZipEntry, n_bytes: int) -> bytes:
    """Return the first `n_bytes` of a member; all of them are checked against its checksum.

    Raises
    ------
    ImageError
        When it is encrypted, packed in a way that is not known here, or damaged.
    """
    if entry.flags & _IS_ENCRYPTED:
        raise ImageError("encrypted in its zip", reason=Reason.UNSUPPORTED)
    n_wanted = min(n_bytes, entry.size_bytes)
    unpacker = decompressor(entry.method, n_wanted)
    if unpacker is None and entry.method != zipfile.ZIP_STORED:
        method = method_name(entry.method)
        raise ImageError(f"packed by {method} in its zip", reason=Reason.UNSUPPORTED)
    _seek_to_data(file, entry)
    data = _unpacked(file, entry, n_wanted, unpacker) if unpacker else file.read(n_wanted)
    if n_bytes >= entry.size_bytes and zlib.crc32(data) != entry.checksum:
        raise ImageError("its checksum in the zip does not fit", reason=Reason.DECODE_ERROR)
    return data


def _seek_to_data(file: IO[bytes], entry: ZipEntry) -> None:
    file.seek(entry.header)
    header = file.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size or not header.startswith(_LOCAL_MAGIC):
        raise ImageError("its header in the zip is damaged", reason=Reason.DECODE_ERROR)
    *_, n_name, n_extra = _LOCAL_HEADER.unpack(header)
    file.seek(n_name + n_extra, 1)


def _unpacked(file: IO[bytes], entry: ZipEntry, n_bytes: int, unpacker: Decompressor) -> bytes:
    """Return `n_bytes` of a member's data; no more is unpacked, whatever the data would give."""
    parts: list[bytes] = []
    n_left, n_packed = n_bytes, entry.packed_bytes
    while n_left and not unpacker.eof:
        packed = file.read(min(n_packed, _CHUNK_BYTES)) if unpacker.needs_input else b""
        n_packed -= len(packed)
        try:
            part = unpacker.decompress(packed, n_left)
        except UNPACKING_FAULTS as exc:
            raise ImageError(f"damaged in its zip: {exc}", reason=Reason.DECODE_ERROR) from exc
        if not packed and not part:
            break
        parts.append(part)
        n_left -= len(part)
    if n_left:
        raise ImageError("cut short in its zip", reason=Reason.TRUNCATED)
    return b"".join(parts)
