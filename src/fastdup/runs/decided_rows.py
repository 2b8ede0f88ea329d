"""What a person decided on files, by the rows of a run: whose content was decided on."""

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from fastdup.analysis.pairs import Pairs
from fastdup.analysis.stars import Similarity
from fastdup.arrays import BoolArray, FloatArray, IntArray
from fastdup.errors import ImageError
from fastdup.extract.content_hash import content_hash
from fastdup.sources import Reader, Stamp, is_url
from fastdup.workdir import WorkDir
from fastdup.workdir.append_only import mtimes_and_sizes
from fastdup.workdir.decision_file import KEEP, NO_DECISIONS, DecisionColumns, read_decisions
from fastdup.workdir.known_lines import KnownLines, read_lines
from fastdup.workdir.lock import one_at_a_time

#: Of the cache of digests.
_SIGNATURE: Mapping[str, Any] = {"digest": "blake2b", "bytes": 16}


class StampedFile(NamedTuple):
    """A file as it was at some time."""

    path: str
    size_bytes: int
    mtime_ns: int


class DecidedRows:
    """What was decided on the n images of a run.

    Parameters
    ----------
    digest_of : dict of int to str
        Row → digest of its content, of the rows that may have been decided on.
    paths : sequence of n str
    decided : DecisionColumns

    Attributes
    ----------
    keeps : frozenset of int
        The rows that are always kept: of files of the same bytes, only the one that was named, or
        all where it is no longer there.
    """

    def __init__(
        self, digest_of: Mapping[int, str], paths: Sequence[str], decided: DecisionColumns
    ) -> None:
        here = set(digest_of.values())
        sets: defaultdict[str, set[int]] = defaultdict(set)
        kept: defaultdict[str, set[str]] = defaultdict(set)
        columns = zip(
            decided.numbers, decided.decisions, decided.paths, decided.digests, strict=True
        )
        for number, decision, path, digest in columns:
            if decision == KEEP:
                kept[digest].add(path)
            elif digest in here:
                sets[digest].add(number)
        named = {row for row, of in digest_of.items() if of in kept and paths[row] in kept[of]}
        for digest in {digest_of[row] for row in named}:
            del kept[digest]
        self.keeps = frozenset(named | {row for row, of in digest_of.items() if of in kept})
        self._digest_of = {row: digest for row, digest in digest_of.items() if digest in sets}
        self._sets = sets
        self._rows = np.array(sorted(self._digest_of), np.int64)

    def __bool__(self) -> bool:
        """Return whether anything was decided on any of the rows."""
        return bool(self.keeps or self._digest_of)

    def is_apart(self, one: int, other: int) -> bool:
        """Return whether two rows were decided to be no copies; those of the same bytes are."""
        first, second = self._digest_of.get(one), self._digest_of.get(other)
        if first is None or second is None or first == second:
            return False
        return not self._sets[first].isdisjoint(self._sets[second])

    def are_apart(self, rows: IntArray, others: IntArray) -> BoolArray:
        """Return which of m pairs of rows were decided to be no copies."""
        apart = np.zeros(len(rows), bool)
        if len(self._rows):
            (both,) = np.nonzero(np.isin(rows, self._rows) & np.isin(others, self._rows))
            pairs = zip(rows[both].tolist(), others[both].tolist(), strict=True)
            apart[both] = np.fromiter((self.is_apart(*pair) for pair in pairs), bool, len(both))
        return apart

    def parted(self, similarity: Similarity) -> Similarity:
        """Return similarities that are 0 for those decided to be no copies."""

        def values(row: int, others: IntArray) -> FloatArray:
            apart = self.are_apart(np.full(len(others), row), others)
            return np.where(apart, 0.0, similarity(row, others))

        return values

    def pruned(self, pairs: Pairs) -> Pairs:
        """Return the pairs that were not decided to be no copies."""
        return pairs.picked(~self.are_apart(pairs.sources, pairs.targets))


#: Where nothing was decided.
NOTHING_DECIDED = DecidedRows({}, (), NO_DECISIONS)


def decided_rows(
    work: WorkDir, paths: Sequence[str], reader: Reader, *, downloads: bool = False
) -> tuple[DecidedRows, dict[StampedFile, str]]:
    """Return what was decided on the images of a work folder, and which digests are new.

    Only files that have the size of one that was decided on are read, and only once if the new
    digests are kept by `keep_digests`. What has changed since it was listed counts as unknown.

    Parameters
    ----------
    work : WorkDir
    paths : sequence of n str
        The good images.
    reader : Reader
    downloads : bool
        Whether to read what is not on this machine.

    Raises
    ------
    WorkDirError
        When ``decisions.csv`` is damaged.
    """
    decided = read_decisions(work.decisions)
    if not decided:
        return NOTHING_DECIDED, {}
    files = dict(_candidates(work, paths, decided))
    known = _known_digests(work, set(files.values()))
    new: dict[StampedFile, str] = {}
    digest_of = {}
    for row, file in files.items():
        digest = known.get(file)
        if digest is None and (downloads or not is_url(file.path)):
            digest = new[file] = digest_of_file(reader, file)
        if digest:
            digest_of[row] = digest
    rows = DecidedRows(digest_of, paths, decided)
    return rows, {file: digest for file, digest in new.items() if digest}


def always_kept(work: WorkDir, paths: Sequence[str], reader: Reader) -> set[str]:
    """Return which of some files are always kept; they need not be images of the run."""
    if not paths:
        return set()
    columns = zip(*read_decisions(work.decisions)[1:5], strict=True)
    kept = {(size, digest) for decision, _, size, digest in columns if decision == KEEP}
    sizes = {size for size, _ in kept}
    files = [StampedFile(path, *reader.stamp(path)) for path in paths]
    return {
        file.path
        for file in files
        if file.size_bytes in sizes and (file.size_bytes, digest_of_file(reader, file)) in kept
    }


def digest_of_file(reader: Reader, file: StampedFile) -> str:
    """Return the digest of a file's bytes; empty when it is no longer as it was."""
    try:
        digest = read_digest(reader, file.path)
    except ImageError:
        return ""
    return digest if reader.stamp(file.path) == (file.size_bytes, file.mtime_ns) else ""


def read_digest(reader: Reader, path: str) -> str:
    """Return the digest of an image's bytes, as ``decisions.csv`` has it.

    Raises
    ------
    ImageError
        When it cannot be read.
    """
    return content_hash(reader.read(path), reader.crop(path)).hex()


def keep_digests(work: WorkDir, digests: Mapping[StampedFile, str]) -> None:
    """Keep digests in the work folder, so that no file is read for them again."""
    if not digests:
        return
    with one_at_a_time(work.decisions_lock), KnownLines(work.known_digests, _SIGNATURE) as lines:
        lines.add([*file, digest] for file, digest in digests.items())


def _known_digests(work: WorkDir, wanted: set[StampedFile]) -> dict[StampedFile, str]:
    known = {}
    for line in read_lines(work.known_digests, _SIGNATURE):
        if isinstance(line, list) and len(line) == 4 and isinstance(line[3], str):
            *stamped, digest = line
            try:
                file = StampedFile(*stamped)
                if file in wanted:
                    known[file] = digest
            except TypeError:  # a value that makes no sense
                continue
    return known


def _candidates(
    work: WorkDir, paths: Sequence[str], decided: DecisionColumns
) -> Iterator[tuple[int, StampedFile]]:
    """Yield the rows whose files may be among those decided on, by their size.

    Rows of a data set have no size: only those of the same name are.
    """
    mtimes, sizes = _stamps(work, paths)
    named = set(decided.paths)
    (rows,) = np.nonzero(np.isin(sizes, np.unique(np.array(decided.sizes, np.int64))))
    for row in rows.tolist():
        if sizes[row] > 0 or paths[row] in named:
            yield row, StampedFile(paths[row], int(sizes[row]), int(mtimes[row]))


def _stamps(work: WorkDir, paths: Sequence[str]) -> tuple[IntArray, IntArray]:
    """Return the time of change and size of each image as listed; as it is, where not known."""
    known = mtimes_and_sizes(work, len(paths))
    if known is not None:
        return known
    stamps = np.array([_stamp_now(path) for path in paths], np.int64).reshape(-1, 2)
    return stamps[:, 1], stamps[:, 0]


def _stamp_now(path: str) -> Stamp:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return Stamp(-1, -1)
    return Stamp(found.st_size, found.st_mtime_ns)
