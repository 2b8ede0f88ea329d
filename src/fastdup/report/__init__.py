"""How a person sees the results: galleries, each one self-contained HTML file."""

from fastdup.report.gallery import Gallery, create_duplicates_gallery, create_outliers_gallery

__all__ = ["Gallery", "create_duplicates_gallery", "create_outliers_gallery"]
