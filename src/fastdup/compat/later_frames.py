"""Data frames with the columns of later releases beside those here, as real columns.

The columns here come first, and keep their names and order.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

#: Column of files → the suffix of what belongs to it.
SUFFIXES: Mapping[str, str] = {
    "from": "_from",
    "nearest": "_nearest",
    "outlier": "_outlier",
    "to": "_to",
}
#: The error code of a good image in later releases.
VALID = "VALID"
#: The suffixes of the rows of the two files of a pair, as a join of tables makes them.
_PLACES = ("_x", "_y")
#: What the number of images of a group is called too.
_COUNTS = ("comp_size", "len")


def with_pair_columns(
    frame: pd.DataFrame, known: pd.DataFrame | None, row_of: Mapping[str, int], *names: str
) -> pd.DataFrame:
    """Return pairs with ``filename_from``, ``split_from`` … for each column of files.

    Parameters
    ----------
    frame : data frame
    known : data frame or None
        The annotations, with the column ``filename``; their columns are added.
    row_of : mapping of str to int
        Path → row of the features.
    *names : str
        Columns of files, keys of `SUFFIXES`.
    """
    for name, place in zip(names, _PLACES, strict=True):
        suffix = SUFFIXES[name]
        frame["filename" + suffix] = frame[name]
        rows = [row_of.get(path, -1) for path in frame[name]]
        index = pd.Series(rows, frame.index, dtype="int64")
        frame["index" + place] = frame["fd_index" + suffix] = index
        frame["error_code" + suffix] = _valid(frame)
        frame["is_valid" + suffix] = True
    if known is not None:
        for name in names:
            frame = _joined(frame, known, name, SUFFIXES[name])
    return frame


def with_image_columns(frame: pd.DataFrame, known: pd.DataFrame | None) -> pd.DataFrame:
    """Return a row per image with the annotations' columns, and whether each is valid."""
    if known is not None:
        frame = _joined(frame, known, "filename", "")
    if "error_code" not in frame:
        frame["error_code"] = _valid(frame)
    if "is_valid" not in frame:
        frame["is_valid"] = True
    if "index" in frame:
        frame["fd_index"] = frame["index"]
    if "width" in frame:
        frame["img_w"], frame["img_h"] = frame["width"], frame["height"]
    return frame


def _valid(frame: pd.DataFrame) -> "pd.Series[Any]":
    """Return the error code of good images for each row; as a category, it takes a byte."""
    codes = np.zeros(len(frame), np.int8)
    return pd.Series(pd.Categorical.from_codes(codes, pd.Index([VALID])), frame.index)


def with_rows(frame: pd.DataFrame, row_of: Mapping[str, int]) -> pd.DataFrame:
    """Return a row per image with ``index``, the row of its features; -1 without one."""
    rows = [row_of.get(path, -1) for path in frame["filename"]]
    frame["index"] = pd.Series(rows, frame.index, dtype="int64")
    return frame


def with_group_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Return groups, or their images, with ``comp_size`` and ``len``, which are ``count`` too."""
    for name in _COUNTS:
        frame[name] = frame["count"]
    return frame


def _joined(frame: pd.DataFrame, known: pd.DataFrame, of: str, suffix: str) -> pd.DataFrame:
    rows = {path: row for row, path in enumerate(known["filename"])}
    found = [rows.get(path, -1) for path in frame[of]]
    new = [name for name in known.columns if f"{name}{suffix}" not in frame and name != "filename"]
    values = known[new].reset_index(drop=True).reindex(found).set_axis(frame.index)
    return pd.concat([frame, values.add_suffix(suffix)], axis=1) if new else frame


def regrouped_by_label(components: pd.DataFrame) -> pd.DataFrame:
    """Return images of groups with one group for each label; images without one are left out."""
    frame = components[components["label"].notna()].copy()
    numbers = {label: number for number, label in enumerate(frame["label"].drop_duplicates())}
    frame["component_id"] = frame["label"].map(numbers).astype("int64")
    groups = frame.groupby("component_id")
    frame["count"] = groups["filename"].transform("size").astype("int64")
    frame["mean_distance"] = groups["mean_distance"].transform("mean")
    frame["min_distance"] = groups["min_distance"].transform("min")
    frame["max_distance"] = groups["max_distance"].transform("max")
    return frame.sort_values("component_id", kind="stable", ignore_index=True)
