"""One finished run: its tables, its options and counts, and the one way to open its folder."""

from fastdup.runs.finished import FinishedRun

__all__ = ["FinishedRun"]
