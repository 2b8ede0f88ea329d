"""Which files are archives: told by the ending of the name, and made sure of by the content."""

import re
from collections.abc import Iterator
from enum import Enum

from fastdup.sources.files import Files

#: How the names of archives end.
ENDING = re.compile(r"\.(?:tar|tgz|tar\.gz|tbz2?|tar\.bz2|txz|tar\.xz|zip)(?=/|$)", re.IGNORECASE)
_HEAD_BYTES = 512
_EMPTY_ZIP = b"PK\x05\x06"


class Kind(Enum):
    """How an archive is packed."""

    TAR = "tar"
    TAR_GZ = "tar.gz"
    TAR_BZ2 = "tar.bz2"
    TAR_XZ = "tar.xz"
    ZIP = "zip"


_MAGIC = (
    (0, b"PK\x03\x04", Kind.ZIP),
    (0, _EMPTY_ZIP, Kind.ZIP),
    (0, b"\x1f\x8b", Kind.TAR_GZ),
    (0, b"BZh", Kind.TAR_BZ2),
    (0, b"\xfd7zXZ\x00", Kind.TAR_XZ),
    (257, b"ustar", Kind.TAR),
)


def may_be_archive(name: str) -> bool:
    """Tell whether the name of a file ends like an archive's."""
    return any(found.end() == len(name) for found in ENDING.finditer(name))


def paths_to_archives(path: str) -> Iterator[str]:
    """Yield each beginning of `path` that may be an archive by its name, the shortest first."""
    for found in ENDING.finditer(path):
        yield path[: found.end()]


def archive_kind(path: str, files: Files) -> Kind | None:
    """Return how the archive at `path` is packed; None when there is none, whatever its name."""
    try:
        head = files.head(path, _HEAD_BYTES)
    except (OSError, ValueError):
        return None
    return kind_of_head(head)


def kind_of_head(head: bytes) -> Kind | None:
    """Return how the archive that begins with `head` is packed, None when it is none."""
    for position, magic, kind in _MAGIC:
        if head.startswith(magic, position):
            return kind
    return Kind.TAR if _is_old_tar_header(head[:_HEAD_BYTES]) else None


def _is_old_tar_header(head: bytes) -> bool:
    """Tell whether a tar header of before 1988, which has no magic, has its checksum right."""
    if len(head) < _HEAD_BYTES or not head[0]:
        return False
    try:
        told = int(head[148:156].strip(b" \0") or b"-1", 8)
    except ValueError:
        return False
    return told == sum(head[:148]) + 8 * ord(" ") + sum(head[156:])
