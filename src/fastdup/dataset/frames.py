"""The tables of a run as pandas data frames. Imported only where pandas is installed."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fastdup.errors import ConfigError
from fastdup.runs import FinishedRun
from fastdup.runs.tables import BAD, METADATA, OUTLIERS, SIMILARITY, STATS, Schema

_STATS = "filename width height mean min max stdv blur unique contrast file_size index"
GROUP_COLUMNS = ("component_id", "files", "count", "mean_distance", "min_distance", "max_distance")
#: Other names by which scripts sort groups.
SORT_ALIASES = {"comp_size": "count", "size": "count", "len": "count", "distance": "mean_distance"}


def read(run: FinishedRun, table: Schema, *names: str) -> pd.DataFrame:
    """Return some columns of a table, or else all; names are kept to the byte."""
    columns = run.columns(table, *names)
    return _frame(table, dict(zip(names or table.columns, columns, strict=True)))


def read_outliers(run: FinishedRun) -> pd.DataFrame:
    """Return ``outlier, nearest, distance``."""
    return read(run, OUTLIERS).set_axis(["outlier", "nearest", "distance"], axis=1)


def read_stats(run: FinishedRun) -> pd.DataFrame:
    """Return one row of statistics per good image."""
    return _frame(STATS, run.stats(*_STATS.split(), needed=True))


def read_metadata(run: FinishedRun) -> pd.DataFrame:
    """Return one row per good image of what its file says of it."""
    names = [name for name in METADATA.columns if name != "index"]
    return _frame(METADATA, run.metadata_columns(*names, needed=True))


def read_bad(run: FinishedRun) -> pd.DataFrame:
    """Return ``filename, error_code, is_valid`` of the files that could not be used."""
    frame = read(run, BAD, "filename", "reason").set_axis(["filename", "error_code"], axis=1)
    frame["is_valid"] = np.zeros(len(frame), bool)
    return frame


def read_listed(run: FinishedRun) -> pd.DataFrame:
    """Return ``filename, index, error_code, is_valid`` of all files, the good ones first."""
    good = pd.DataFrame({"filename": pd.Series(run.paths, dtype=object)})
    good["index"], good["error_code"], good["is_valid"] = np.arange(len(good)), "", True
    bad = read_bad(run)
    bad["index"] = -1
    return pd.concat([good, bad[list(good.columns)]], ignore_index=True) if len(bad) else good


def frame_of(
    rows: Sequence[tuple[Any, ...]], columns: Sequence[str] = tuple(SIMILARITY.columns)
) -> pd.DataFrame:
    """Return rows as a data frame, ``distance`` and ``score`` as numbers, all else as it is."""
    frame = pd.DataFrame([tuple(row) for row in rows], columns=list(columns), dtype=object)
    return frame.astype({name: float for name in ("distance", "score") if name in columns})


def feature_frame(paths: Sequence[str], features: NDArray[np.float32]) -> pd.DataFrame:
    """Return the features with their files, one column for each value."""
    frame = pd.DataFrame(features)
    frame.insert(0, "filename", pd.Series(paths, dtype=object))
    return frame


def group(components: pd.DataFrame, sort_by: str, ascending: bool) -> pd.DataFrame:
    """Return one row per component, sorted, with the list of its files.

    Raises
    ------
    ConfigError
        When there is no such column to sort by.
    """
    column = SORT_ALIASES.get(sort_by, sort_by)
    if column not in GROUP_COLUMNS or column == "files":
        known = ", ".join(["comp_size", *(name for name in GROUP_COLUMNS if name != "files")])
        raise ConfigError(f"sort_by={sort_by!r} is not allowed: choose from {known}")
    parts: dict[str, Any] = {name: (name, "first") for name in GROUP_COLUMNS[2:]}
    parts = {"files": ("filename", list), **parts}
    if "label" in components:
        parts["label"] = ("label", list)
    grouped = pd.DataFrame(components.groupby("component_id").agg(**parts).reset_index())
    # Stable, so that groups that are equal in this keep the order of their numbers.
    return grouped.sort_values(column, ascending=ascending, kind="stable", ignore_index=True)


def look_up(names: "pd.Series[Any]", labels: Mapping[str, object]) -> "pd.Series[Any]":
    """Return the label of each name, NaN where it has none."""
    found = [labels.get(name, np.nan) for name in names]
    return pd.Series(found, names.index, dtype=object)


def _frame(table: Schema, columns: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            name: pd.Series(list(values), dtype=table.columns[name].dtype)
            for name, values in columns.items()
        }
    )
