"""k-means over the stored features, as later releases have it."""

import logging
import os
from typing import Any

from fastdup.api import FAILURE, SUCCESS, make_log_visible, run
from fastdup.clustering import kmeans
from fastdup.clustering.image_clusters import create_clusters_gallery
from fastdup.compat.later_options import warn_of
from fastdup.config import InputDir
from fastdup.config.checks import EXTRACT_ONLY
from fastdup.errors import FastdupError
from fastdup.report.gallery_file import Gallery, SavePath

logger = logging.getLogger("fastdup")

Path = str | os.PathLike[str]

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
        kmeans(work_dir, num_clusters, n_iterations=num_em_iter)
    except FastdupError as exc:
        logger.error("%s", exc)
        return FAILURE
    return SUCCESS


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
    return create_clusters_gallery(work_dir, save_path, num_images, **options)
