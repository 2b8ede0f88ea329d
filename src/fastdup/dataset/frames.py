"""The files of a work folder as pandas data frames. Imported only where pandas is there."""

import os
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fastdup.dataset.aliased_frame import AliasedFrame
from fastdup.dataset.label_issues import Mislabel
from fastdup.errors import ConfigError, WorkDirError
from fastdup.results import COMPONENT_INFO_HEADER, COMPONENTS_HEADER, PAIRS_HEADER
from fastdup.videos import VIDEOS_HEADER

OUTLIERS_COLUMNS = ("outlier", "nearest", "distance")
STATS_COLUMNS = (
    "filename",
    "width",
    "height",
    "mean",
    "min",
    "max",
    "stdv",
    "blur",
    "unique",
    "contrast",
    "file_size",
    "index",
)
GROUP_COLUMNS = ("component_id", "files", "count", "mean_distance", "min_distance", "max_distance")
#: Other names by which scripts sort groups.
SORT_ALIASES = {"comp_size": "count", "size": "count", "len": "count", "distance": "mean_distance"}

_NAMES = ("filename", "from", "to", "reason", "detail")


def read_pairs(path: str) -> pd.DataFrame:
    """Return ``from, to, distance`` of a table of pairs."""
    return _read(path, PAIRS_HEADER)


def read_outliers(path: str) -> pd.DataFrame:
    """Return ``outlier, nearest, distance``."""
    frame = _read(path, PAIRS_HEADER)
    return frame.set_axis(list(OUTLIERS_COLUMNS), axis=1)


def read_components(path: str) -> pd.DataFrame:
    """Return one row per grouped image."""
    return _read(path, COMPONENTS_HEADER)


def read_component_info(path: str) -> pd.DataFrame:
    """Return one row per group."""
    return _read(path, COMPONENT_INFO_HEADER)


def read_stats(path: str) -> pd.DataFrame:
    """Return one row of statistics per good image."""
    return _read(path, STATS_COLUMNS, written_by="run_mode=0 or 1, from the images themselves,")


def read_videos(path: str) -> pd.DataFrame:
    """Return one row per pair of videos; none when there is no such file."""
    if not os.path.exists(path):
        return AliasedFrame(columns=list(VIDEOS_HEADER))
    return _read(path, VIDEOS_HEADER)


def read_bad(path: str) -> pd.DataFrame:
    """Return ``filename, error_code, is_valid`` of the files that could not be used.

    Where there is no such list, as beside features of one's own, there is no such file.
    """
    columns = ("filename", "reason")
    frame = _read(path, columns) if os.path.exists(path) else AliasedFrame(columns=list(columns))
    frame = frame.set_axis(["filename", "error_code"], axis=1)
    frame["is_valid"] = np.zeros(len(frame), bool)
    return frame


def read_listed(features_csv: str, bad_csv: str) -> pd.DataFrame:
    """Return ``filename, index, error_code, is_valid`` of all files, the good ones first."""
    good = _read(features_csv, ("filename", "index"))
    good["error_code"], good["is_valid"] = "", True
    bad = read_bad(bad_csv)
    bad["index"] = -1
    return pd.concat([good, bad[list(good.columns)]], ignore_index=True) if len(bad) else good


def pairs_of(
    rows: Sequence[tuple[Any, ...]], columns: Sequence[str] = PAIRS_HEADER
) -> pd.DataFrame:
    """Return some rows of ``from, to, distance`` and more."""
    frame = AliasedFrame([tuple(row) for row in rows], columns=list(columns), dtype=object)
    return frame.astype({**dict.fromkeys(columns, object), "distance": float})


def mislabels_of(rows: Sequence[Mislabel]) -> pd.DataFrame:
    """Return one row per image whose label is in doubt."""
    columns = list(Mislabel._fields)
    frame = AliasedFrame([tuple(row) for row in rows], columns=columns, dtype=object)
    return frame.astype({"score": float, "distance": float})


def feature_frame(paths: Sequence[str], features: NDArray[np.float32]) -> pd.DataFrame:
    """Return the features with their files, one column for each value."""
    frame = pd.DataFrame(features)
    frame.insert(0, "filename", pd.Series(paths, dtype=object))
    return frame


def group(components: pd.DataFrame, sort_by: str, ascending: bool) -> pd.DataFrame:
    """Return one row per group, sorted, with the list of its files.

    Raises
    ------
    ConfigError
        When there is no such column to sort by.
    """
    column = SORT_ALIASES.get(sort_by, sort_by)
    if column not in GROUP_COLUMNS or column == "files":
        known = ", ".join(["comp_size", *(name for name in GROUP_COLUMNS if name != "files")])
        raise ConfigError(f"sort_by={sort_by!r} is not allowed: choose from {known}")
    parts: dict[str, Any] = {name: (name, "first") for name in COMPONENTS_HEADER[2:]}
    parts = {"files": ("filename", list), **parts}
    if "label" in components:
        parts["label"] = ("label", list)
    grouped = AliasedFrame(components.groupby("component_id").agg(**parts).reset_index())
    # Stable, so that groups that are equal in this keep the order of their numbers.
    return grouped.sort_values(column, ascending=ascending, kind="stable", ignore_index=True)


def look_up(names: "pd.Series[Any]", labels: Mapping[str, object]) -> "pd.Series[Any]":
    """Return the label of each name, NaN where it has none."""
    found = [labels.get(name, np.nan) for name in names]
    return pd.Series(found, names.index, dtype=object)


def keep(
    frame: pd.DataFrame, columns: Sequence[str], chosen: Collection[str] | None
) -> pd.DataFrame:
    """Return the rows whose images are all among the `chosen`, all rows when that is None."""
    if chosen is None:
        return frame
    for column in columns:
        frame = frame[frame[column].isin(chosen)]
    return frame.reset_index(drop=True)


def _read(path: str, columns: Sequence[str], written_by: str = "run_mode=0 or 2") -> pd.DataFrame:
    """Read some columns of a table, in the order wanted; names are kept to the byte."""
    kinds: Mapping[str, Any] = {**dict.fromkeys(_NAMES, object), "distance": float}
    try:
        frame = pd.read_csv(
            path,
            encoding="utf-8",
            encoding_errors="surrogateescape",
            usecols=list(columns),
            dtype=kinds,
            keep_default_na=False,
            na_values={},
        )
    except FileNotFoundError as exc:
        raise WorkDirError(f"there is no {path}: a run with {written_by} writes it") from exc
    except (OSError, ValueError) as exc:
        raise WorkDirError(f"cannot read {path}: {exc}; run again to write it anew") from exc
    return AliasedFrame(frame[list(columns)])
