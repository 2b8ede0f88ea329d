"""Which images of a run are no longer there: a clean-up took them."""

import os
from collections.abc import Iterable, Sequence

import numpy as np

from fastdup.arrays import BoolArray
from fastdup.sources import is_url
from fastdup.sources.kinds import IMAGE_ENDINGS


class PresentImages:
    """Knows which of n images are gone.

    Parameters
    ----------
    paths : sequence of n str
        The images.

    Attributes
    ----------
    are_gone : (n,) bool array
        A new one after each look that finds something.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = paths
        self.are_gone: BoolArray = np.zeros(len(paths), bool)

    def look(self, rows: Iterable[int] | None = None) -> bool:
        """Look for some images, or all; return whether one has gone or come back."""
        chosen = np.arange(len(self._paths)) if rows is None else np.array(sorted(rows), np.int64)
        found = self.are_gone.copy()
        found[chosen] = [is_gone(self._paths[row]) for row in chosen.tolist()]
        has_changed = not np.array_equal(found, self.are_gone)
        if has_changed:
            self.are_gone = found
        return has_changed


def is_gone(path: str) -> bool:
    """Return whether an image file of this machine is no longer in its folder, which is there.

    What is in an archive, a video or a store is not looked for.
    """
    if is_url(path) or not path.lower().endswith(IMAGE_ENDINGS) or os.path.lexists(path):
        return False
    return os.path.isdir(os.path.dirname(path))
