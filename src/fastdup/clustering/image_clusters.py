"""k-means over the images of a work folder: who is in which cluster, as tables and a page."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.analysis.spherical_kmeans import Clusters, find_clusters
from fastdup.arrays import FloatArray, IntArray
from fastdup.clustering.compared_rows import DEFAULT_ROWS, checked_count, load_rows
from fastdup.config.machine import available_cores
from fastdup.errors import WorkDirError
from fastdup.report.column_table import ColumnTable
from fastdup.report.gallery import create_components_gallery
from fastdup.report.gallery_file import Gallery, SavePath
from fastdup.report.gallery_rows import COMPONENTS
from fastdup.scale import decimal
from fastdup.workdir import WorkDir
from fastdup.workdir.csv_files import read_table, write_table

_ASSIGNMENTS = ("index", "filename", "cluster", "distance")
_NEAREST = ("cluster", "count", "rank", "filename", "distance")
#: Images of each cluster that are listed as its most typical ones.
N_TYPICAL = 5


@dataclass(frozen=True)
class ImageClusters:
    """The clusters of n images.

    Attributes
    ----------
    paths : list of str
        The images, in the order of the features.
    numbers : (n,) int64 array
        The cluster of each image, from 0, the largest first.
    distances : (n,) float64 array
        Cosine distance of each image to the centre of its cluster, 0 to 2.
    centres : (c, d) float64 array
        Of length 1.
    counts : (c,) int64 array
        Images in each cluster.
    """

    paths: list[str]
    numbers: NDArray[np.int64]
    distances: NDArray[np.float64]
    centres: NDArray[np.float64]
    counts: NDArray[np.int64]

    def assignments(self) -> Iterator[tuple[int, str, int, float]]:
        """Yield ``index, filename, cluster, distance`` of each image, in the order of the rows."""
        numbers, distances = self.numbers.tolist(), self.distances.tolist()
        yield from zip(range(len(numbers)), self.paths, numbers, distances, strict=True)

    def nearest(self, n_each: int = N_TYPICAL) -> Iterator[tuple[int, int, int, str, float]]:
        """Yield ``cluster, count, rank, filename, distance`` of the images nearest to each centre.

        Parameters
        ----------
        n_each : int
            Most images of a cluster. Ranks begin with 1, the nearest.
        """
        clusters = Clusters(self.numbers, self.distances, self.centres, self.counts)
        last, rank = -1, 0
        for row in clusters.nearest(n_each).tolist():
            number = int(self.numbers[row])
            rank, last = (rank + 1 if number == last else 1), number
            count, distance = self.counts[number], self.distances[row]
            yield number, int(count), rank, self.paths[row], float(distance)

    def lines(self) -> Iterator[str]:
        """Yield the lines that a person reads."""
        counts = self.counts
        n_empty = int((counts == 0).sum())
        yield f"{len(self.paths):,} images in {len(counts) - n_empty:,} clusters"
        yield f"images per cluster: {int(counts[0]):,} to {int(counts[counts > 0][-1]):,}"
        yield f"mean cosine distance to the centre: {self.distances.mean():.3f}"
        if n_empty:
            yield f"{n_empty:,} clusters are empty: there are fewer different images than clusters"

    def write(self, work_dir: str | os.PathLike[str], n_each: int = N_TYPICAL) -> list[str]:
        """Write the three tables into a work folder, and return their paths.

        ``kmeans_assignments.csv`` has a row for each image, ``kmeans_centroids.csv`` the centres,
        and ``kmeans_nearest.csv`` the `n_each` images nearest to each centre.
        """
        work = WorkDir(os.fspath(work_dir))
        shown = ((*row[:3], decimal(row[3])) for row in self.assignments())
        write_table(work.kmeans_assignments, _ASSIGNMENTS, shown)
        names = [f"v{place}" for place in range(self.centres.shape[1])]
        centres = (list(map(repr, centre)) for centre in self.centres.tolist())
        write_table(work.kmeans_centroids, names, centres)
        near = ((*row[:4], decimal(row[4])) for row in self.nearest(n_each))
        write_table(work.kmeans_nearest, _NEAREST, near)
        return [work.kmeans_assignments, work.kmeans_centroids, work.kmeans_nearest]


def kmeans(
    work_dir: str | os.PathLike[str],
    n: int = 100,
    *,
    n_iterations: int = 20,
    n_nearest: int = N_TYPICAL,
    by: str = DEFAULT_ROWS,
) -> ImageClusters:
    """Return `n` clusters of the images in a work folder, and write them there.

    The result is the same each time, with any number of threads. Collections of any size take flat
    memory: the centres are found with a part of the rows.

    Parameters
    ----------
    work_dir : path
        The folder of a run, extract-only or not, or of features of your own.
    n : int
        How many clusters, 1 to the number of images.
    n_iterations : int
        How often the centres are moved, at least 1.
    n_nearest : int
        How many images nearest to each centre are listed, at least 1.
    by : {"copies", "content"}
        By what images are compared: the features that find copies, or these and the rows for
        content, which bring together what looks to be of one kind.

    Raises
    ------
    ConfigError
        When a number is out of range.
    WorkDirError
        When there are no features, or the folder cannot be written.
    """
    paths, rows = load_rows(work_dir, by)
    n_clusters = checked_count("n", n, len(paths))
    checked_count("n_iterations", n_iterations)
    checked_count("n_nearest", n_nearest)
    clusters = find_clusters(rows, n_clusters, n_iterations, available_cores())
    found = ImageClusters(paths, *clusters)
    found.write(work_dir, n_nearest)
    return found


def read_assignments(work_dir: str) -> tuple[list[str], list[int], list[float]]:
    """Return the files, their clusters, and the distances to the centres.

    Raises
    ------
    WorkDirError
        When there are none, or the file is damaged.
    """
    path = WorkDir(work_dir).kmeans_assignments
    if not os.path.exists(path):
        raise WorkDirError(
            f"there is no {path}: fastdup kmeans WORK_DIR -n 100, or fastdup.kmeans(work_dir), "
            "writes it"
        )
    header, *rows = read_table(path)
    try:
        if tuple(header) != _ASSIGNMENTS:
            raise ValueError(f"it does not begin with {','.join(_ASSIGNMENTS)}")
        _, names, numbers, distances = zip(*rows, strict=True) if rows else ((),) * 4
        return list(names), list(map(int, numbers)), list(map(float, distances))
    except ValueError as exc:
        raise WorkDirError.damaged(path, exc) from exc


def create_clusters_gallery(
    work_dir: str | os.PathLike[str],
    save_path: SavePath | None = None,
    num_images: int = 20,
    **options: Any,
) -> Gallery:
    """Path of an HTML file that shows the clusters, the largest first, the typical images first.

    Parameters
    ----------
    work_dir : path
        The folder of `kmeans`.
    save_path : path or None
        Folder for ``kmeans_clusters.html``, or the page itself; None: the work folder.
    num_images : int
        Most clusters to show.
    **options
        As for `create_components_gallery`.
    """
    work = WorkDir(os.fspath(work_dir))
    paths, numbers, distances = read_assignments(work.root)
    table = _as_components(paths, np.array(numbers, np.int64), 1 - np.array(distances, np.float64))
    folder = os.fspath(work.root if save_path is None else save_path)
    is_page = folder.lower().endswith((".html", ".htm"))
    page = folder if is_page else os.path.join(folder, os.path.basename(work.kmeans_page))
    return create_components_gallery(table, page, num_images, **options)


def _as_components(paths: list[str], numbers: IntArray, near: FloatArray) -> ColumnTable:
    """Return a table of components: of each cluster the images nearest to its centre first."""
    order = np.lexsort((np.arange(len(numbers)), -near, numbers))
    _, cluster, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    lowest, highest = np.full(len(counts), np.inf), np.full(len(counts), -np.inf)
    np.minimum.at(lowest, cluster, near)
    np.maximum.at(highest, cluster, near)
    means = np.bincount(cluster, near) / counts if len(counts) else near
    columns = (numbers, means[cluster], lowest[cluster], highest[cluster])
    in_order = [[paths[row] for row in order.tolist()], *(c[order].tolist() for c in columns)]
    return ColumnTable(zip(COMPONENTS.names, in_order, strict=True))
