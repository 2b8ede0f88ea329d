"""Every file of a work folder: names, formats, reading, writing, recovery after a crash."""

from fastdup.workdir.features import load_binary_feature, save_binary_feature
from fastdup.workdir.paths import WorkDir
from fastdup.workdir.store import BadRow, FeatureStore, GoodRow, ListedRow, PreviousRows
from fastdup.workdir.tables import read_table, write_atomically, write_table

__all__ = [
    "BadRow",
    "FeatureStore",
    "GoodRow",
    "ListedRow",
    "PreviousRows",
    "WorkDir",
    "load_binary_feature",
    "read_table",
    "save_binary_feature",
    "write_atomically",
    "write_table",
]
