"""One finished run: its tables, its options and counts, and the one way to open its folder."""

from fastdup.runs.config_file import plain_options, read_options, write_config
from fastdup.runs.finished import BadFile, FinishedRun, stored_labels
from fastdup.runs.results import write_results
from fastdup.runs.summary import Summary
from fastdup.runs.writers import write_labels, write_videos

__all__ = [
    "BadFile",
    "FinishedRun",
    "Summary",
    "plain_options",
    "read_options",
    "stored_labels",
    "write_config",
    "write_labels",
    "write_results",
    "write_videos",
]
