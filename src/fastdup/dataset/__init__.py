"""A collection as an object: run it, ask it for data frames, see it in galleries."""

from fastdup.dataset.fastdup import Fastdup, create

__all__ = ["Fastdup", "create"]
