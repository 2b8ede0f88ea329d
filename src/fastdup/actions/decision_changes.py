"""How decisions change: more of them, and fewer. Pure functions."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import count

from fastdup.workdir.decision_file import KEEP, NOT_COPIES, DecidedFile, DecisionColumns

#: Of a file on which nothing was decided.
_NO_NUMBERS: frozenset[int] = frozenset()


def with_more(known: DecisionColumns, groups: Iterable[Sequence[DecidedFile]]) -> DecisionColumns:
    """Return the decisions with more of them, each with a number of its own.

    Parameters
    ----------
    known : DecisionColumns
    groups : iterable of sequences of DecidedFile
        The files of each decision, whatever their numbers. What is known already, or says
        nothing, is left out.
    """
    index = _Index(known)
    numbers = count(max(known.numbers, default=0) + 1)
    new: list[DecidedFile] = []
    for group in groups:
        files = list({file.digest: file for file in group}.values())
        if not index.knows(files):
            number = next(numbers)
            files = [file._replace(number=number) for file in files]
            index.add(files)
            new += files
    return known.with_rows(new)


def groups_of(decided: DecisionColumns) -> Iterator[Sequence[DecidedFile]]:
    """Yield the files of each decision: those of one number, or one file that is kept."""
    groups: dict[tuple[int, str], list[DecidedFile]] = {}
    for file in decided.rows():
        groups.setdefault((file.number, file.decision), []).append(file)
    for (_, decision), files in groups.items():
        yield from ([file] for file in files) if decision == KEEP else [files]


def without(
    chosen: Sequence[tuple[str, str]],
    only: str | None,
    known: DecisionColumns,
    *,
    is_star: bool = False,
) -> DecisionColumns:
    """Return the decisions without those on some files.

    Parameters
    ----------
    chosen : sequence of (path, digest)
        One file: all that was decided on it goes. Several: what was decided between them goes,
        and that they are kept. Of files of the same bytes that are kept, the one of that path.
    only : {"not-copies", "keep"} or None
        Only such decisions go.
    known : DecisionColumns
    is_star : bool
        Of several, only what was decided between the first and each of the others goes.
    """
    paths, digests = {path for path, _ in chosen}, {digest for _, digest in chosen}
    kept = {file.path for file in known.rows() if file.decision == KEEP}
    kept_digests = {digest for path, digest in chosen if path not in kept}

    def is_chosen(file: DecidedFile) -> bool:
        of = kept_digests if file.decision == KEEP else digests
        return only in (None, file.decision) and (file.path in paths or file.digest in of)

    left: list[DecidedFile] = []
    smaller: list[Sequence[DecidedFile]] = []
    for files in groups_of(known):
        going = list(filter(is_chosen, files))
        if len(going) < (2 if len(chosen) > 1 and files[0].decision == NOT_COPIES else 1):
            left += files
        elif files[0].decision == NOT_COPIES:
            smaller += _smaller(files, going, chosen, is_star=is_star)
    return with_more(DecisionColumns.of(left), smaller)


def _smaller(
    files: Sequence[DecidedFile],
    going: Sequence[DecidedFile],
    chosen: Sequence[tuple[str, str]],
    *,
    is_star: bool,
) -> list[Sequence[DecidedFile]]:
    """Return what is left of files that were no copies of each other."""
    others = [file for file in files if file not in going]
    if len(chosen) == 1:
        return [others]
    if not is_star:  # each of those that go is still no copy of the others
        return [[*others, file] for file in going]
    centre = [file for file in going if file.path == chosen[0][0] or file.digest == chosen[0][1]]
    if not centre:
        return [files]
    return [[file for file in files if file not in centre], [*others, *centre]]


def without_number(
    number: int, decision: str, digest: str, known: DecisionColumns
) -> DecisionColumns:
    """Return the decisions without that of a number, of files of which one has this content.

    Of files that are kept and share a number, only that one goes.
    """
    left: list[DecidedFile] = []
    for files in groups_of(known):
        first = files[0]
        is_it = (first.number, first.decision) == (number, decision)
        if not (is_it and any(file.digest == digest for file in files)):
            left += files
    return DecisionColumns.of(left)


class _Index:
    """What is decided, by content."""

    def __init__(self, known: DecisionColumns) -> None:
        self._kept: set[tuple[str, str]] = set()
        self._numbers: defaultdict[str, set[int]] = defaultdict(set)
        self.add(known.rows())

    def add(self, files: Iterable[DecidedFile]) -> None:
        for file in files:
            if file.decision == KEEP:
                self._kept.add((file.path, file.digest))
            else:
                self._numbers[file.digest].add(file.number)

    def knows(self, files: Sequence[DecidedFile]) -> bool:
        """Return whether a decision on files of different content is known, or says nothing."""
        if files and files[0].decision == KEEP:
            return (files[0].path, files[0].digest) in self._kept
        if len(files) < 2:
            return True
        numbers = [self._numbers.get(file.digest, _NO_NUMBERS) for file in files]
        return bool(frozenset.intersection(*map(frozenset, numbers)))
