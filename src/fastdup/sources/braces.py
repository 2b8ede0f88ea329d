"""Ranges in names, as the data sets of WebDataset are called: ``shard-{000..099}.tar``."""

import os
import re
from collections.abc import Iterator

from fastdup.errors import SourceError

_RANGE = re.compile(r"\{(\d+)\.\.(\d+)\}")
_MOST_NAMES = 1_000_000


def expand_braces(name: str) -> Iterator[str]:
    """Yield the names that `name` stands for, itself when it has no range or is a real file's.

    The numbers have as many digits as the first bound. Several ranges are combined, the last one
    running fastest.

    Raises
    ------
    SourceError
        When a range runs backwards or stands for more than a million names.
    """
    if not _RANGE.search(name) or os.path.lexists(name):
        return iter((name,))
    n_names = 1
    for first, last in _RANGE.findall(name):
        n_names *= int(last) - int(first) + 1
        if not 0 < n_names <= _MOST_NAMES:
            raise SourceError(
                f"{name!r}: the range {first}..{last} runs backwards or is too long "
                f"(at most {_MOST_NAMES:,} names): write {{000..099}} for 100 names"
            )
    return _expanded(name)


def _expanded(name: str) -> Iterator[str]:
    found = _RANGE.search(name)
    if not found:
        yield name
        return
    first, last = found.groups()
    for number in range(int(first), int(last) + 1):
        yield from _expanded(f"{name[: found.start()]}{number:0{len(first)}}{name[found.end() :]}")
