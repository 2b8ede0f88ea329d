"""WHAT the neighbours mean: pairs, outliers, groups. Pure functions on arrays, no files."""

from fastdup.analysis.across import nearest_across
from fastdup.analysis.components import Components, connect, distinct_pairs, find_components
from fastdup.analysis.mislabels import Mislabels, find_mislabels
from fastdup.analysis.outliers import Outliers, find_outliers, share_cutoff
from fastdup.analysis.pairs import Pairs, select_pairs
from fastdup.analysis.siblings import GroupPairs, Outside, nearest_outside, pair_groups

__all__ = [
    "Components",
    "GroupPairs",
    "Mislabels",
    "Outliers",
    "Outside",
    "Pairs",
    "connect",
    "distinct_pairs",
    "find_components",
    "find_mislabels",
    "find_outliers",
    "nearest_across",
    "nearest_outside",
    "pair_groups",
    "select_pairs",
    "share_cutoff",
]
