"""The tables of a work folder: the columns of each, one reader and one writer for all.

A table is read by the names of its columns, in any order and whatever else is there, so that files
of the original and of other programs are understood too.
"""

import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import attrgetter
from typing import Any

import numpy as np

from fastdup.errors import WorkDirError
from fastdup.scale import decimal
from fastdup.workdir import WorkDir
from fastdup.workdir.append_only import BAD_HEADER, METADATA_HEADER, STATS_HEADER
from fastdup.workdir.csv_files import numbered_rows, read_table, write_table

BY_EXTRACTION = "run_mode=0 or 1, from the images themselves,"
BY_SEARCH = "run_mode=0 or 2"
Block = tuple[Sequence[Any], ...]
"""Columns of some rows of a table."""

#: Rows that are checked at a time: few, so that they stay in the processor's cache.
_ROWS_TOGETHER = 256


def _name(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    raise ValueError(f"{_shown(value)} is not a file name")


def _whole(value: Any) -> int:
    try:
        number = value if isinstance(value, float) else int(value)
    except (TypeError, ValueError):
        number = _number(value)
    if number != number // 1:
        raise ValueError(f"{_shown(value)} is not a whole number")
    return int(number)


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{_shown(value)} is not a number")
    return number


@dataclass(frozen=True, slots=True)
class Kind:
    """What a column holds.

    Attributes
    ----------
    dtype : type
        Of a data frame's column of it.
    parse : callable
        Field → value; ValueError when it makes no sense.
    parse_usual : callable
        A column of the usual fields → their values, much faster; ValueError or TypeError when one
        may be unusual.
    text : callable
        Value → what is written.
    """

    dtype: Any
    parse: Callable[[Any], Any]
    parse_usual: Callable[[Sequence[Any]], Sequence[Any]]
    text: Callable[[Any], object] = str

    def parse_column(self, column: Sequence[Any]) -> Sequence[Any]:
        """Return the values of a column; ValueError when one makes no sense."""
        try:
            return self.parse_usual(column)
        except (TypeError, ValueError):
            return list(map(self.parse, column))


def _usual_texts(column: Sequence[Any]) -> Sequence[Any]:
    if set(map(type, column)) != {str}:
        raise TypeError
    return column


def _usual_wholes(column: Sequence[Any]) -> Sequence[Any]:
    return list(map(int, _usual_texts(column)))


def _usual_numbers(column: Sequence[Any]) -> Sequence[Any]:
    numbers = list(map(float, column))
    if not all(map(math.isfinite, numbers)):
        raise ValueError
    return numbers


def _flag(value: Any) -> bool:
    if str(value) not in ("0", "1"):
        raise ValueError(f"{_shown(value)} is neither 0 nor 1")
    return str(value) == "1"


def _optional(dtype: Any, parse: Callable[[Any], Any], usual: Callable[[str], Any]) -> "Kind":
    """Return the kind of a column whose empty fields are None."""

    def parse_usual(column: Sequence[Any]) -> Sequence[Any]:
        return [usual(text) if text else None for text in _usual_texts(column)]

    return Kind(dtype, lambda value: None if value == "" else parse(value), parse_usual)


NAME = Kind(object, _name, _usual_texts)
TEXT = Kind(object, str, _usual_texts)
WHOLE = Kind(np.int64, _whole, _usual_wholes)
NUMBER = Kind(np.float64, _number, _usual_numbers)
OPTIONAL_WHOLE = _optional("Int64", _whole, int)
OPTIONAL_NUMBER = _optional(np.float64, _number, _number)
OPTIONAL_FLAG = _optional("boolean", _flag, _flag)
SIMILARITY_KIND = Kind(np.float64, _number, _usual_numbers, decimal)


class BadRowError(ValueError):
    """A row that makes no sense: its number, from 1 and without blank ones, and why."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(f"row {number}{why}")
        self.number, self.why = number, why


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns of one kind of table, and where a work folder has it.

    Attributes
    ----------
    path : callable
        Work folder → the file's path.
    columns : mapping of str to Kind
        In the order in which they are written.
    written_by : str
        Which run writes it.
    is_optional : bool
        Whether there is no file where there is nothing to write.
    also : mapping of str to tuple of str
        Column → other names that it goes by.
    added : frozenset of str
        Columns of numbers that tables of older versions lack; they are then read as NaN.
    """

    path: Callable[[WorkDir], str]
    columns: Mapping[str, Kind]
    written_by: str = BY_SEARCH
    is_optional: bool = False
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    added: frozenset[str] = frozenset()

    def read(self, path: str, *names: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of the file at `path`; see `read_blocks`."""
        for columns in self.read_blocks(path, *names):
            yield from zip(*columns, strict=True)

    def read_columns(self, path: str, *names: str) -> tuple[Sequence[Any], ...]:
        """Return the columns of the file at `path`; see `read_blocks`."""
        whole: tuple[list[Any], ...] = tuple([] for _ in names or self.columns)
        for columns in self.read_blocks(path, *names):
            for values, more in zip(whole, columns, strict=True):
                values.extend(more)
        return whole

    def read_blocks(self, path: str, *names: str) -> Iterator[Block]:
        """Yield the columns `names`, or else all, of the file at `path`, some rows at a time.

        Raises
        ------
        WorkDirError
            When there is no such file, columns are missing, or a row makes no sense.
        """
        if not os.path.exists(path):
            if self.is_optional:
                return
            raise WorkDirError(f"there is no {path}: a run with {self.written_by} writes it")
        records = read_table(path)
        header = next(records, None)
        if header is None:
            raise WorkDirError.damaged(path, "it is empty, without even a header")
        try:
            yield from self.parse_blocks(records, header, names)
        except BadRowError as exc:
            lines = (line for line, row in numbered_rows(path) if row)
            line = next(islice(lines, exc.number, None))  # the header is row 0
            raise WorkDirError.damaged(path, f"line {line}{exc.why}") from exc
        except ValueError as exc:
            raise WorkDirError.damaged(path, exc) from exc

    def parse_blocks(
        self, records: Iterable[Sequence[object]], header: Iterable[str], names: Sequence[str] = ()
    ) -> Iterator[Block]:
        """Yield the columns `names`, or else all, of some records, some rows at a time.

        Raises
        ------
        ValueError
            What is wrong with the header, or with which row.
        """
        names, found = names or tuple(self.columns), [name.strip() for name in header]
        asked, names = names, [n for n in names if n in found or n not in self.added]
        kinds, places = [self.columns[name] for name in names], self.places(found, names)
        rows, n_before = filter(None, records), 0  # without blank lines
        while block := list(islice(rows, _ROWS_TOGETHER)):
            try:
                columns = list(zip(*block, strict=True))
                if len(columns) != len(found):
                    raise ValueError
                parsed = tuple(
                    kind.parse_column(columns[place])
                    for kind, place in zip(kinds, places, strict=True)
                )
            except ValueError:
                raise _first_fault(block, len(found), kinds, places, n_before) from None
            if len(asked) > len(names):
                known = dict(zip(names, parsed, strict=True))
                nothing = [math.nan] * len(block)
                parsed = tuple(known.get(name, nothing) for name in asked)
            yield parsed
            n_before += len(block)

    def write(self, path: str, columns: Iterable[Iterable[Any]]) -> None:
        """Write the file at `path` whole, from its columns, each an iterable of values."""
        texts = [
            map(kind.text, column)
            for kind, column in zip(self.columns.values(), columns, strict=True)
        ]
        write_table(path, tuple(self.columns), zip(*texts, strict=True))

    def places(self, header: Sequence[str], names: Sequence[str]) -> list[int]:
        """Return where in a header the columns `names` are.

        Raises
        ------
        ValueError
            Which ones are missing.
        """
        asked = [
            next((n for n in (name, *self.also.get(name, ())) if n in header), name)
            for name in names
        ]
        missing = [name for name in asked if name not in header]
        if missing:
            seen = ", ".join(map(repr, header[:8])) or "none"
            raise ValueError(f"it has the columns {seen}, and {', '.join(missing)} is missing")
        return [header.index(name) for name in asked]


def _first_fault(
    block: Sequence[Sequence[object]],
    n_fields: int,
    kinds: Sequence[Kind],
    places: Sequence[int],
    n_before: int,
) -> BadRowError:
    """Return what is wrong with the first bad row of a block, after `n_before` good ones."""
    for number, row in enumerate(block, start=n_before + 1):
        if len(row) != n_fields:
            return BadRowError(number, f" has {len(row)} fields, not {n_fields}")
        for kind, place in zip(kinds, places, strict=True):
            try:
                kind.parse(row[place])
            except ValueError as exc:
                return BadRowError(number, f": {exc}")
    raise AssertionError("a block without a fault was refused")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


_PAIR = {"from": NAME, "to": NAME, "distance": SIMILARITY_KIND}
_STATS = {"index": WHOLE, "filename": NAME, "width": WHOLE, "height": WHOLE, "unique": WHOLE}
_COMPONENT = {"component_id": WHOLE, "count": WHOLE}

SIMILARITY = Schema(
    attrgetter("similarity"), _PAIR, also={"from": ("filename_from",), "to": ("filename_to",)}
)
OUTLIERS = Schema(
    attrgetter("outliers"),
    _PAIR,
    also={"from": ("outlier", "filename_outlier"), "to": ("nearest", "filename_nearest")},
)
OUTLIER_SCORES = Schema(
    attrgetter("outlier_scores"),
    {"filename": NAME, "score": SIMILARITY_KIND, "nearest": NAME, "distance": SIMILARITY_KIND},
)
COMPONENTS = Schema(
    attrgetter("components"),
    {"filename": NAME, **_COMPONENT}
    | dict.fromkeys(("mean_distance", "min_distance", "max_distance"), SIMILARITY_KIND),
)
COMPONENT_INFO = Schema(
    attrgetter("component_info"),
    _COMPONENT | dict.fromkeys(("mean", "min", "max"), SIMILARITY_KIND),
)
VIDEOS = Schema(
    attrgetter("videos"),
    {
        "from": NAME,
        "to": NAME,
        "similarity": SIMILARITY_KIND,
        "share_from": SIMILARITY_KIND,
        "share_to": SIMILARITY_KIND,
        "frames_from": WHOLE,
        "frames_to": WHOLE,
        "start_from": NUMBER,
        "end_from": NUMBER,
        "start_to": NUMBER,
        "end_to": NUMBER,
    },
    is_optional=True,
    added=frozenset({"start_from", "end_from", "start_to", "end_to"}),
)
#: Between the kinds of a pair.
KIND_SEPARATOR = ";"
VERDICTS = Schema(
    attrgetter("verdicts"),
    {
        "from": NAME,
        "to": NAME,
        "similarity": SIMILARITY_KIND,
        "cosine": SIMILARITY_KIND,
        "verdict": TEXT,
        "kinds": TEXT,
        "overlap": SIMILARITY_KIND,
        "scale": SIMILARITY_KIND,
        "angle": SIMILARITY_KIND,
        "changed": SIMILARITY_KIND,
        "n_inliers": WHOLE,
    },
    is_optional=True,
)
STATS = Schema(
    attrgetter("stats"),
    {name: (_STATS | {"file_size": WHOLE}).get(name, NUMBER) for name in STATS_HEADER},
    BY_EXTRACTION,
)
METADATA = Schema(
    attrgetter("metadata"),
    dict.fromkeys(METADATA_HEADER, TEXT)
    | {"index": WHOLE, "filename": NAME}
    | dict.fromkeys(("latitude", "longitude"), OPTIONAL_NUMBER)
    | dict.fromkeys(("rating", "quality", "bits", "frames"), OPTIONAL_WHOLE)
    | dict.fromkeys(("is_progressive", "has_alpha", "has_profile", "has_thumbnail"), OPTIONAL_FLAG),
    BY_EXTRACTION,
)
BAD = Schema(
    attrgetter("bad_csv"), dict.fromkeys(BAD_HEADER, TEXT), BY_EXTRACTION, is_optional=True
)


def labels_schema(column: str = "label") -> Schema:
    """Return the schema of what data sets, or the user in the annotations, say of the images."""
    kinds = {"filename": NAME, column: TEXT}
    return Schema(attrgetter("known_labels"), kinds, BY_EXTRACTION, is_optional=True)
