"""Rows of data sets as images: Parquet and Arrow files, read where they are."""

from fastdup.sources.datasets.reader import DatasetReader
from fastdup.sources.datasets.table import may_be_dataset

__all__ = ["DatasetReader", "may_be_dataset"]
