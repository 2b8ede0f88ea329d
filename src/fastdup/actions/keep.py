"""Which of several copies stays and which may go: the rules, and the choice that a person makes.

Every rule orders all copies, without ties: where the rule itself sees no difference, what looks
like the original wins, then more pixels, then more bytes, then the path whose bytes come first.
"""

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from fastdup.actions.candidate import Candidate
from fastdup.actions.offers import check_also, find_limits
from fastdup.actions.original import original_key, reason_for
from fastdup.errors import ConfigError

Folders = str | os.PathLike[str] | Collection[str | os.PathLike[str]]

#: At or above this, two images are almost identical; see docs/cleaning.md.
DEFAULT_THRESHOLD = 0.98


class Rule(NamedTuple):
    """A rule: the words for it, and a key that is smallest for the copy to keep."""

    words: str
    key: Callable[[Candidate], Any]


#: What a file says of its picture; the other fields of `Metadata` say how it is encoded.
_SAID = attrgetter("taken", "camera", "lens", "latitude", "longitude", "rating")


def _count_metadata(copy: Candidate) -> int:
    said = _SAID(copy.metadata)
    is_only_saved = copy.metadata.taken_from == "saved"
    return sum(value not in ("", None) for value in said) - is_only_saved


#: Name → rule, in the order in which a person is offered them.
KEEP_RULES: Mapping[str, Rule] = {
    "original": Rule("what looks like the original", original_key),
    "largest": Rule("most pixels, then most bytes", lambda copy: _size(copy)),
    "largest-file": Rule("most bytes", lambda copy: -copy.size_bytes),
    "sharpest": Rule("least blurred", lambda copy: -copy.blur),
    "oldest": Rule("earliest modified", lambda copy: copy.mtime_ns),
    "newest": Rule("latest modified", lambda copy: -copy.mtime_ns),
    "most-metadata": Rule("most metadata", lambda copy: -_count_metadata(copy)),
    "shortest-path": Rule("shortest full path", lambda copy: len(os.fsencode(copy.path))),
}
DEFAULT_KEEP = "original"


@dataclass(frozen=True, kw_only=True)
class CopyChoice:
    """Which copy of a group stays, and which others may go.

    Attributes
    ----------
    keep : str
        The rule: a name in `KEEP_RULES`; underscores are as good as dashes.
    threshold : float or None
        Smallest similarity of what goes with what stays, 0 to 1, inclusive. None: 0.98, or that
        of the run if it is higher, or if edited copies may go.
    never : tuple of str
        Folders in which nothing may go.
    prefer : tuple of str
        Folders whose files stay rather than others, whatever the rule says.
    exact : bool
        Only files of the very same bytes.
    also : tuple of str
        Kinds of edited copies that may go, names in `ALSO`; "all" stands for each. The same
        picture, saved again or resized, always may; what was altered or is only alike never.
    carry_companions : bool
        A companion of what goes that the kept file lacks is moved there; else its photo stays.
    carry_metadata : bool
        What only the file that goes says of the picture is written to a sidecar of the kept one.
    videos : bool
        Whole videos too.
    what : tuple of str
        Instead of copies: flaws for which files may go, names in `FLAWS`, each perhaps with a limit
        of its own, "blurry=0.05".
    across, within : bool
        Only pairs of images in different top folders, or only pairs in the same one; see
        `fastdup.actions.top_folders`.

    Raises
    ------
    ConfigError
        When there is no such rule or kind, the threshold is no similarity, both `across` and
        `within` are asked for, or a folder is not there: a misspelt folder would protect nothing.
    """

    keep: str = DEFAULT_KEEP
    threshold: float | None = None
    never: tuple[str, ...] = ()
    prefer: tuple[str, ...] = ()
    exact: bool = False
    also: tuple[str, ...] = ()
    carry_companions: bool = False
    carry_metadata: bool = False
    videos: bool = False
    what: tuple[str, ...] = ()
    across: bool = False
    within: bool = False

    def __post_init__(self) -> None:
        """Refuse what makes no sense, whatever the run."""
        object.__setattr__(self, "also", check_also(self.also))
        _find_rule(self.keep)
        if self.threshold is not None:
            check_similarity(self.threshold)
        find_limits(self.what)
        if self.what:
            self._refuse_choice_of_copies()
        if self.across and self.within:
            raise ConfigError("across and within together leave no pairs: choose one of them")
        existing("prefer", self.prefer)
        existing("never", self.never)

    def _refuse_choice_of_copies(self) -> None:
        for known in fields(self):
            is_chosen = getattr(self, known.name) != known.default
            if is_chosen and known.name not in ("what", "never"):
                raise ConfigError(
                    f"what={','.join(self.what)!r} is a plan of its own, without copies: leave out "
                    f"{known.name}"
                )

    def lowest(self, run_threshold: float) -> float:
        """Return the smallest similarity of what goes with what stays, by a run's pairs.

        Parameters
        ----------
        run_threshold : float
            Smallest similarity of the run's pairs.

        Raises
        ------
        ConfigError
            When the run found no pairs that are so little alike.
        """
        if self.threshold is None:
            return run_threshold if self.also else max(DEFAULT_THRESHOLD, run_threshold)
        if self.threshold < run_threshold and not self.exact:
            raise ConfigError(
                f"threshold={self.threshold:g} is below that of the run, {run_threshold:g}, which "
                f"kept no such pairs: run again with threshold={self.threshold:g}"
            )
        return self.threshold

    def sort_key(self) -> Callable[[Candidate], tuple[Any, ...]]:
        """Return a key that sorts copies, the one to keep first."""
        rule, folders = _find_rule(self.keep), full_paths(self.prefer)

        def key(copy: Candidate) -> tuple[Any, ...]:
            is_preferred = is_below(copy.path, folders)
            ties = original_key(copy), *_size(copy), os.fsencode(copy.path)
            return not is_preferred, rule.key(copy), *ties

        return key

    @property
    def is_original(self) -> bool:
        """Whether what looks like the original stays."""
        return _find_rule(self.keep) is KEEP_RULES[DEFAULT_KEEP]

    def reason(self, kept: Candidate, other: Candidate) -> str:
        """Return in words why one copy stays rather than another."""
        folders = full_paths(self.prefer)
        if is_below(kept.path, folders) and not is_below(other.path, folders):
            return "it is in a folder to prefer"
        rule = _find_rule(self.keep)
        if not self.is_original and rule.key(kept) < rule.key(other):
            return f"it is the {self.keep} one: {rule.words}"
        return reason_for(kept, other)

    def protected(self) -> list[str]:
        """Return the full paths of the folders in which nothing may go, for `is_protected`."""
        return full_paths(self.never)


def _size(copy: Candidate) -> tuple[int, int]:
    return -copy.width * copy.height, -copy.size_bytes


def folder_names(folders: Folders) -> tuple[str, ...]:
    """Return one folder, or several, as a tuple of names."""
    given = [folders] if isinstance(folders, str | os.PathLike) else folders
    return tuple(os.fspath(folder) for folder in given)


def kind_names(kinds: str | Collection[str]) -> tuple[str, ...]:
    """Return kinds given as one text, separated by commas, or as several, as a tuple."""
    texts = [kinds] if isinstance(kinds, str) else kinds
    return tuple(name for text in texts for name in text.split(",") if name.strip())


def check_similarity(threshold: float) -> None:
    """Refuse a threshold that is no similarity.

    Raises
    ------
    ConfigError
        What was given, and what to type.
    """
    if not 0 <= threshold <= 1:  # false for NaN too
        raise ConfigError(
            f"threshold={threshold!r} is not allowed: a similarity lies between 0 and 1; "
            f"try threshold={threshold / 100 if 1 < threshold <= 100 else DEFAULT_THRESHOLD}"
        )


def existing(option: str, folders: Folders) -> list[str]:
    """Return `full_paths`, and refuse what is not there.

    Raises
    ------
    ConfigError
        Names the option and the folder.
    """
    for name in map(os.path.abspath, folder_names(folders)):
        if not os.path.exists(name):  # which takes any text; following links does not
            raise ConfigError(f"{option}={name!r}: there is no such folder or file")
    return full_paths(folders)


def full_paths(folders: Folders) -> list[str]:
    """Return folders as full paths, each also as it is when its links are followed."""
    names = list(map(os.path.abspath, folder_names(folders)))
    return list(dict.fromkeys([*names, *map(os.path.realpath, names)]))


def is_below(path: str, folders: Collection[str]) -> bool:
    """Return whether a file is one of these full paths, or below one."""
    return any(path == folder or path.startswith(os.path.join(folder, "")) for folder in folders)


def is_protected(path: str, never: Collection[str]) -> bool:
    """Return whether a file lies below one of these full paths, its folder's links followed."""
    folder, name = os.path.split(path)
    return bool(never) and (
        is_below(path, never) or is_below(os.path.join(_real_folder(folder), name), never)
    )


@lru_cache(maxsize=2**14)
def _real_folder(folder: str) -> str:
    return os.path.realpath(folder)


def _find_rule(keep: str) -> Rule:
    rule = KEEP_RULES.get(str(keep).replace("_", "-"))
    if rule is None:
        raise ConfigError.not_among("keep", keep, KEEP_RULES, DEFAULT_KEEP)
    return rule
