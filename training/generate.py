"""Generated pictures of all kinds, chosen at random."""

from __future__ import annotations

from numpy.random import Generator

from training.diagrams import DIAGRAMS
from training.procedural import PATTERNS, Picture


def generate(rng: Generator, side: int) -> Picture:
    """Generate one picture of a random kind.

    Parameters
    ----------
    rng : Generator
        Decides everything; the same state gives the same picture.
    side : int
        Width and height in pixels.

    Returns
    -------
    ndarray of uint8, shape (side, side, 3)
    """
    kinds = PATTERNS + DIAGRAMS
    return kinds[rng.integers(len(kinds))](rng, side)
