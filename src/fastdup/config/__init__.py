"""The options of a run, checked whole before the first image is read."""

from fastdup.config.options import InputDir, RunConfig

__all__ = ["InputDir", "RunConfig"]
