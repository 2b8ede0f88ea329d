"""What a person decided on files, by the rows of a run: whose content was decided on."""

import json
import os
import stat
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from json.encoder import encode_basestring_ascii
from typing import Any, NamedTuple

import numpy as np

from fastdup.analysis.pairs import Pairs
from fastdup.analysis.stars import Similarity
from fastdup.arrays import BoolArray, FloatArray, IntArray
from fastdup.errors import ImageError
from fastdup.extract.content_hash import content_hash, file_hash
from fastdup.runs.apart_sets import ApartSets
from fastdup.sources import Reader, Stamp, is_url
from fastdup.sources.base import stamp_of_state
from fastdup.workdir import WorkDir
from fastdup.workdir.append_only import mtimes_and_sizes
from fastdup.workdir.decision_file import (
    KEEP,
    NO_DECISIONS,
    REMOVE,
    DecisionColumns,
    read_decisions,
)
from fastdup.workdir.known_lines import KnownLines, read_lines
from fastdup.workdir.lock import one_at_a_time

#: Of the cache of digests.
_SIGNATURE: Mapping[str, Any] = {"digest": "blake2b", "bytes": 16}
#: Bytes at the end of a line of it that hold the digest: ``, "0123…"]``.
_END = 2 + 1 + 32 + 1 + 1


class StampedFile(NamedTuple):
    """A file as it was at some time."""

    path: str
    size_bytes: int
    mtime_ns: int


class DecidedRows:
    """What was decided on the n images of a run.

    Attributes
    ----------
    digest_of : dict of int to str
        Row → digest of its content, of the rows that were decided on.
    keeps : frozenset of int
        The rows that are always kept: of files of the same bytes, only the one that was named, or
        all where it is no longer there.
    removes : frozenset of int
        The rows that go when a copy of them stays: only those of the very path that was named.
    """

    def __init__(
        self,
        digest_of: Mapping[int, str],
        keeps: frozenset[int],
        removes: frozenset[int],
        sets: ApartSets,
    ) -> None:
        self.digest_of = digest_of
        self.keeps = keeps
        self.removes = removes
        self._sets = sets

    @classmethod
    def of(
        cls, digest_of: Mapping[int, str], paths: Sequence[str], decided: DecisionColumns
    ) -> "DecidedRows":
        """Return what was decided on rows of some content.

        Parameters
        ----------
        digest_of : dict of int to str
            Row → digest of its content, of the rows that were decided on.
        paths : sequence of n str
        decided : DecisionColumns
        """
        keeps = _kept_rows(digest_of, paths, decided)
        removes = frozenset(_named_rows(digest_of, paths, decided, REMOVE)) - keeps
        return cls(digest_of, keeps, removes, ApartSets.of(digest_of, len(paths), decided))

    def changed(
        self, digests: Collection[str], now: "DecidedRows", decided: DecisionColumns | None
    ) -> "DecidedRows":
        """Return what is decided after a change, for which only its own files are looked at.

        Parameters
        ----------
        digests : collection of str
            The contents that the change is about.
        now : DecidedRows
            What is decided on these, of the same n images.
        decided : DecisionColumns or None
            All decisions; None where none of the change is about no copies.
        """
        was = {row for row, digest in self.digest_of.items() if digest in digests}
        digest_of = dict(self.digest_of)
        for row in was.difference(now.digest_of):
            del digest_of[row]
        digest_of.update(now.digest_of)
        sets = self._sets
        if decided is not None:
            sets = ApartSets.of(digest_of, sets.n_rows, decided)
        return DecidedRows(
            digest_of, (self.keeps - was) | now.keeps, (self.removes - was) | now.removes, sets
        )

    def among(self, rows: Collection[int]) -> "DecidedRows":
        """Return what was decided on some of the rows."""
        digest_of = {row: self.digest_of[row] for row in rows if row in self.digest_of}
        return DecidedRows(
            digest_of, self.keeps.intersection(rows), self.removes.intersection(rows), self._sets
        )

    def __bool__(self) -> bool:
        """Return whether anything was decided on any of the rows."""
        return bool(self.digest_of)

    def of_one(self, row: int) -> str:
        """Return what was decided on a row by itself: "keep", "remove" or ""."""
        return KEEP if row in self.keeps else REMOVE if row in self.removes else ""

    @cached_property
    def row_of_digest(self) -> dict[str, int]:
        """A row of each content that was decided on."""
        return {digest: row for row, digest in self.digest_of.items()}

    def is_apart(self, one: int, other: int) -> bool:
        """Return whether two rows were decided to be no copies; those of the same bytes are."""
        if one not in self.digest_of or other not in self.digest_of:
            return False
        return bool(self.are_apart(np.array([one]), np.array([other]))[0])

    def are_apart(self, rows: IntArray, others: IntArray) -> BoolArray:
        """Return which of m pairs of rows were decided to be no copies; -1: no row."""
        if not self._sets.shared:
            return np.zeros(len(rows), bool)
        content = self._sets.content
        both = (np.where(some < 0, -1, content[some]) for some in (rows, others))
        return self._sets.shared.share(*both)

    def parted(self, similarity: Similarity) -> Similarity:
        """Return similarities that are 0 for those decided to be no copies."""

        def values(row: int, others: IntArray) -> FloatArray:
            apart = self.are_apart(np.full(len(others), row), others)
            return np.where(apart, 0.0, similarity(row, others))

        return values

    def pruned(self, pairs: Pairs) -> Pairs:
        """Return the pairs that were not decided to be no copies."""
        return pairs.picked(~self.are_apart(pairs.sources, pairs.targets))


def _kept_rows(
    digest_of: Mapping[int, str], paths: Sequence[str], decided: DecisionColumns
) -> frozenset[int]:
    columns = zip(decided.decisions, decided.digests, strict=True)
    digests = {digest for decision, digest in columns if decision == KEEP}
    rows = [(row, digest) for row, digest in digest_of.items() if digest in digests]
    named = _named_rows(digest_of, paths, decided, KEEP)
    elsewhere = digests - {digest_of[row] for row in named}
    return frozenset({*named, *(row for row, digest in rows if digest in elsewhere)})


def _named_rows(
    digest_of: Mapping[int, str], paths: Sequence[str], decided: DecisionColumns, what: str
) -> set[int]:
    """Return the rows on whose content and path something was decided."""
    columns = zip(decided.decisions, decided.digests, decided.paths, strict=True)
    named = {(digest, path) for decision, digest, path in columns if decision == what}
    return {row for row, digest in digest_of.items() if (digest, paths[row]) in named}


#: Where nothing was decided.
NOTHING_DECIDED = DecidedRows.of({}, (), NO_DECISIONS)


class ListedFiles:
    """What is known of the files of a run before any is read, read once.

    Parameters
    ----------
    work : WorkDir
    paths : sequence of n str
        The good images.
    """

    def __init__(self, work: WorkDir, paths: Sequence[str]) -> None:
        self.paths = paths
        self._digests = _known_digests(work)
        self._digest_of: dict[int, str] = {}
        self._mtimes, self._sizes = _stamps(work, paths)

    def of_sizes(self, decided: DecisionColumns) -> list[int]:
        """Return the rows that may be decided on, by the sizes of their files.

        Rows of a data set have no size: only those of the same name are.
        """
        known = np.sort(np.array(decided.sizes, np.int64))
        places = np.minimum(np.searchsorted(known, self._sizes), len(known) - 1)
        may_be = (known[places] == self._sizes) & (self._sizes >= 0)
        (unsized,) = np.nonzero(may_be & (self._sizes == 0))
        if len(unsized):
            named = set(decided.paths)
            may_be[unsized] = [self.paths[row] in named for row in unsized.tolist()]
        rows: list[int] = np.flatnonzero(may_be).tolist()
        return rows

    def file(self, row: int) -> StampedFile:
        """Return a file as it was listed."""
        return StampedFile(self.paths[row], int(self._sizes[row]), int(self._mtimes[row]))

    def digest(self, row: int) -> str:
        """Return the digest of a file that was read already; empty where it was not."""
        known = self._digest_of.get(row)
        if known is None:
            known = self._digests.get(_line_of(*self.file(row)), "")
            self._digest_of[row] = known
        return known

    def keep(self, row: int, digest: str) -> None:
        """Remember the digest of a file that was read now."""
        self._digest_of[row] = digest


def decided_rows(
    work: WorkDir,
    paths: Sequence[str],
    reader: Reader,
    *,
    downloads: bool = False,
    decided: DecisionColumns | None = None,
    listed: ListedFiles | None = None,
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
    decided : DecisionColumns, optional
        What was decided, if it is known.
    listed : ListedFiles, optional
        Of these images, where more is to be decided soon.

    Raises
    ------
    WorkDirError
        When ``decisions.csv`` is damaged.
    """
    decided = read_decisions(work.decisions) if decided is None else decided
    if not decided:
        return NOTHING_DECIDED, {}
    listed, wanted = listed or ListedFiles(work, paths), set(decided.digests)
    new: dict[StampedFile, str] = {}
    digest_of = {}
    for row in listed.of_sizes(decided):
        digest = listed.digest(row)
        if not digest and (downloads or not is_url(paths[row])):
            file = listed.file(row)
            digest = digest_of_file(reader, file)
            if digest:
                new[file] = digest
                listed.keep(row, digest)
        if digest in wanted:
            digest_of[row] = digest
    return DecidedRows.of(digest_of, paths, decided), new


def decided_files(work: WorkDir, paths: Sequence[str], reader: Reader) -> DecidedRows:
    """Return what was decided on any files, as they are now, by their places in `paths`."""
    decided = read_decisions(work.decisions)
    digest_of = {}
    wanted, sizes = set(decided.digests), set(decided.sizes)
    for place, path in enumerate(paths):
        file = stamped(path, reader)
        digest = digest_of_file(reader, file) if file.size_bytes in sizes else ""
        if digest in wanted:
            digest_of[place] = digest
    return DecidedRows.of(digest_of, paths, decided)


def stamped(path: str, reader: Reader) -> StampedFile:
    """Return an image, or any plain file of this machine, as it is now."""
    return StampedFile(path, *(_stamp_of_plain_file(path) or reader.stamp(path)))


def digest_of_file(reader: Reader, file: StampedFile) -> str:
    """Return the digest of a file's bytes; empty when it is no longer as it was."""
    try:
        digest = read_digest(reader, file.path)
    except ImageError:
        return ""
    return digest if stamped(file.path, reader) == file else ""


def read_digest(reader: Reader, path: str) -> str:
    """Return the digest of an image's bytes, or of any file's, as ``decisions.csv`` has it.

    Raises
    ------
    ImageError
        When it cannot be read.
    """
    if os.path.isfile(path):  # a video, too
        with suppress(OSError):
            return file_hash(path).hex()
    return content_hash(reader.read(path), reader.crop(path)).hex()


def keep_digests(
    work: WorkDir, digests: Mapping[StampedFile, str], *, listed: Sequence[str] = ()
) -> None:
    """Keep digests in the work folder, so that no file is read for them again.

    With `listed`, all good images of the last listing, those of other files, and of what has
    changed since, are dropped if most are such.
    """
    if not digests and not (listed and os.path.exists(work.known_digests)):
        return
    with one_at_a_time(work.decisions_lock), KnownLines(work.known_digests, _SIGNATURE) as lines:
        lines.add([*file, digest] for file, digest in digests.items())
        if listed and lines.has_useless(0):
            useful = _useful_lines(work, listed)
            if lines.has_useless(len(useful)):
                lines.replace(map(json.loads, useful))


def _useful_lines(work: WorkDir, paths: Sequence[str]) -> Collection[bytes]:
    """Return the lines of the cache of digests that are about files as they were listed last."""
    mtimes, sizes = _stamps(work, paths)
    listed = zip(paths, sizes.tolist(), mtimes.tolist(), strict=True)
    beginnings = {_line_of(*file) for file in listed}
    lines = read_lines(work.known_digests, _SIGNATURE)
    return dict.fromkeys(line for line in lines if line[:-_END] in beginnings)


def _known_digests(work: WorkDir) -> dict[bytes, str]:
    """Return the beginning of a line, see `_line_of`, → digest; to parse them takes much longer."""
    lines = read_lines(work.known_digests, _SIGNATURE)
    return {line[:-_END]: line[3 - _END : -2].decode("ascii", "replace") for line in lines}


def _line_of(path: str, size_bytes: int, mtime_ns: int) -> bytes:
    """Return a line of the cache of digests but for its end, which is the digest."""
    return f"[{encode_basestring_ascii(path)}, {size_bytes}, {mtime_ns}".encode()


def _stamps(work: WorkDir, paths: Sequence[str]) -> tuple[IntArray, IntArray]:
    """Return the time of change and size of each image as listed; as it is, where not known."""
    known = mtimes_and_sizes(work, len(paths))
    if known is not None:
        return known
    unknown = Stamp(-1, -1)
    now = [_stamp_of_plain_file(path) or unknown for path in paths]
    stamps = np.array(now, np.int64).reshape(-1, 2)
    return stamps[:, 1], stamps[:, 0]


def _stamp_of_plain_file(path: str) -> Stamp | None:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return stamp_of_state(found) if stat.S_ISREG(found.st_mode) else None
