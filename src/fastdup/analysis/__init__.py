"""WHAT the neighbours mean: pairs, outliers, groups. Pure functions on arrays, no files."""

from fastdup.analysis.across import nearest_across
from fastdup.analysis.components import (
    Components,
    connect,
    distinct_pairs,
    find_components,
)
from fastdup.analysis.outliers import Outliers, find_outliers, share_cutoff
from fastdup.analysis.pairs import Pairs, select_pairs

__all__ = [
    "Components",
    "Outliers",
    "Pairs",
    "connect",
    "distinct_pairs",
    "find_components",
    "find_outliers",
    "nearest_across",
    "select_pairs",
    "share_cutoff",
]
