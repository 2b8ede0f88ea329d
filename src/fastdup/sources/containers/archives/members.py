"""The members of an archive, and the names that they get in a listing."""

from typing import NamedTuple

from fastdup.sources.stat_cache import CachedStat

#: What stands for a step upwards in a member's name, so that no name leads out of its archive.
PARENT = "%2E%2E"


#: A whole archive is not unpacked to more than so many times its size, if that is more than …
MOST_UNPACKED_RATIO = 1000
#: … this: a few kilobytes packed by bzip2 or LZMA, over and over, can give terabytes.
LEAST_UNPACKED_BYTES = 2**30
#: Sizes and offsets are stored as 64-bit numbers; this is more than any of them.
MOST_SIZE = 2**62


def most_unpacked(packed_bytes: int) -> int:
    """Return how many bytes an archive of this size may unpack to, all members together."""
    return max(LEAST_UNPACKED_BYTES, MOST_UNPACKED_RATIO * packed_bytes)


class Member(NamedTuple):
    """A file inside an archive.

    Attributes
    ----------
    name : str
        As the archive has it.
    stat : CachedStat or None
        Size, time and place; None for a hard link, which has those of its target.
    target : str
        The name that a hard link leads to.
    """

    name: str
    stat: CachedStat | None
    target: str = ""


class DamagedArchiveError(Exception):
    """An archive cannot be read beyond the members listed so far; never leaves this package."""


def safe_name(name: str) -> str:
    """Return a member's name as a plain path below its archive.

    Leading slashes, empty parts and ``.`` are dropped; ``..`` becomes ``%2E%2E``.
    """
    parts = (part for part in name.split("/") if part not in ("", "."))
    return "/".join(PARENT if part == ".." else part for part in parts)


def is_hidden(name: str) -> bool:
    """Return whether a part of the name begins with a dot, as in ``__MACOSX/._a.jpg``."""
    return any(part.startswith(".") for part in name.split("/"))
