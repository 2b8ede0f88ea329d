"""Which files are archives, by their content."""

from enum import Enum

_HEAD_BYTES = 512
_EMPTY_ZIP = b"PK\x05\x06"


class ArchiveFormat(Enum):
    """How an archive is packed."""

    TAR = "tar"
    TAR_GZ = "tar.gz"
    TAR_BZ2 = "tar.bz2"
    TAR_XZ = "tar.xz"
    ZIP = "zip"


_MAGIC = (
    (0, b"PK\x03\x04", ArchiveFormat.ZIP),
    (0, _EMPTY_ZIP, ArchiveFormat.ZIP),
    (0, b"\x1f\x8b", ArchiveFormat.TAR_GZ),
    (0, b"BZh", ArchiveFormat.TAR_BZ2),
    (0, b"\xfd7zXZ\x00", ArchiveFormat.TAR_XZ),
    (257, b"ustar", ArchiveFormat.TAR),
)


def format_of_head(head: bytes) -> ArchiveFormat | None:
    """Return how the archive that begins with `head` is packed, None when it is none."""
    for position, magic, kind in _MAGIC:
        if head.startswith(magic, position):
            return kind
    return ArchiveFormat.TAR if _is_old_tar_header(head[:_HEAD_BYTES]) else None


def _is_old_tar_header(head: bytes) -> bool:
    """Return whether `head` is a tar header of before 1988: no magic, but the right checksum."""
    if len(head) < _HEAD_BYTES or not head[0]:
        return False
    try:
        checksum = int(head[148:156].strip(b" \0") or b"-1", 8)
    except ValueError:
        return False
    return checksum == sum(head[:148]) + 8 * ord(" ") + sum(head[156:])
