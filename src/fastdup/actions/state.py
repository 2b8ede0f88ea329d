"""What a file is on disk now, compared with what is known of it."""

import errno
import os
import stat
from enum import StrEnum

from fastdup.actions.candidate import UNKNOWN_TIME, Candidate
from fastdup.quantities import counted
from fastdup.sources import is_url
from fastdup.sources.base import stamp_of_state


class LeftAlone(StrEnum):
    """Why a file is not acted on; the value is read by a person after "left alone"."""

    ELSEWHERE = "inside archives, buckets or videos"
    LINK = "symbolic links"
    CHANGED = "changed since the run"
    MISSING = "no longer there"
    NEVER = "in folders that are never touched"
    KEPT_ALWAYS = "always kept, as you decided"
    NOT_COPIES = "pairs that are not copies, as you decided"
    BYTES_DIFFER = "similar, but not of the same bytes"
    SAME_FILE = "other names of the file that is kept"
    NO_KEPT = "whose kept copy is gone, changed or unreadable"
    NOT_THE_SAME = "no longer the same picture as the file that is kept"
    NO_COPY = "that you decided to remove, but no copy stays; --what chosen removes those too"
    EDITED = "pairs of edited versions"
    PART_OF = "pairs of which one shows a part of the other"
    FOLDERS = "pairs that --across or --within leaves out"
    ALTERED = "pairs with something changed in the picture"
    KEPT_LACKS = (
        "with a companion that the kept file lacks; --carry-companions moves it to the kept file"
    )
    KEPT_DIFFERS = "with a companion that differs from that of the kept file"
    KEPT_HAS_SIDECAR = "with metadata that the kept file lacks, where a sidecar is in the way"
    HAS_CONTENT = "with a raw file, a film or a sound beside it"
    NAMESAKES = "videos with other files of their name beside them"
    NOT_BROKEN = "that can be read after all"
    COMPANION = "whose companions stay, or are not as they were planned"
    REFUSED = "refused by the system"

    def of(self, n: int) -> str:
        """Return the number and the reason, as they are read: "1 symbolic link"."""
        return counted(n, _OF_ONE.get(self, self.value), self.value)

    @property
    def is_failure(self) -> bool:
        """Return whether it was meant to be acted on, and could not be."""
        return self is LeftAlone.REFUSED


#: The same of a single file or pair, where that reads otherwise.
_OF_ONE = {
    LeftAlone.LINK: "symbolic link",
    LeftAlone.NOT_COPIES: "pair that is not a copy, as you decided",
    LeftAlone.SAME_FILE: "other name of the file that is kept",
    LeftAlone.EDITED: "pair of edited versions",
    LeftAlone.PART_OF: "pair of which one shows a part of the other",
    LeftAlone.FOLDERS: "pair that --across or --within leaves out",
    LeftAlone.ALTERED: "pair with something changed in the picture",
    LeftAlone.NAMESAKES: "video with other files of its name beside it",
}


def state_of(known: Candidate, *, not_after_ns: int | None = None) -> os.stat_result | LeftAlone:
    """Return the file's state when it is the plain file that is known, else why not to touch it.

    Parameters
    ----------
    known : Candidate
        A negative size, and the time `UNKNOWN_TIME`, are not known.
    not_after_ns : int or None
        Where the time of change is not known: the latest that it may be.
    """
    if is_url(known.path):
        return LeftAlone.ELSEWHERE
    try:
        found = os.lstat(known.path)
    except OSError as exc:
        is_inside = exc.errno == errno.ENOTDIR or _is_frame(known.path)
        return LeftAlone.ELSEWHERE if is_inside else LeftAlone.MISSING
    except ValueError:  # a zero byte in the name
        return LeftAlone.MISSING
    if stat.S_ISLNK(found.st_mode):
        return LeftAlone.LINK
    if not stat.S_ISREG(found.st_mode):
        return LeftAlone.CHANGED
    if known.size_bytes >= 0 and found.st_size != known.size_bytes:
        return LeftAlone.CHANGED
    if known.mtime_ns == UNKNOWN_TIME:
        is_later = not_after_ns is not None and found.st_mtime_ns > not_after_ns
        return LeftAlone.CHANGED if is_later else found
    # A run stores the times of a few centuries only; others as what is nearest to them.
    times_ns = (found.st_mtime_ns, stamp_of_state(found).mtime_ns)
    return found if known.mtime_ns in times_ns else LeftAlone.CHANGED


def stat_of(path: str, *, follow_symlinks: bool = True) -> os.stat_result | None:
    """Return the state of what has this name, None when nothing is found."""
    try:
        return os.stat(path, follow_symlinks=follow_symlinks)
    except OSError:
        return None


def _is_frame(path: str) -> bool:
    """Return whether a path names a moment of a video: ``clip.mp4#t=12.480``."""
    video, mark, _ = path.rpartition("#t=")
    return bool(mark) and os.path.isfile(video)


def same_file(one: os.stat_result, other: os.stat_result) -> bool:
    """Return whether two states are of one file: names of the same inode."""
    return (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)
