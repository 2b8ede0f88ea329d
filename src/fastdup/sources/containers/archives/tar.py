"""The members of a tar, walked header by header."""

import tarfile
from collections.abc import Iterator, Sequence
from typing import IO, BinaryIO, cast

from fastdup.sources.base import Stamp
from fastdup.sources.containers.archives.forward_stream import DAMAGE, ForwardFile
from fastdup.sources.containers.archives.members import MOST_SIZE, DamagedArchiveError, Member
from fastdup.sources.stat_cache import CachedStat

#: A header larger than this is none: such a one, of zeros, would fill the memory.
_MOST_HEADER_BYTES = 2**24
#: All that tarfile raises on headers that make no sense.
_NONSENSE = (*DAMAGE, tarfile.TarError, ValueError, LookupError, RecursionError)


def walk_tar(
    file: BinaryIO | ForwardFile, mtime_ns: int, n_bytes: int | None = None
) -> Iterator[Member | None]:
    """Yield each member, None for what is no file: folders, links, devices.

    The place of a member is the offset of its bytes; for a file with holes, then start and size of
    each part that is no hole. A tar has no checksum of its members, so they change with the
    archive: they have its time of change.

    Parameters
    ----------
    file : binary file
        The tar; sought forward only.
    mtime_ns : int
        Time of change of the archive.
    n_bytes : int or None
        Size of the tar; None where seeking finds out where it ends.

    Raises
    ------
    DamagedArchiveError
        When what follows cannot be read.
    """
    source = _Headers(file, n_bytes)
    try:
        tar = tarfile.TarFile(
            fileobj=cast(IO[bytes], source), encoding="utf-8", errors="surrogateescape"
        )
    except _NONSENSE as exc:
        raise DamagedArchiveError(_text(exc)) from exc
    member = tar.firstmember  # type: ignore[attr-defined]
    while member is not None:
        # A negative size would lead in a circle, a huge one cannot be stored.
        if tar.offset <= member.offset or not 0 <= member.size < MOST_SIZE:
            raise DamagedArchiveError("a member has a size that cannot be")
        yield _member(member, mtime_ns)
        tar.members.clear()  # type: ignore[attr-defined]
        member = _next(tar, source)


def _next(tar: tarfile.TarFile, source: "_Headers") -> tarfile.TarInfo | None:
    """Return the next member, None at the end; blocks of zeros between tars are passed over."""
    while True:
        try:
            if source.seek(tar.offset) < tar.offset:
                raise DamagedArchiveError("it ends inside its last member")
            return tarfile.TarInfo.fromtarfile(tar)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
            tar.offset += tarfile.BLOCKSIZE
        except tarfile.EmptyHeaderError:  # type: ignore[attr-defined]
            return None
        except _NONSENSE as exc:
            raise DamagedArchiveError(_text(exc)) from exc


def _member(info: tarfile.TarInfo, mtime_ns: int) -> Member | None:
    if info.islnk():
        return Member(info.name, None, info.linkname)
    if not info.isreg():
        return None
    parts = getattr(info, "sparse", None) or ()
    place = (info.offset_data, *(number for part in parts for number in part))
    return Member(info.name, CachedStat(Stamp(info.size, mtime_ns), place))


def segments_of(place: Sequence[int], n_bytes: int) -> Iterator[tuple[int, int, int]]:
    """Yield what the first `n_bytes` of a file with holes have besides zeros.

    Returns
    -------
    iterator of (start, offset, n)
        `n` bytes from `start` on are those at `offset` in the tar.
    """
    offset, *parts = place
    for start, size in zip(parts[::2], parts[1::2], strict=True):
        n = min(size, n_bytes - start)
        if n > 0:
            yield start, offset, n
        offset += size


class _Headers:
    """What tarfile reads headers from: refuses to read what no header is as large as."""

    def __init__(self, file: BinaryIO | ForwardFile, n_bytes: int | None) -> None:
        self._file = file
        self._n_bytes = n_bytes
        self.tell = file.tell

    def seek(self, offset: int) -> int:
        return self._file.seek(offset if self._n_bytes is None else min(offset, self._n_bytes))

    def read(self, n_bytes: int) -> bytes:
        if not 0 <= n_bytes <= _MOST_HEADER_BYTES:
            raise tarfile.ReadError(f"a header of {n_bytes:,} bytes")
        return self._file.read(n_bytes)


def _text(exc: BaseException) -> str:
    return str(exc) or type(exc).__name__
