"""New images against a finished work folder: who is nearest, and how similar."""

import json
import logging
import numbers
import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.config import RunConfig, available_cores
from fastdup.embed import Embedder
from fastdup.errors import ConfigError, ImageError, SourceError, WorkDirError
from fastdup.images import decode
from fastdup.index import Metric, cosine_equivalent, nearest, self_join, similarities_from_raw
from fastdup.models import find_calibration, load_spec
from fastdup.sources import LocalReader
from fastdup.workdir import WorkDir, load_binary_feature, read_signature

logger = logging.getLogger(__name__)


class Hit(NamedTuple):
    """One of the stored images nearest to a query.

    Attributes
    ----------
    query, path : str
        The query, and the stored image.
    similarity : float
        On the scale of the run, 1 = identical.
    """

    query: str
    path: str
    similarity: float


def search_images(work_dir: str, queries: Sequence[str], k: int) -> list[Hit]:
    """Return the `k` stored images nearest to each query, nearest first.

    Parameters
    ----------
    work_dir : str
        The folder of a run.
    queries : sequence of str
        Paths of image files. One that cannot be used is told of and left out.
    k : int
        At least 1.

    Raises
    ------
    ConfigError
        When `k` is no such number.
    WorkDirError
        When the folder holds no features made by a model.
    SourceError
        When none of the queries can be used.
    """
    if isinstance(k, bool) or not isinstance(k, numbers.Integral) or k < 1:
        raise ConfigError(f"k={k!r} is not allowed: give a whole number of at least 1; try k=5")
    stored = StoredImages(work_dir)
    usable, images = _prepare_files(queries, stored)
    indices, similarities = stored.nearest(stored.embed(images), k)
    return [
        Hit(query, stored.paths[index], float(similarity))
        for query, near, values in zip(usable, indices, similarities, strict=True)
        for index, similarity in zip(near, values, strict=True)
        if index >= 0
    ]


class StoredImages:
    """The images of a finished run, to be asked for those nearest to new ones.

    Parameters
    ----------
    work_dir : str
        The folder of the run.

    Attributes
    ----------
    paths : list of str
        The n stored images.

    Raises
    ------
    WorkDirError
        When the folder holds no features made by a model, or the model is not at hand.
    """

    def __init__(self, work_dir: str) -> None:
        self._options = read_options(work_dir)
        self._work = WorkDir(work_dir, self._options["features_out_file"])
        self.paths, self._features = load_binary_feature(self._work.features)
        self._embedder = _embedder_of(self._work, self._options)

    def prepare(self, data: bytes) -> NDArray[np.uint8]:
        """Return the image in a file's bytes as the model takes it.

        Raises
        ------
        ImageError
            When there is none.
        """
        max_pixels = self._options["max_pixels"]
        picture = decode(data, min_side=self._embedder.min_side, max_pixels=max_pixels)
        return self._embedder.prepare(picture.image)

    def embed(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return the features of prepared images, a (q, d) array."""
        return self._embedder.embed(images)

    def nearest(
        self, rows: NDArray[np.float32], k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the `k` stored images nearest to each of the (q, d) features, nearest first.

        Returns
        -------
        indices, similarities : (q, k) arrays
            Positions in `paths`, -1 where there are fewer; similarities on the scale of the run.
        """
        distance = self._options["distance"]
        k = min(k, max(len(self.paths), 1))
        found = nearest(self._features, rows, k, distance=distance)
        model_path, metric = self._options["model_path"], Metric.of(distance)
        return found.indices, calibrated(self._work, model_path, found.similarities, metric)


def stored_neighbours(
    work_dir: str, k: int
) -> tuple[Sequence[str], NDArray[np.int64], NDArray[np.float64]]:
    """Return the images of a finished run, and the k nearest others of each, however similar.

    Returns
    -------
    paths : sequence of str
        The n images.
    indices : (n, k) int64 array
        Row numbers, the most similar first; -1 where there are fewer.
    similarities : (n, k) float64 array
        On the scale of the run, in [0, 1].

    Raises
    ------
    WorkDirError
        When the folder holds no features.
    """
    options = read_options(work_dir)
    work = WorkDir(work_dir, options["features_out_file"])
    paths, features = load_binary_feature(work.features)
    join = self_join(features, k, distance=options["distance"], n_threads=available_cores())
    raw = join.neighbours.similarities
    similarities = calibrated(work, options["model_path"], raw, join.metric)
    return paths, join.neighbours.indices, similarities


def calibrated(
    work: WorkDir, model_path: str | None, raw: NDArray[np.float64], metric: Metric
) -> NDArray[np.float64]:
    """Return raw similarities on the scale that belongs to the model of the stored features.

    A model without a scale of its own, and features of one's own, keep the metric's similarity.
    """
    signature = read_signature(work.journal)
    calibration = signature and find_calibration(str(signature["model"]), model_path)
    if calibration:
        return calibration.apply(cosine_equivalent(raw, metric))
    return similarities_from_raw(raw)


def read_config(work_dir: str) -> dict[str, Any]:
    """Return what ``config.json`` holds: options, model, counts, seconds of the last run.

    Raises
    ------
    WorkDirError
        When there is no such file, or it is damaged.
    """
    path = WorkDir(work_dir).config
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
    except FileNotFoundError as exc:
        raise WorkDirError(
            f"there is no finished run in {work_dir}: run there first, or name another work_dir"
        ) from exc
    except (OSError, ValueError) as exc:
        raise WorkDirError(f"cannot read {path}: {exc}; run again to write it anew") from exc
    if not isinstance(content, dict):
        raise WorkDirError(f"{path} is damaged: run again to write it anew")
    return content


def read_options(work_dir: str) -> Mapping[str, Any]:
    """Return the options of the last run in a work folder; those it does not tell are at default.

    Raises
    ------
    WorkDirError
        When there is no finished run.
    """
    fields = RunConfig.__dataclass_fields__.values()
    defaults = {field.name: field.default for field in fields if field.name != "input_dir"}
    return {**defaults, **read_config(work_dir).get("options", {})}


def _embedder_of(work: WorkDir, options: Mapping[str, Any]) -> Embedder:
    """Return the model that made the stored features, ready to make more."""
    signature = read_signature(work.journal)
    if signature is None:
        raise WorkDirError(
            f"{work.features} was not made by a model here: "
            "search its rows with fastdup.run(…, run_mode=2)"
        )
    spec = load_spec(options["model_path"])
    if spec.sha256 != signature["model"]:
        raise WorkDirError(
            f"{work.features} was made by the model {signature['name']}, and {spec.name} is "
            "at hand: run again, or bring the model back"
        )
    return Embedder(spec)


def _prepare_files(
    queries: Sequence[str], stored: StoredImages
) -> tuple[list[str], list[NDArray[np.uint8]]]:
    usable: list[str] = []
    images: list[NDArray[np.uint8]] = []
    reasons: list[str] = []
    for query in queries:
        try:
            images.append(stored.prepare(LocalReader().read(query)))
        except ImageError as exc:
            reasons.append(f"cannot search for {os.fspath(query)!r}: {exc.reason}, {exc}")
            continue
        usable.append(query)
    if reasons and not usable:
        raise SourceError(reasons[0])
    for reason in reasons:
        logger.warning("%s", reason)
    return usable, images
