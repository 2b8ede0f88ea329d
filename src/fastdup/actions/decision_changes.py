"""How decisions change: more of them, and fewer. Pure functions."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import count

from fastdup.workdir.decision_file import (
    NOT_COPIES,
    ON_ONE_FILE,
    DecidedFile,
    DecisionColumns,
)

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
    groups = list(groups)
    index = _Index(known, {file.digest for group in groups for file in group})
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


def with_decided(known: DecisionColumns, files: Sequence[DecidedFile]) -> DecisionColumns:
    """Return the decisions with one on each of some files, in place of what it had.

    Parameters
    ----------
    known : DecisionColumns
    files : sequence of DecidedFile
        Each to be kept or removed, whatever its number.
    """
    new = {(file.path, file.digest): file.decision for file in files}
    digests = {file.digest for file in files}
    columns = zip(known.decisions, known.paths, known.digests, strict=True)
    is_left = [
        digest not in digests or what not in ON_ONE_FILE or new.get((path, digest), what) == what
        for what, path, digest in columns
    ]
    left = known if all(is_left) else known.where(is_left)
    return with_more(left, [[file] for file in files])


def changed_rows(
    before: DecisionColumns, after: DecisionColumns
) -> tuple[frozenset[DecidedFile], list[DecidedFile]]:
    """Return the rows that are new, and those that are no more."""
    same = min(len(before.numbers), len(after.numbers))
    # Most changes are at the end, and whole columns are compared much faster than rows.
    if any(list(a[:same]) != list(b[:same]) for a, b in zip(before, after, strict=True)):
        pairs = zip(zip(*before, strict=True), zip(*after, strict=True), strict=False)
        same = next(at for at, (a, b) in enumerate(pairs) if a != b)
    was = list(zip(*(column[same:] for column in before), strict=True))
    now = set(zip(*(column[same:] for column in after), strict=True))
    old = [DecidedFile._make(row) for row in was if row not in now]
    return frozenset(map(DecidedFile._make, now.difference(was))), old


def without_each(chosen: Sequence[tuple[str, str]], known: DecisionColumns) -> DecisionColumns:
    """Return the decisions without those on each of some files by itself, by path and digest."""
    rows = list(zip(known.decisions, known.paths, known.digests, strict=True))
    named = {(path, digest) for what, path, digest in rows if what in ON_ONE_FILE}
    paths = {path for path, _ in chosen}
    unnamed = {digest for path, digest in chosen if (path, digest) not in named}
    return known.where(
        [
            what not in ON_ONE_FILE or (path not in paths and digest not in unnamed)
            for what, path, digest in rows
        ]
    )


def reverted(
    known: DecisionColumns, new: Collection[DecidedFile], old: Sequence[DecidedFile]
) -> DecisionColumns:
    """Return the decisions without some rows that were new, and with those that were before."""
    rows = list(zip(*known, strict=True))
    is_left = [row not in new for row in rows]
    there = set(old).intersection(rows)
    return known.where(is_left).with_rows([row for row in old if row not in there])


def groups_of(decided: DecisionColumns) -> Iterator[Sequence[DecidedFile]]:
    """Yield the files of each decision: those of one number, or one file that stays or goes."""
    groups: dict[tuple[int, str], list[DecidedFile]] = {}
    for file in decided.rows():
        groups.setdefault((file.number, file.decision), []).append(file)
    for (_, decision), files in groups.items():
        yield from ([file] for file in files) if decision in ON_ONE_FILE else [files]


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
        and on each by itself. Of files of the same bytes that are kept, the one of that path.
    only : {"not-copies", "keep", "remove"} or None
        Only such decisions go.
    known : DecisionColumns
    is_star : bool
        Of several, only what was decided between the first and each of the others goes.
    """
    is_chosen = _chosen_rows(chosen, only, known)
    columns = list(zip(known.numbers, known.decisions, is_chosen, strict=True))
    touched = {number for number, what, is_it in columns if is_it and what == NOT_COPIES}
    sets: defaultdict[int, list[tuple[DecidedFile, bool]]] = defaultdict(list)
    for place, (number, what, is_it) in enumerate(columns if touched else ()):
        if number in touched and what == NOT_COPIES:
            file = DecidedFile._make(column[place] for column in known)
            sets[number].append((file, is_it))
    smaller, changed = [], set()
    for number, rows in sets.items():
        going = [file for file, is_it in rows if is_it]
        if len(going) >= min(len(chosen), 2):
            changed.add(number)
            smaller += _smaller([file for file, _ in rows], going, chosen, is_star=is_star)
    is_left = [
        number not in changed if what == NOT_COPIES else not is_it
        for number, what, is_it in columns
    ]
    return known if all(is_left) else with_more(known.where(is_left), smaller)


def _chosen_rows(
    chosen: Sequence[tuple[str, str]], only: str | None, known: DecisionColumns
) -> list[bool]:
    """Return which rows are about the chosen files; see `without`."""
    paths, digests = {path for path, _ in chosen}, {digest for _, digest in chosen}
    rows = list(zip(known.decisions, known.paths, known.digests, strict=True))
    named = {path for what, path, _ in rows if path in paths and what != NOT_COPIES}
    unnamed = {digest for path, digest in chosen if path not in named}
    wanted = {NOT_COPIES: digests, **dict.fromkeys(ON_ONE_FILE, unnamed)}
    return [
        (path in paths or digest in wanted[what]) and only in (None, what)
        for what, path, digest in rows
    ]


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

    Of files that were decided on by themselves and share a number, only that one goes.
    """
    columns = zip(known.numbers, known.decisions, known.digests, strict=True)
    is_it = [key == (number, decision, digest) for key in columns]
    if any(is_it) and decision == NOT_COPIES:  # the whole set goes
        sets = zip(known.numbers, known.decisions, strict=True)
        is_it = [key == (number, decision) for key in sets]
    return known.where([not one for one in is_it]) if any(is_it) else known


class _Index:
    """What is decided on some contents."""

    def __init__(self, known: DecisionColumns, digests: set[str]) -> None:
        self._decided: set[tuple[str, str, str]] = set()
        self._numbers: defaultdict[str, set[int]] = defaultdict(set)
        is_needed = [digest in digests for digest in known.digests]
        self.add(known.where(is_needed).rows())

    def add(self, files: Iterable[DecidedFile]) -> None:
        for file in files:
            if file.decision in ON_ONE_FILE:
                self._decided.add((file.decision, file.path, file.digest))
            else:
                self._numbers[file.digest].add(file.number)

    def knows(self, files: Sequence[DecidedFile]) -> bool:
        """Return whether a decision on files of different content is known, or says nothing."""
        if files and files[0].decision in ON_ONE_FILE:
            return (files[0].decision, files[0].path, files[0].digest) in self._decided
        if len(files) < 2:
            return True
        numbers = [self._numbers.get(file.digest, _NO_NUMBERS) for file in files]
        return bool(frozenset.intersection(*map(frozenset, numbers)))
