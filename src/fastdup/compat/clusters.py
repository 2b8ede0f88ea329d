"""k-means over the stored features, as later releases have it."""

import logging
import os
import statistics
from collections import defaultdict
from typing import Any

import numpy as np

from fastdup.api import FAILURE, SUCCESS, make_log_visible, run
from fastdup.compat.column_table import ColumnTable
from fastdup.compat.later_options import warn_of
from fastdup.config import InputDir
from fastdup.config.checks import EXTRACT_ONLY
from fastdup.config.machine import available_cores
from fastdup.errors import ConfigError, FastdupError, WorkDirError
from fastdup.report import gallery
from fastdup.report.gallery import Gallery, SavePath
from fastdup.report.gallery_rows import COMPONENTS
from fastdup.workdir.csv_files import read_table, write_table
from fastdup.workdir.features import load_binary_feature

logger = logging.getLogger("fastdup")

Path = str | os.PathLike[str]

#: The files of the clusters in the work folder.
ASSIGNMENTS, CENTROIDS = "kmeans_assignments.csv", "kmeans_centroids.csv"
_HEADER = ("index", "filename", "cluster", "distance")
#: Options of later releases that mean nothing here → why.
_MEANINGLESS = {
    "bounding_box": "whole images are compared",
    "d": "the features have the width of their model",
    "high_accuracy": "there is one built-in model; model_path takes another",
    "max_offset": "all images are read",
    "min_offset": "all images are read",
    "nearest_neighbors_k": "each image is in one cluster",
    "num_images": "all stored features are used",
    "num_threads": "the number of cores decides",
    "model_path": "the features are there",
    "batch_size": "batches are chosen by the tool",
    "compute": "clusters are found on the processor",
    "kmeans_param": "num_clusters and num_em_iter are all there is to choose",
    "license": "no licence key is needed",
    "resume": "every run goes on where the last one stopped",
    "turi_param": "it has no part in the clusters",
}
#: The seed of the first centres.
_SEED = 0


def run_kmeans(
    input_dir: InputDir,
    work_dir: Path = ".",
    verbose: bool = False,
    num_clusters: int = 100,
    num_em_iter: int = 20,
    num_threads: int = -1,
    num_images: int = -1,
    model_path: Path | None = None,
    **options: Any,
) -> int:
    """Put images into clusters by their features, and return 0, or 1 on an error, which is logged.

    ``kmeans_assignments.csv`` in the work folder is ``index,filename,cluster,distance``, a row for
    each good image in the order of the features, with the cosine distance to its centre;
    ``kmeans_centroids.csv`` has the centres.

    Parameters
    ----------
    input_dir, work_dir, verbose, num_threads, num_images, model_path
        As for `fastdup.run`.
    num_clusters : int
        How many clusters, at most the number of images.
    num_em_iter : int
        How often the centres are moved.
    **options
        Those of later releases that mean nothing here are named in a warning.
    """
    warn_of("run_kmeans", options, _MEANINGLESS)
    status = run(
        input_dir,
        work_dir,
        verbose=verbose,
        num_threads=num_threads,
        num_images=num_images,
        model_path=model_path,
        run_mode=EXTRACT_ONLY,
    )
    if status != SUCCESS:
        return status
    return run_kmeans_on_extracted("", work_dir, verbose, num_clusters, num_em_iter)


def run_kmeans_on_extracted(
    input_dir: InputDir = "",
    work_dir: Path = ".",
    verbose: bool = False,
    num_clusters: int = 100,
    num_em_iter: int = 20,
    **options: Any,
) -> int:
    """Do what `run_kmeans` does, with the features that are in the work folder.

    Parameters
    ----------
    input_dir
        Accepted; no image is read.
    work_dir, verbose, num_clusters, num_em_iter, **options
        As for `run_kmeans`.
    """
    warn_of("run_kmeans_on_extracted", options, _MEANINGLESS)
    make_log_visible(verbose=bool(verbose))
    try:
        _cluster(os.fspath(work_dir), num_clusters, num_em_iter)
    except FastdupError as exc:
        logger.error("%s", exc)
        return FAILURE
    return SUCCESS


def _cluster(work_dir: str, n_clusters: int, n_iterations: int) -> None:
    for name, value in (("num_clusters", n_clusters), ("num_em_iter", n_iterations)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ConfigError(f"{name}={value!r} is not allowed: give a whole number of at least 1")
    import faiss

    paths, features = load_binary_feature(work_dir)
    if len(paths) < n_clusters:
        raise ConfigError(
            f"num_clusters={n_clusters} is more than the {len(paths)} images: try "
            f"num_clusters={max(len(paths) // 10, 1)}"
        )
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    rows = np.ascontiguousarray(features / np.maximum(lengths, 1e-12), np.float32)
    faiss.omp_set_num_threads(available_cores())
    kmeans = faiss.Kmeans(
        rows.shape[1],
        n_clusters,
        niter=n_iterations,
        seed=_SEED,
        spherical=True,
        min_points_per_centroid=1,
        max_points_per_centroid=max(256, -(-len(rows) // n_clusters)),
    )
    kmeans.train(rows)
    centres = np.asarray(kmeans.centroids, np.float64)
    products = rows.astype(np.float64) @ centres.T
    nearest = products.argmax(axis=1)
    distances = np.clip(1 - products[np.arange(len(rows)), nearest], 0, 2)
    table = zip(
        range(len(paths)),
        paths,
        nearest.tolist(),
        (f"{value:.6f}" for value in distances),
        strict=True,
    )
    write_table(os.path.join(work_dir, ASSIGNMENTS), _HEADER, table)
    names = [f"v{place}" for place in range(rows.shape[1])]
    values = (map(repr, centre) for centre in centres.tolist())
    write_table(os.path.join(work_dir, CENTROIDS), names, map(list, values))


def read_assignments(work_dir: str) -> tuple[list[str], list[int], list[float]]:
    """Return the files, their clusters, and the distances to the centres.

    Raises
    ------
    WorkDirError
        When there are none, or the file is damaged.
    """
    path = os.path.join(os.path.expanduser(work_dir), ASSIGNMENTS)
    if not os.path.exists(path):
        raise WorkDirError(f"there is no {path}: fastdup.run_kmeans(input_dir, work_dir) writes it")
    header, *rows = read_table(path)
    try:
        if tuple(header) != _HEADER:
            raise ValueError(f"it does not begin with {','.join(_HEADER)}")
        _, names, clusters, distances = zip(*rows, strict=True) if rows else ((),) * 4
        return list(names), list(map(int, clusters)), list(map(float, distances))
    except ValueError as exc:
        raise WorkDirError.damaged(path, exc) from exc


def create_kmeans_clusters_gallery(
    work_dir: Path, save_path: SavePath = ".", num_images: int = 20, **options: Any
) -> Gallery:
    """Path of an HTML file that shows the clusters of `run_kmeans`, the largest first.

    Parameters
    ----------
    work_dir : path
        The folder of `run_kmeans`.
    save_path : path
        Folder for ``kmeans_clusters.html``, or the page itself.
    num_images : int
        Most clusters to show.
    **options
        As for `create_components_gallery`.
    """
    paths, clusters, distances = read_assignments(os.fspath(work_dir))
    near: dict[int, list[float]] = defaultdict(list)
    for cluster, distance in zip(clusters, distances, strict=True):
        near[cluster].append(1 - distance)
    spreads = []
    for spread in (statistics.fmean, min, max):
        of_cluster = {cluster: spread(values) for cluster, values in near.items()}
        spreads.append([of_cluster[cluster] for cluster in clusters])
    table = ColumnTable(zip(COMPONENTS.names, [paths, clusters, *spreads], strict=True))
    folder = os.fspath(save_path)
    is_page = folder.lower().endswith((".html", ".htm"))
    page = folder if is_page else os.path.join(folder, "kmeans_clusters.html")
    return gallery.create_components_gallery(table, page, num_images, **options)
