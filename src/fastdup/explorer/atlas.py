"""The map of a collection as the page draws it, computed once for each way to make it."""

import threading
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.explorer.collection import Collection
from fastdup.explorer.projection import evenly, project
from fastdup.workdir import load_binary_feature

#: Most points: a canvas draws so many in the time between a few frames; UMAP takes minutes beyond.
_MOST_POINTS, _MOST_BY_UMAP = 200_000, 20_000
_LARGEST = 2**16 - 1
ALONE, GROUPED, OUTLIER = range(3)


class Points(NamedTuple):
    """The images on the map.

    Attributes
    ----------
    rows : (m,) int64 array
        Which images: all, or as many as can be drawn, evenly chosen.
    places : (m, 2) uint16 array
        Where; the whole range is the width of the map.
    """

    rows: NDArray[np.int64]
    places: NDArray[np.uint16]


class Atlas:
    """The maps of a collection.

    Parameters
    ----------
    collection : Collection
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._maps: dict[bool, Points] = {}
        self._lock = threading.Lock()

    def points(self, *, umap: bool) -> Points:
        """Return the map by UMAP or by principal components.

        Raises
        ------
        MissingExtraError
            When UMAP is not installed.
        WorkDirError
            When the features are missing.
        """
        with self._lock:
            if umap not in self._maps:
                self._maps[umap] = self._make(umap)
            return self._maps[umap]

    def _make(self, umap: bool) -> Points:
        _, features = load_binary_feature(self._collection.work.features)
        rows = evenly(len(features), _MOST_BY_UMAP if umap else _MOST_POINTS)
        places = np.round(project(features, rows, umap=umap) * _LARGEST)
        return Points(rows, places.astype(np.uint16))

    def drawn(self, *, umap: bool, grouped: NDArray[np.bool_]) -> bytes:
        """Return the map as bytes: m uint32 rows, 2m uint16 places, m uint8 kinds.

        Parameters
        ----------
        umap : bool
        grouped : (n,) bool array
            Whether each image is in a group.
        """
        points = self.points(umap=umap)
        kinds = np.where(grouped, GROUPED, ALONE).astype(np.uint8)
        kinds[self._collection.outliers.sources] = OUTLIER
        parts = points.rows.astype("<u4"), points.places.astype("<u2"), kinds[points.rows]
        return b"".join(part.tobytes() for part in parts)
