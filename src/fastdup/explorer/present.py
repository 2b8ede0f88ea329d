"""Which images of a run are no longer there: a clean-up took them."""

import os
from collections.abc import Iterable, Sequence

import numpy as np

from fastdup.arrays import BoolArray
from fastdup.sources import is_url
from fastdup.sources.kinds import IMAGE_ENDINGS

_NO_JOURNAL = (0, 0)


class PresentImages:
    """Knows which of n images are gone.

    Parameters
    ----------
    paths : sequence of n str
        The images.
    journal : str
        Of the clean-ups: without one all are there.

    Attributes
    ----------
    are_gone : (n,) bool array
        A new one after each look that finds something.
    """

    def __init__(self, paths: Sequence[str], journal: str) -> None:
        self._paths = paths
        self._journal = journal
        self._seen = _NO_JOURNAL
        self.are_gone: BoolArray = np.zeros(len(paths), bool)

    def was_cleaned(self) -> bool:
        """Return whether files were put away, or back, by anybody, since the last look at all."""
        return _state(self._journal) != self._seen

    def look(self, rows: Iterable[int] | None = None) -> bool:
        """Look for some images, or all; return whether one has gone or come back."""
        if rows is None:
            self._seen = _state(self._journal)
        chosen = np.arange(len(self._paths)) if rows is None else np.array(sorted(rows), np.int64)
        found = self.are_gone.copy()
        found[chosen] = [is_gone(self._paths[row]) for row in chosen.tolist()]
        has_changed = not np.array_equal(found, self.are_gone)
        if has_changed:
            self.are_gone = found
        return has_changed


def _state(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return _NO_JOURNAL
    return found.st_mtime_ns, found.st_size


def is_gone(path: str) -> bool:
    """Return whether an image file of this machine is no longer in its folder, which is there.

    What is in an archive, a video or a store is not looked for.
    """
    if is_url(path) or not path.lower().endswith(IMAGE_ENDINGS) or os.path.lexists(path):
        return False
    return os.path.isdir(os.path.dirname(path))
