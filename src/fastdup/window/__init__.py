"""The page to begin with: choose folders, run, and look at the results, all at one address."""

from fastdup.window.window import Window

__all__ = ["Window"]
