"""What a row of a data set is called in a listing: ``train.parquet/000012``.

Where the column of images was asked for, its name is part of that: ``train.parquet/small/000012``.
So a name alone says what to read.
"""

import re

from fastdup.sources.kinds import DATASETS

_DIGITS = 6
_MOST_DIGITS = 18
_ROW = re.compile(
    rf"(?:{'|'.join(map(re.escape, DATASETS.endings))})(?:/[^/]+)?/\d{{{_DIGITS},}}$", re.IGNORECASE
)


def may_be_row(name: str) -> bool:
    """Return whether a name is like that of a row."""
    return _ROW.search(name) is not None


def row_name(path: str, column: str | None, row: int) -> str:
    """Return the name of a row of the data set at `path`; `column` where it was asked for."""
    return f"{path}/{row:0{_DIGITS}}" if column is None else f"{path}/{column}/{row:0{_DIGITS}}"


def parse_row(path: str, uri: str) -> tuple[str | None, int | None]:
    """Return the column that `uri` names, None where it names none, and the row, None if none."""
    column, slash, name = uri[len(path) + 1 :].rpartition("/")
    is_number = name.isascii() and name.isdigit() and _DIGITS <= len(name) <= _MOST_DIGITS
    is_row = is_number and name == f"{int(name):0{_DIGITS}}"
    return column if slash else None, int(name) if is_row else None
