"""How many files a run could not use, and of which kinds: broken, unsupported, or no images."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from fastdup.errors import MISSING_EXTRA, Reason, SourceError
from fastdup.sources.local_reader import IS_FOLDER
from fastdup.sources.side_files import ending_of
from fastdup.workdir import WorkDir
from fastdup.workdir.features import bad_rows

#: Endings of side files that are named in the summary; the rest is one number.
_ENDINGS_NAMED = 5
#: Reasons of files that are not broken, in words, in the order of the summary.
_OTHERS = {
    Reason.NOT_FOUND: "not found or not readable",
    Reason.NO_ACCESS: "not found or not readable",
    Reason.TIMEOUT: "not found or not readable",
    Reason.UNSUPPORTED: "unsupported",
    Reason.NO_CONTENT: "fully transparent",
    Reason.TOO_SMALL: "too small",
}


@dataclass(frozen=True)
class BadCounts:
    """The files that a run could not use.

    Attributes
    ----------
    others : mapping of str to int
        What they are, in words → number of files that are neither broken nor side files.
    side_files : mapping of str to int
        Ending → number of files that are not meant to be images; "" for those without an ending.
    missing_extras : mapping of str to int
        What to install → number of files that it would make readable.
    """

    others: Mapping[str, int] = field(default_factory=dict)
    side_files: Mapping[str, int] = field(default_factory=dict)
    missing_extras: Mapping[str, int] = field(default_factory=dict)

    @property
    def n_side_files(self) -> int:
        """Number of files that are not meant to be images."""
        return sum(self.side_files.values())

    def words(self, n_bad: int) -> str:
        """Return the numbers in words, of `n_bad` bad files: "4 broken, 2 not images (2 .xmp)"."""
        n_broken = n_bad - sum(self.others.values()) - self.n_side_files
        counts = [f"{n_broken:,} broken"]
        counts += [f"{count:,} {words}" for words, count in self.others.items()]
        if self.side_files:
            noun = "not an image" if self.n_side_files == 1 else "not images"
            counts.append(f"{self.n_side_files:,} {noun} ({', '.join(self._kinds())})")
        return ", ".join(counts)

    def _kinds(self) -> Iterator[str]:
        """Yield the numbers of side files by ending, the most first."""
        common = sorted(self.side_files.items(), key=lambda item: (-item[1], item[0]))
        n_named = _ENDINGS_NAMED if len(common) > _ENDINGS_NAMED + 1 else len(common)
        for ending, count in common[:n_named]:
            yield f"{count:,} {ending or 'without an ending'}"
        if n_others := sum(count for _, count in common[n_named:]):
            yield f"{n_others:,} others"


def count_bad(work: WorkDir) -> tuple[int, BadCounts]:
    """Return how many files an extraction could not use, and of which kinds they are."""
    n_bad, others = 0, Counter[str]()
    side_files, missing = Counter[str](), Counter[str]()
    for name, reason, detail in bad_rows(work):
        n_bad += 1
        if reason in _OTHERS:
            others[_OTHERS[Reason(reason)]] += 1
        elif reason == Reason.SIDE_FILE:
            side_files[ending_of(name)] += 1
        if reason == Reason.UNSUPPORTED and MISSING_EXTRA in detail:
            missing[detail] += 1
    ordered = {words: others[words] for words in _OTHERS.values() if words in others}
    return n_bad, BadCounts(ordered, side_files, missing)


def require_some_found(work: WorkDir, list_name: str) -> None:
    """Check that one of the files is there that a list names, and that they are files.

    Raises
    ------
    SourceError
        When none is: then the list is in a form that was not understood.
    """
    first = next(bad_rows(work), None)
    if first is None:
        return
    if all(detail == IS_FOLDER for _, _, detail in bad_rows(work)):
        raise SourceError(
            f"{list_name} names nothing but folders, such as {first[0]!r}: give these as inputs"
        )
    if all(reason == Reason.NOT_FOUND for _, reason, _ in bad_rows(work)):
        raise SourceError(
            f"none of the files that {list_name} names is there, such as {first[0]!r}: write one "
            "path per line, in full, or relative to the list file or the current folder"
        )
