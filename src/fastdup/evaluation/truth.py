"""What is known of pairs: a table of copies as a planter, a person or another program wrote it."""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from fastdup.analysis.components import connected_roots
from fastdup.arrays import BoolArray, IntArray
from fastdup.errors import ConfigError
from fastdup.workdir.csv_files import read_table

#: The columns by which a table is known: the two files, and the kind of the pair, in all spellings.
_FORMS = (("copy", "original", "edit"), ("from", "to", "kind"), ("filename", "group", ""))
_SAME = "same"
_YES, _NO = ("1", "true", "yes", "same"), ("0", "false", "no", "different")
#: What a pair of no kind is called.
ANY_KIND = "copy"


@dataclass(frozen=True)
class TruePair:
    """Two files, whether they are copies, and of which kind."""

    file: str
    other: str
    kind: str = ANY_KIND
    is_copy: bool = True


def read_truth(path: str) -> tuple[list[TruePair], bool]:
    """Return the pairs of a CSV file, and whether it knows all pairs.

    Raises
    ------
    ConfigError
        When it has other columns, or a value makes no sense.
    WorkDirError
        When it cannot be read.
    """
    rows = read_table(os.path.expanduser(path))
    header = next(rows, [])
    names = next((form for form in _FORMS if set(form[:2]) <= set(header)), None)
    if names is None:
        raise ConfigError(
            f"{path} has the columns {', '.join(header) or '(none)'}: it must have "
            "copy,original or from,to, with edit or kind if you like; or filename,group"
        )
    records = (dict(zip(header, row, strict=False)) for row in rows)
    if names[0] == "filename":
        return list(_pairs_in_groups(records)), True
    pairs = [_pair(record, names, path) for record in records]
    if not pairs:
        raise ConfigError(f"{path} has no pairs: there is nothing to score")
    return pairs, _SAME not in header


def _pair(record: Mapping[str, str], names: Sequence[str], path: str) -> TruePair:
    file, other, kind = (record.get(name, "") for name in names)
    if not file or not other or file == other:
        raise ConfigError(f"{path}: {file!r} and {other!r} are not two different files: fix it")
    same = record.get(_SAME, _YES[0]).strip().lower()
    if same not in (*_YES, *_NO):
        raise ConfigError(f"{path}: same is {same!r} for {file!r}: it must be 1 or 0")
    return TruePair(file, other, kind or ANY_KIND, same in _YES)


def _pairs_in_groups(records: Iterable[Mapping[str, str]]) -> Iterator[TruePair]:
    groups: dict[str, list[str]] = defaultdict(list)
    for record in records:
        if record.get("group"):
            groups[record["group"]].append(record["filename"])
    for files in groups.values():
        yield from (TruePair(*pair) for pair in combinations(files, 2))


class FileRows:
    """Finds the row of a file by its full path, by the end of its path, or by its name.

    Parameters
    ----------
    paths : sequence of str
        The files, in row order.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = paths
        self._row_of = {path: row for row, path in enumerate(paths)}
        self._rows: dict[str, list[int]] = defaultdict(list)
        for row, path in enumerate(paths):
            self._rows[_name(path)].append(row)

    def find(self, file: str) -> int:
        """Return the row of a file, -1 if there is none.

        Raises
        ------
        ConfigError
            When several files are meant.
        """
        if (row := self._row_of.get(file, -1)) >= 0:
            return row
        ending = "/" + file.replace(os.sep, "/").removeprefix("./")
        named = self._rows.get(_name(file), ())
        rows = [row for row in named if self._slashed(row).endswith(ending)]
        if len(rows) > 1:
            raise ConfigError(
                f"{file!r} may be {self._paths[rows[0]]!r} or {self._paths[rows[1]]!r}: give the "
                "path in the truth, as long as needed"
            )
        return rows[0] if rows else -1

    def _slashed(self, row: int) -> str:
        return "/" + self._paths[row].replace(os.sep, "/")


def _name(path: str) -> str:
    return path.replace(os.sep, "/").rpartition("/")[2]


@dataclass(frozen=True)
class Truth:
    """What is known of the pairs among n rows.

    Attributes
    ----------
    kinds : list of str
        The names of the kinds, in order.
    wanted : (k,) int64 array
        How many pairs of each kind are to be found, those of missing files included.
    kind_of : dict of (int, int) to int
        Lower and higher row → the kind of a pair of copies, -1 for one that is none.
    family : (n,) int64 array
        Rows of one family are copies of each other through others. Such a pair that is not listed
        is neither right nor wrong.
    is_whole : bool
        Whether all other pairs are wrong; else nothing is known of them.
    missing : tuple of str
        The listed files that are not among the rows.
    """

    kinds: list[str]
    wanted: IntArray
    kind_of: dict[tuple[int, int], int]
    family: IntArray
    is_whole: bool
    missing: tuple[str, ...]

    @classmethod
    def of(cls, pairs: Sequence[TruePair], paths: Sequence[str], *, is_whole: bool) -> "Truth":
        """Return what pairs of files say of the rows that they are."""
        rows = FileRows(paths)
        row_of = {name: rows.find(name) for pair in pairs for name in (pair.file, pair.other)}
        kinds = sorted({pair.kind for pair in pairs if pair.is_copy})
        number_of = {kind: number for number, kind in enumerate(kinds)}
        wanted, kind_of = np.zeros(len(kinds), np.int64), {}
        seen: set[frozenset[str]] = set()
        for pair in pairs:
            files = frozenset((pair.file, pair.other))
            kind = number_of[pair.kind] if pair.is_copy else -1
            if files in seen:
                continue
            seen.add(files)
            if kind >= 0:
                wanted[kind] += 1
            first, second = sorted((row_of[pair.file], row_of[pair.other]))
            if first >= 0:
                kind_of[first, second] = kind
        copies = np.array([key for key, kind in kind_of.items() if kind >= 0], np.int64)
        low, high = copies.reshape(-1, 2).T
        family = connected_roots(low, high, len(paths))
        missing = tuple(sorted(name for name, row in row_of.items() if row < 0))
        return cls(kinds, wanted, kind_of, family, is_whole, missing)

    def joined(self, low: IntArray, high: IntArray) -> "Truth":
        """Return the same, with families joined of which nobody knows whether they are one."""
        own = np.arange(len(self.family))
        ends = np.append(low, own), np.append(high, self.family)
        family = connected_roots(*ends, len(self.family))
        return Truth(self.kinds, self.wanted, self.kind_of, family, self.is_whole, self.missing)

    def judge(self, low: IntArray, high: IntArray) -> tuple[IntArray, BoolArray]:
        """Return the kind of each of m pairs of rows, -1 if it is none, and whether it counts."""
        pairs = zip(low.tolist(), high.tolist(), strict=True)
        kinds = np.fromiter((self.kind_of.get(pair, -2) for pair in pairs), np.int64, len(low))
        is_listed = kinds > -2
        is_wrong = self.is_whole & (self.family[low] != self.family[high])
        return np.maximum(kinds, -1), np.asarray(is_listed | is_wrong)
