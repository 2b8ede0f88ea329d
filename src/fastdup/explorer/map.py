"""The map of a collection: each image a point on a plane, alike ones near each other."""

import threading
from importlib.util import find_spec
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray, FloatArray, IntArray
from fastdup.errors import MissingExtraError
from fastdup.explorer.collection import Collection
from fastdup.workdir.features import load_binary_feature

#: Most points: a canvas draws so many in the time between a few frames; UMAP takes minutes beyond.
_MOST_POINTS, _MOST_BY_UMAP = 200_000, 20_000
#: Rows that the principal axes are computed from, evenly chosen.
_FITTED_ROWS = 10_000
_ROWS_AT_ONCE = 8_192
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

    rows: IntArray
    places: NDArray[np.uint16]


class CollectionMap:
    """The map of a collection, computed once by each method; safe to use from several threads.

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

    def to_bytes(self, *, umap: bool, grouped: BoolArray) -> bytes:
        """Return the map as bytes: m uint32 rows, 2m uint16 places, m uint8 kinds.

        Parameters
        ----------
        umap : bool
        grouped : (n,) bool array
            Whether each image is in a component.
        """
        points = self.points(umap=umap)
        kinds = np.where(grouped, GROUPED, ALONE).astype(np.uint8)
        kinds[self._collection.outliers.sources] = OUTLIER
        parts = points.rows.astype("<u4"), points.places.astype("<u2"), kinds[points.rows]
        return b"".join(part.tobytes() for part in parts)


def has_umap() -> bool:
    """Return whether UMAP is installed."""
    return find_spec("umap") is not None


def evenly(n_rows: int, n_wanted: int) -> IntArray:
    """Return at most `n_wanted` row numbers, evenly spread over `n_rows`."""
    if n_rows <= n_wanted:
        return np.arange(n_rows)
    return np.linspace(0, n_rows - 1, n_wanted).astype(np.int64)


def project(features: NDArray[np.float32], rows: IntArray, *, umap: bool) -> FloatArray:
    """Return the points of `rows`, an (m, 2) array within 0 and 1, both axes at one scale.

    Parameters
    ----------
    features : (n, d) float32 array
    rows : (m,) int64 array
    umap : bool
        By UMAP, which keeps neighbourhoods; else by the two principal components.

    Raises
    ------
    MissingExtraError
        When UMAP is not installed.
    """
    if len(rows) < 2 or features.shape[1] < 2:
        return np.full((len(rows), 2), 0.5)
    points = _by_umap(features, rows) if umap and len(rows) > 3 else _by_pca(features, rows)
    points = points - points.min(axis=0)
    extent = points.max(axis=0)
    scale = max(float(extent.max()), float(np.finfo(np.float32).tiny))
    centred: FloatArray = (points - extent / 2) / scale
    return centred + 0.5


def _by_pca(features: NDArray[np.float32], rows: IntArray) -> FloatArray:
    fitted = np.asarray(features[rows[evenly(len(rows), _FITTED_ROWS)]], np.float32)
    mean = fitted.mean(axis=0)
    fitted = fitted - mean
    axes = np.linalg.eigh(fitted.T @ fitted)[1][:, :-3:-1]
    # The sign of an axis is arbitrary: its largest value is made positive.
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]])
    parts = range(0, len(rows), _ROWS_AT_ONCE)
    blocks = ((features[rows[at : at + _ROWS_AT_ONCE]] - mean) @ axes for at in parts)
    return np.concatenate(list(blocks)).astype(np.float64)


def _by_umap(features: NDArray[np.float32], rows: IntArray) -> FloatArray:
    try:
        from umap import UMAP
    except ImportError as exc:
        raise MissingExtraError.needed_for("a map by UMAP", extra="umap") from exc
    n_neighbors = min(15, len(rows) - 1)
    model = UMAP(n_neighbors=n_neighbors, metric="cosine", random_state=0, n_jobs=1)
    return np.asarray(model.fit_transform(np.asarray(features[rows])), np.float64)
