"""Rows of data sets as images: Parquet and Arrow files, read where they are."""

from fastdup.sources.datasets.reader import DatasetReader
from fastdup.sources.datasets.table import ENDING, may_be_dataset, may_be_row

__all__ = ["ENDING", "DatasetReader", "may_be_dataset", "may_be_row"]
