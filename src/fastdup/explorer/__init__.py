"""A local page over the results of a run, to look, choose and plan what goes."""

from fastdup.explorer.server import Explorer

__all__ = ["Explorer"]
