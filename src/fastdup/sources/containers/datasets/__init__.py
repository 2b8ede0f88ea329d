"""Rows of data sets as images: Parquet and Arrow files, read where they are."""
