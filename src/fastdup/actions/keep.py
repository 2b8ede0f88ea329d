"""Which of several copies to keep: the rules, and the order that each of them makes.

Every rule orders all copies, without ties: where the rule itself sees no difference, more pixels
win, then more bytes, then the shorter path, then the path whose bytes come first.
"""

import difflib
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from fastdup.errors import ConfigError

Folders = str | os.PathLike[str] | Collection[str | os.PathLike[str]]


#: Stands for a time of change that is not known; no file has it.
UNKNOWN_TIME = -(2**63)


class Candidate(NamedTuple):
    """A file that may be kept or go, and what the rules look at.

    Attributes
    ----------
    path : str
        Full path.
    width, height : int
        Pixels of the upright picture.
    size_bytes, mtime_ns : int
        Size of the file, and time of its last change.
    blur : float
        Variance of the Laplacian: small when blurred.
    """

    path: str
    width: int
    height: int
    size_bytes: int
    mtime_ns: int
    blur: float


class Rule(NamedTuple):
    """A rule: the words for it, and a key that is smallest for the copy to keep."""

    words: str
    key: Callable[[Candidate], Any]


#: Name → rule, in the order in which a person is offered them.
KEEP_RULES: Mapping[str, Rule] = {
    "largest": Rule("most pixels, then most bytes", lambda copy: 0),
    "sharpest": Rule("least blurred", lambda copy: -copy.blur),
    "oldest": Rule("changed the longest time ago", lambda copy: copy.mtime_ns),
    "newest": Rule("changed last", lambda copy: -copy.mtime_ns),
    "shortest-path": Rule("shortest full path", lambda copy: len(os.fsencode(copy.path))),
}
DEFAULT_KEEP = "largest"


def choose(
    copies: Sequence[Candidate], keep: str = DEFAULT_KEEP, prefer: Collection[str] = ()
) -> Candidate:
    """Return the copy to keep.

    Parameters
    ----------
    copies : sequence of Candidate
        At least one.
    keep : str
        A name in `KEEP_RULES`.
    prefer : collection of str
        Folders: a copy below one of them wins over all others, whatever the rule says.

    Raises
    ------
    ConfigError
        When there is no such rule.
    """
    return min(copies, key=keep_order(keep, prefer))


def keep_order(
    keep: str = DEFAULT_KEEP, prefer: Collection[str] = ()
) -> Callable[[Candidate], tuple[Any, ...]]:
    """Return a key that sorts copies, the one to keep first; parameters as for `choose`."""
    rule, folders = find_rule(keep), full_paths(prefer)

    def key(copy: Candidate) -> tuple[Any, ...]:
        name = os.fsencode(copy.path)
        size = -copy.width * copy.height, -copy.size_bytes
        return not is_below(copy.path, folders), rule.key(copy), *size, len(name), name

    return key


def find_rule(keep: str) -> Rule:
    """Return the rule called `keep`; underscores are as good as dashes.

    Raises
    ------
    ConfigError
        When there is none, naming those there are.
    """
    rule = KEEP_RULES.get(str(keep).replace("_", "-"))
    if rule is None:
        nearest = difflib.get_close_matches(str(keep), KEEP_RULES, n=1)
        raise ConfigError(
            f"keep={keep!r} is not allowed: choose from {', '.join(KEEP_RULES)}; "
            f"try keep={(nearest or [DEFAULT_KEEP])[0]!r}"
        )
    return rule


def existing(option: str, folders: Folders) -> list[str]:
    """Return `full_paths`, and refuse what is not there: a misspelt folder would protect nothing.

    Raises
    ------
    ConfigError
        Names the option and the folder.
    """
    names = full_paths(folders)
    for name in names:
        if not os.path.exists(name):
            raise ConfigError(f"{option}={name!r}: there is no such folder or file")
    return names


def full_paths(folders: Folders) -> list[str]:
    """Return folders as full paths, each also as it is when its links are followed."""
    given = [folders] if isinstance(folders, str | os.PathLike) else folders
    names = [os.path.abspath(folder) for folder in given]
    return list(dict.fromkeys([*names, *map(os.path.realpath, names)]))


def is_below(path: str, folders: Collection[str]) -> bool:
    """Tell whether a file is one of these full paths, or below one."""
    return any(path == folder or path.startswith(os.path.join(folder, "")) for folder in folders)
