"""How a person sees the results: galleries, each one self-contained HTML file."""

from fastdup.report.gallery import (
    Gallery,
    create_components_gallery,
    create_duplicates_gallery,
    create_mislabels_gallery,
    create_outliers_gallery,
    create_similarity_gallery,
    create_stats_gallery,
)
from fastdup.report.stat_metrics import METRICS

__all__ = [
    "METRICS",
    "Gallery",
    "create_components_gallery",
    "create_duplicates_gallery",
    "create_mislabels_gallery",
    "create_outliers_gallery",
    "create_similarity_gallery",
    "create_stats_gallery",
]
