"""Rows of file names and numbers out of a CSV file, a work folder or a data frame."""

import csv
import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from fastdup.errors import ReportError

Row: TypeAlias = tuple[str, str, float]
"""Two image paths as listed, and their similarity (1 = same)."""


class Frame(Protocol):
    """What a gallery needs of a pandas (or any other) data frame."""

    @property
    def columns(self) -> Any:
        """Names of the columns."""

    def __getitem__(self, key: Any, /) -> Any:
        """Values of one column."""


TableSource: TypeAlias = str | os.PathLike[str] | Frame


@dataclass(frozen=True, slots=True)
class TableKind:
    """What one kind of table is called and which columns it has.

    Attributes
    ----------
    argument : str
        Name of the public parameter, for messages.
    file_name : str
        Name of the file inside a work folder.
    columns : tuple of tuple of str
        The accepted headings, the file's own first: paths, then numbers.
    n_paths : int
        How many of the columns are paths.
    """

    argument: str
    file_name: str
    columns: tuple[tuple[str, ...], ...]
    n_paths: int


SIMILARITY = TableKind("similarity_file", "similarity.csv", (("from", "to", "distance"),), 2)
OUTLIERS = TableKind(
    "outliers_file",
    "outliers.csv",
    (("from", "to", "distance"), ("outlier", "nearest", "distance")),
    2,
)
COMPONENTS = TableKind(
    "work_dir",
    "connected_components.csv",
    (("filename", "component_id", "mean_distance", "min_distance", "max_distance"),),
    1,
)


def stats_table(column: str) -> TableKind:
    """Return the kind of table that has one statistic of each image."""
    return TableKind("work_dir", "stats.csv", (("filename", column),), 1)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows to read once, and where they come from.

    Attributes
    ----------
    rows : iterator of tuple
        As many paths and numbers as the kind has columns, `Row` for pairs. Raises ReportError at
        the first row that makes no sense.
    origin : str
        The file's absolute path, or "a data frame".
    """

    rows: Iterator[Any]
    origin: str


def open_table(source: TableSource, kind: TableKind) -> Table:
    """Rows of `source`, which is read lazily.

    Parameters
    ----------
    source : path of a CSV file, path of a work folder, or data frame
    kind : TableKind

    Raises
    ------
    ReportError
        If there is no such file, or a data frame lacks the columns.
    """
    if isinstance(source, str | os.PathLike):
        path = _csv_path(source, kind)
        return Table(_csv_rows(path, kind), str(path.absolute()))
    if hasattr(source, "columns"):
        return Table(_frame_rows(source, kind), "a data frame")
    raise ReportError(
        f"{kind.argument} is a {type(source).__name__}: give the path of {kind.file_name}, "
        "the work_dir that holds it, or a data frame"
    )


def _csv_path(source: str | os.PathLike[str], kind: TableKind) -> Path:
    path = Path(os.path.expanduser(source))
    if path.is_dir():
        path = path / kind.file_name
    if not path.is_file():
        raise ReportError(
            f"there is no file {str(path)!r}: give the path of {kind.file_name} or the work_dir "
            "that holds it; fastdup.run(input_dir, work_dir) writes it"
        )
    return path


def _csv_rows(path: Path, kind: TableKind) -> Iterator[tuple[Any, ...]]:
    # surrogateescape: file names are bytes, and the bytes that went in come out again.
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            reader = csv.reader(file)
            header = next(reader, None)
            if header is None:
                raise ReportError(f"{str(path)!r} is empty, without even a header: run again")
            places = _places(header, kind, repr(str(path)))
            where = repr(str(path))
            yield from _rows(reader, places, kind, lambda _: f"{where}, line {reader.line_num}")
    except (OSError, csv.Error) as exc:
        raise ReportError(f"cannot read {str(path)!r}: {exc}: run again to write it anew") from exc


def _frame_rows(frame: Frame, kind: TableKind) -> Iterator[tuple[Any, ...]]:
    names = [str(name) for name in frame.columns]
    columns = [frame[names[place]] for place in _places(names, kind, "the data frame")]
    records = zip(*columns, strict=True)
    places = tuple(range(len(columns)))
    return _rows(records, places, kind, lambda number: f"the data frame, row {number}")


def _rows(
    records: Iterable[Sequence[object]],
    places: tuple[int, ...],
    kind: TableKind,
    locate: Callable[[int], str],
) -> Iterator[tuple[Any, ...]]:
    """Rows out of `records`; `locate` names the place of the n-th for a message."""
    columns = [(place, _name if i < kind.n_paths else _number) for i, place in enumerate(places)]
    for number, fields in enumerate(records):
        if not fields:  # a blank line
            continue
        try:
            row = tuple(convert(fields[place]) for place, convert in columns)
        except IndexError as exc:
            raise ReportError(
                f"{locate(number)}: {len(fields)} fields are too few, maybe the file is cut short: "
                "run again"
            ) from exc
        except ValueError as exc:
            raise ReportError(f"{locate(number)}: {exc}: drop or mend that row") from exc
        yield row


def _places(header: Iterable[str], kind: TableKind, where: str) -> tuple[int, ...]:
    """Positions of the columns, whatever else is there and in any order."""
    names = [name.strip() for name in header]
    for columns in kind.columns:
        if set(columns) <= set(names):
            return tuple(map(names.index, columns))
    wanted = " or ".join(", ".join(columns) for columns in kind.columns)
    seen = ", ".join(repr(name) for name in names[:8]) or "none"
    raise ReportError(
        f"{where} has the columns {seen}; a gallery needs {wanted}: give {kind.file_name}"
    )


def _name(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    raise ValueError(f"{value!r} is no file name")


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{value!r} is no number")
    return number
