"""A collection as an object: run it, get data frames, show galleries."""

from fastdup.dataset.fastdup import Fastdup
from fastdup.dataset.visuals import Visuals

__all__ = ["Fastdup", "Visuals"]
