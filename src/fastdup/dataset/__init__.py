"""A collection as an object: run it, get data frames, show galleries."""

from fastdup.dataset.fastdup import Fastdup, create

__all__ = ["Fastdup", "create"]
