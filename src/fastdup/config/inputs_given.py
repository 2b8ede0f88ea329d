"""What a program gives as inputs: a path, or several in any container of Python, NumPy, pandas."""

import os
from collections.abc import Iterable, Mapping
from typing import Any

from fastdup.errors import ConfigError

InputDir = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]

#: The columns of a data frame that may name the images, in the order in which they are looked for.
_COLUMNS = ("filename", "img_filename", "file_name", "path", "filepath", "file_path", "image_path")
#: What arrays, series and columns of several libraries have, which returns a list.
_TO_LIST = ("tolist", "to_list", "to_pylist")


def plain_inputs(given: Any) -> Any:
    """Return inputs as a path or a list of paths; what is neither is returned for the checks.

    Parameters
    ----------
    given : path, or any iterable of paths
        A list, tuple, generator or array keeps its order, a set is sorted. Of a data frame, the
        column ``filename`` is taken.

    Raises
    ------
    ConfigError
        When a data frame has no column of paths, or it is a data set of Hugging Face's library.
    """
    if isinstance(given, str | os.PathLike | bytes | bytearray | list | tuple | Mapping):
        return given
    if type(given).__module__.partition(".")[0] == "datasets":
        raise ConfigError(
            "input_dir is a data set in memory: write it to a file, "
            "dataset.to_parquet('data.parquet'), and run on that, or on the folder of its images"
        )
    if hasattr(given, "columns"):
        return plain_inputs(given[_column_of(list(given.columns))])
    if getattr(given, "ndim", 1) != 1:
        given = given.ravel()
    for name in _TO_LIST:
        if hasattr(given, name):
            return getattr(given, name)()
    if isinstance(given, set | frozenset):
        return sorted(given, key=_sort_key)
    return list(given) if isinstance(given, Iterable) else given


def _column_of(columns: list[Any]) -> Any:
    found = next((name for name in _COLUMNS if name in columns), None)
    if found is None:
        seen = ", ".join(map(repr, columns)) or "none"
        raise ConfigError(f"input_dir is a table with the columns {seen}: filename is missing")
    return found


def _sort_key(item: Any) -> bytes:
    return os.fsencode(item) if isinstance(item, str | os.PathLike) else b""
