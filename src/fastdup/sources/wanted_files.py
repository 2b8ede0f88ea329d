"""Which of the files at a place are listed: patterns, sizes, dates, and what systems keep aside.

A pattern is one of the shell's: ``*`` and ``?`` stand for anything but a slash, ``**`` for that
too. Without a slash it fits the name of a file, or of any folder above it; with one, the end of a
path or of a folder's path; with a leading slash, the path from the place on. Capitals and small
letters are the same.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from fastdup.config import RunConfig
from fastdup.sources.base import UNREACHABLE, Stamp

#: Folders in which systems and programs keep what was deleted, previews and the like.
SYSTEM_FOLDERS = frozenset(
    {
        "#recycle", "#snapshot", "$recycle.bin", ".@__thumb", ".dtrash", ".fseventsd", ".snapshot",
        ".spotlight-v100", ".stversions", ".thumbnails", ".trash", ".trashes", "@eadir",
        "@recently-snapshot", "@recycle", "__macosx", "lost+found", "recycled", "recycler",
        "system volume information", "~snapshot",
    }
)  # fmt: skip
#: What the folder of deleted files on other disks is called, followed by the user's number.
_TRASH = ".trash-"


def is_system_folder(name: str) -> bool:
    """Return whether systems keep deleted files, previews and the like in folders of this name."""
    lower = name.lower()
    return lower in SYSTEM_FOLDERS or lower.startswith(_TRASH)


def is_in_system_folder(path: str) -> bool:
    """Return whether a path leads through such a folder."""
    return any(map(is_system_folder, path.split("/")[:-1]))


@dataclass(frozen=True)
class WantedFiles:
    """Which files are listed; everything by default.

    Attributes
    ----------
    exclude, include : tuple of str
        Patterns of what is left out, and of what alone is listed.
    min_bytes : int
        Smallest size listed.
    newer_ns, older_ns : int or None
        Time of change from which on, and before which, files are listed, in nanoseconds.
    """

    exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    min_bytes: int = 0
    newer_ns: int | None = None
    older_ns: int | None = None

    @classmethod
    def of(cls, config: RunConfig) -> "WantedFiles":
        """Return what a run selects."""
        return cls(
            exclude=config.exclude,
            include=config.include,
            min_bytes=config.min_size,
            newer_ns=config.newer_ns,
            older_ns=config.older_ns,
        )

    @property
    def is_by_stamp(self) -> bool:
        """Whether sizes and times are looked at."""
        return bool(self.min_bytes) or (self.newer_ns, self.older_ns) != (None, None)

    def enters(self, folder: str) -> bool:
        """Return whether a folder, by its path from the place on, may hold files to list."""
        return not (self.exclude and self._excluded.search(f"/{folder}/"))

    def takes(self, path: str) -> bool:
        """Return whether a file, by its path from the place on, is listed."""
        if self.exclude and self._excluded.search(f"/{path}"):
            return False
        return not self.include or self._included.search(f"/{path}") is not None

    def takes_stamp(self, stamp: Stamp) -> bool:
        """Return whether a file of this size and time is listed; so is one that nobody can read."""
        if stamp == UNREACHABLE:
            return True
        if stamp.size_bytes < self.min_bytes:
            return False
        if self.newer_ns is not None and stamp.mtime_ns < self.newer_ns:
            return False
        return self.older_ns is None or stamp.mtime_ns < self.older_ns

    @cached_property
    def _excluded(self) -> re.Pattern[str]:
        return _compiled(self.exclude)

    @cached_property
    def _included(self) -> re.Pattern[str]:
        return _compiled(self.include)


#: Lists everything.
EVERYTHING = WantedFiles()


def _compiled(patterns: Sequence[str]) -> re.Pattern[str]:
    """Return one expression that fits paths which begin with a slash."""
    return re.compile("|".join(map(_expression, patterns)), re.IGNORECASE | re.DOTALL)


def _expression(pattern: str) -> str:
    start = "^/" if pattern.startswith("/") else "/"
    body = pattern.strip("/")
    # What is in a file, such as a moment of a video, belongs to it.
    end = "/" if pattern.endswith("/") else "(?:[/#]|$)"
    return start + "".join(map(_part, re.split(r"(\*\*/|\*\*|\*|\?|\[[^]/]+\])", body))) + end


def _part(token: str) -> str:
    match token:
        case "**/":
            return "(?:[^/]+/)*"
        case "**":
            return ".*"
        case "*":
            return "[^/]*"
        case "?":
            return "[^/]"
        case _ if token.startswith("[") and token.endswith("]"):
            return _characters(token[1:-1])
        case _:
            return re.escape(token)


def _characters(inside: str) -> str:
    """Return the expression of one of some characters, or of none of them after ``!``."""
    is_none_of = inside.startswith("!")
    listed = re.sub(r"([\\\[\]^])", r"\\\1", inside[is_none_of:])
    return f"[^/{listed}]" if is_none_of else f"[{listed}]"
