"""The map of a collection: each image a point on a plane, those of like content near each other."""

import os
from collections.abc import Mapping
from functools import partial
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import FloatArray, IntArray
from fastdup.config.machine import available_cores
from fastdup.errors import ConfigError, MissingExtraError
from fastdup.explorer.background import InBackground
from fastdup.explorer.collection import Collection
from fastdup.explorer.layout import lay_out
from fastdup.explorer.map_points import Points, keep_points, read_points
from fastdup.index import Metric
from fastdup.index.base import Resources
from fastdup.index.join import self_join
from fastdup.index.provider_choice import SearchOptions
from fastdup.runs.content_space import ContentSpace
from fastdup.runs.near_content import nearest_by_content
from fastdup.workdir.append_only import stored_content_model

#: Which rows a map is made of.
COPIES, CONTENT, MODEL = "copies", "content", "model"
PCA, NEIGHBOURS, UMAP = "pca", "neighbours", "umap"
#: Method → most points: a canvas draws 200,000 in the time between a few frames; other methods
#: take minutes beyond.
_MOST_POINTS: Mapping[str, int] = {NEIGHBOURS: 100_000, PCA: 200_000, UMAP: 20_000}
#: Rows that the principal axes are computed from, evenly chosen.
_FITTED_ROWS = 10_000
_ROWS_AT_ONCE = 8_192
_LARGEST = 2**16 - 1
#: Nearest others that draw a point.
_NEIGHBOURS = 10

Rows = NDArray[np.float32] | ContentSpace


class CollectionMap:
    """The map of a collection, computed once by each method; safe to use from several threads.

    The last one that took long is kept in the work folder.

    Parameters
    ----------
    collection : Collection
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._maps = {name: InBackground(partial(self._make, name)) for name in _MOST_POINTS}

    def points(self, by: str) -> Points | None:
        """Return the map by one of the methods, None while it is being made.

        Raises
        ------
        ConfigError
            When there is no such method.
        MissingExtraError
            When UMAP is not installed.
        WorkDirError
            When the features are missing.
        """
        if by not in self._maps:
            raise ConfigError.not_among("by", by, self._maps, NEIGHBOURS)
        # Components take a moment even of many images, and are shown while others are made.
        return self._maps[by].get(60.0) if by == PCA else self._maps[by].get()

    def _make(self, by: str) -> Points:
        if by == PCA:  # which takes a second
            return self._points(by)
        work, n_images = self._collection.work, self._collection.n_images
        points = read_points(work, by, n_images)
        if points is None:
            points = self._points(by)
            keep_points(work, by, n_images, points)
        return points

    def _points(self, by: str) -> Points:
        space = ContentSpace.of_run(self._collection.run)
        rows = evenly(space.shape[0], _MOST_POINTS[by])
        indices = self._indices(space, rows) if by == NEIGHBOURS else None
        places = np.round(project(space, rows, by=by, indices=indices) * _LARGEST)
        return Points(rows, places.astype(np.uint16))

    def _indices(self, space: ContentSpace, rows: IntArray) -> IntArray:
        """Return the nearest others of each of `rows`, as places among them."""
        run = self._collection.run
        if len(rows) == space.shape[0]:
            return nearest_by_content(run, min(_NEIGHBOURS, max(len(rows) - 1, 1)))
        distance = Metric.COSINE.value if space.has_content else run.options["distance"]
        options, threads = SearchOptions(distance=distance), Resources(n_threads=available_cores())
        return self_join(space[rows], _NEIGHBOURS, options, threads).neighbours.indices

    def to_bytes(self, by: str, codes: NDArray[np.uint8]) -> bytes:
        """Return the map as bytes: m uint32 rows, 2m uint16 places, m uint8 codes.

        Nothing while the map is being made.

        Parameters
        ----------
        by : str
            The method.
        codes : (n,) uint8 array
            What each image is coloured by.
        """
        points = self.points(by)
        if points is None:
            return b""
        parts = points.rows.astype("<u4"), points.places.astype("<u2"), codes[points.rows]
        return b"".join(part.tobytes() for part in parts)


def made_of(collection: Collection) -> str:
    """Return what the map is made of: rows for copies alone, or those for content or of a model."""
    run = collection.run
    if not run.options["content"] or not os.path.exists(run.work.content):
        return COPIES
    return CONTENT if stored_content_model(run.work) is None else MODEL


def has_umap() -> bool:
    """Return whether UMAP is installed."""
    return find_spec("umap") is not None


def evenly(n_rows: int, n_wanted: int) -> IntArray:
    """Return at most `n_wanted` row numbers, evenly spread over `n_rows`."""
    if n_rows <= n_wanted:
        return np.arange(n_rows)
    return np.linspace(0, n_rows - 1, n_wanted).astype(np.int64)


def project(
    features: Rows, rows: IntArray, *, by: str, indices: IntArray | None = None
) -> FloatArray:
    """Return the points of `rows`, an (m, 2) array within 0 and 1, both axes at one scale.

    Parameters
    ----------
    features : (n, d) float32 array, or what gives the rows of one
    rows : (m,) int64 array
    by : {"pca", "neighbours", "umap"}
        By the two principal components; from there by the nearest others, which `indices` has; or
        by UMAP.
    indices : (m, k) int64 array or None
        The nearest others of each of `rows`, as places among them.

    Raises
    ------
    MissingExtraError
        When UMAP is not installed.
    """
    if len(rows) < 2 or features.shape[1] < 2:
        return np.full((len(rows), 2), 0.5)
    is_umap = by == UMAP and len(rows) > 3
    points = _by_umap(features, rows) if is_umap else _by_pca(features, rows)
    if by == NEIGHBOURS and indices is not None:
        # Where there are few, most others are among the ten nearest, and say little.
        points = lay_out(points, indices[:, : max(2, min(len(rows) // 10, _NEIGHBOURS))])
    points = points - points.min(axis=0)
    extent = points.max(axis=0)
    scale = max(float(extent.max()), float(np.finfo(np.float32).tiny))
    centred: FloatArray = (points - extent / 2) / scale
    return centred + 0.5


def _by_pca(features: Rows, rows: IntArray) -> FloatArray:
    fitted = np.asarray(features[rows[evenly(len(rows), _FITTED_ROWS)]], np.float32)
    mean = fitted.mean(axis=0)
    fitted = fitted - mean
    axes = np.linalg.eigh(fitted.T @ fitted)[1][:, :-3:-1]
    # The sign of an axis is arbitrary: its largest value is made positive.
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]])
    parts = range(0, len(rows), _ROWS_AT_ONCE)
    blocks = ((features[rows[at : at + _ROWS_AT_ONCE]] - mean) @ axes for at in parts)
    return np.concatenate(list(blocks)).astype(np.float64)


def _by_umap(features: Rows, rows: IntArray) -> FloatArray:
    try:
        import umap
    except ImportError as exc:
        raise MissingExtraError.needed_for("a map by UMAP", extra="umap") from exc
    n_neighbors = min(15, len(rows) - 1)
    model = umap.UMAP(n_neighbors=n_neighbors, metric="cosine", random_state=0, n_jobs=1)
    return np.asarray(model.fit_transform(np.asarray(features[rows])), np.float64)
