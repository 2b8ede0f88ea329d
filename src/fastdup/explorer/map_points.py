"""The points of a map, and a file of the work folder that keeps those that took long to find."""

import json
import logging
import os
from contextlib import suppress
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import IntArray
from fastdup.errors import WorkDirError
from fastdup.workdir import WorkDir
from fastdup.workdir.csv_files import write_atomically
from fastdup.workdir.own_files import read_own

logger = logging.getLogger(__name__)

#: Raised whenever the same rows lead to another map.
_RULES = 1
#: Bytes of a point: its row, and its place.
_ROW, _PLACE = np.dtype("<u4"), np.dtype(("<u2", 2))
#: Largest file that is read.
_MOST_BYTES = 2**24


class Points(NamedTuple):
    """The images on the map.

    Attributes
    ----------
    rows : (m,) int64 array
        Which images: all, or as many as can be drawn, evenly chosen.
    places : (m, 2) uint16 array
        Where; the whole range is the width of the map.
    """

    rows: IntArray
    places: NDArray[np.uint16]


def read_points(work: WorkDir, by: str, n_images: int) -> Points | None:
    """Return the map that is kept; None where it is another one, or of other rows.

    Parameters
    ----------
    work : WorkDir
    by : str
        The method.
    n_images : int
        How many rows there are now.
    """
    with suppress(OSError, ValueError):
        first, _, data = read_own(work.known_map, _MOST_BYTES).partition(b"\n")
        n_points, rest = divmod(len(data), _ROW.itemsize + _PLACE.itemsize)
        if first == _signature(work, by, n_images) and not rest:
            rows = np.frombuffer(data, _ROW, n_points).astype(np.int64)
            places = np.frombuffer(data, _PLACE, offset=n_points * _ROW.itemsize)
            if (rows < n_images).all():
                return Points(rows, places.astype(np.uint16))
    return None


def keep_points(work: WorkDir, by: str, n_images: int, points: Points) -> None:
    """Keep a map, in place of another one; where that is not possible, the next is made anew."""
    try:
        first = _signature(work, by, n_images)
        data = points.rows.astype("<u4").tobytes() + points.places.astype("<u2").tobytes()
        write_atomically(work.known_map, lambda file: file.write(first + b"\n" + data))
    except (OSError, WorkDirError) as exc:
        logger.debug("the map is not kept: %s", exc)


def _signature(work: WorkDir, by: str, n_images: int) -> bytes:
    """Return what determines a map, as a line of JSON; the rows by the state of their files."""
    files = [os.stat(path) for path in (work.features, work.content) if os.path.exists(path)]
    states = [[state.st_size, state.st_mtime_ns] for state in files]
    return json.dumps({"by": by, "images": n_images, "rows": states, "rules": _RULES}).encode()
