"""WHAT the neighbours mean: pairs, outliers, components. Pure functions on arrays, no files."""

from fastdup.analysis.components import Components, connect, distinct_pairs, find_components
from fastdup.analysis.cross_set import nearest_in_other_set
from fastdup.analysis.mislabels import Mislabels, find_mislabels
from fastdup.analysis.outliers import find_outliers, share_cutoff
from fastdup.analysis.pairs import Pairs, select_pairs
from fastdup.analysis.video_pairs import (
    VideoPairs,
    nearest_outside_video,
    pair_videos,
)

__all__ = [
    "Components",
    "Mislabels",
    "Pairs",
    "VideoPairs",
    "connect",
    "distinct_pairs",
    "find_components",
    "find_mislabels",
    "find_outliers",
    "nearest_in_other_set",
    "nearest_outside_video",
    "pair_videos",
    "select_pairs",
    "share_cutoff",
]
