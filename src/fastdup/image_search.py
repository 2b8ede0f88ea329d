"""New images against a finished work folder: who is nearest, and how similar."""

import logging
import numbers
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray, FloatArray, IntArray
from fastdup.embed import Embedder, ModelInput
from fastdup.errors import ConfigError, ImageError, SourceError, WorkDirError
from fastdup.images import decode
from fastdup.index import Metric, Neighbours, nearest
from fastdup.index.rerank import sort_neighbours
from fastdup.models import load_spec
from fastdup.runs import FinishedRun
from fastdup.runs.content_space import ContentSpace
from fastdup.runs.new_content import new_content
from fastdup.scale import Scale
from fastdup.sources import Reader
from fastdup.sources.local_reader import LocalReader
from fastdup.workdir.commits import read_signature

logger = logging.getLogger(__name__)


#: By what images may be searched for.
COPIES, CONTENT = "copies", "content"
#: Stored rows for content that are compared at a time, so that memory stays small.
_ROWS_TOGETHER = 65_536
#: Queries that are decoded and judged at a time.
_AT_ONCE = 32


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


class Answer(NamedTuple):
    """Whether an image is in the collection.

    Attributes
    ----------
    query : str
        The path of its file.
    copies : tuple of Hit
        Its copies, the most similar first; empty when it is new.
    nearest : Hit or None
        The nearest stored image, copy or not; None in an empty collection.
    problem : str
        Why the file could not be looked for; "" where it was.
    """

    query: str
    copies: tuple[Hit, ...] = ()
    nearest: Hit | None = None
    problem: str = ""


class Nearest(NamedTuple):
    """The k stored images nearest to each of q queries, nearest first.

    Attributes
    ----------
    indices : (q, k) int64 array
        Positions in `StoredImages.paths`, -1 where there are fewer.
    similarities : (q, k) float64 array
        On the scale of the run; those that may be copies are judged by both pictures, as in it.
    are_copies : (q, k) bool array
        Whether each is a copy: found to be one, and at or above the threshold of the run. Where the
        run did not look at pictures, the threshold alone decides.
    """

    indices: IntArray
    similarities: FloatArray
    are_copies: BoolArray


class Query(NamedTuple):
    """An image to search for.

    Attributes
    ----------
    pixels : ModelInput
    file : str or bytes
        The path of its file, or the bytes of it.
    """

    pixels: ModelInput
    file: str | bytes


def search_images(work_dir: str, queries: Sequence[str], k: int, by: str = COPIES) -> list[Hit]:
    """Return the `k` stored images nearest to each query, nearest first.

    Parameters
    ----------
    work_dir : str
        The folder of a run.
    queries : sequence of str
        Paths of image files. One that cannot be used is left out, with a warning.
    k : int
        At least 1.
    by : {"copies", "content"}
        What is near: what may be a copy, or what looks to be of the same kind.

    Raises
    ------
    ConfigError
        When `k` is no such number, or `by` none of these.
    WorkDirError
        When the folder holds no features made by a model.
    SourceError
        When none of the queries can be used.
    """
    if isinstance(k, bool) or not isinstance(k, numbers.Integral) or k < 1:
        raise ConfigError(f"k={k!r} is not allowed: give a whole number of at least 1; try k=5")
    if by not in (COPIES, CONTENT):
        raise ConfigError.not_among("by", by, (COPIES, CONTENT), COPIES)
    stored = StoredImages(work_dir)
    usable = _prepare_files(queries, stored)
    find = stored.nearest_by_content if by == CONTENT else stored.nearest
    indices, similarities = find(usable, k)[:2]
    return [
        Hit(str(query.file), stored.paths[index], float(similarity))
        for query, near, values in zip(usable, indices, similarities, strict=True)
        for index, similarity in zip(near, values, strict=True)
        if index >= 0
    ]


def embed_files(paths: Sequence[str], model_path: str | None) -> NDArray[np.float32]:
    """Return the features of image files, an (n, d) float32 array.

    Parameters
    ----------
    paths : sequence of str
    model_path : str or None
        The model, as for a run; None: the built-in one.

    Raises
    ------
    ImageError
        When a file cannot be used.
    """
    embedder = Embedder(load_spec(model_path))
    decoded = (
        decode(LocalReader().read(path), min_side=embedder.min_side, frames=True) for path in paths
    )
    rows = [embedder.embed_frames([embedder.prepare_frames(picture)])[0] for picture in decoded]
    return np.array(rows, np.float32).reshape(len(rows), embedder.dim)


def search_rows(work_dir: str, rows: NDArray[np.float32], k: int) -> list[list[tuple[str, float]]]:
    """Return the `k` stored images nearest to each row of features, and their similarities.

    No picture is looked at: similarities are those of the features.

    Parameters
    ----------
    work_dir : str
        The folder of a run.
    rows : (q, d) array
        Of the width of the stored features.
    k : int
        At least 1.

    Raises
    ------
    ConfigError
        When the rows have another width.
    """
    run = FinishedRun(work_dir)
    if rows.ndim != 2 or rows.shape[1] != run.features.shape[1]:
        raise ConfigError(
            f"the rows have the shape {rows.shape}, and the features of the run have width "
            f"{run.features.shape[1]}"
        )
    k = min(k, max(len(run.paths), 1))
    raw = nearest(run.features, rows, k, distance=run.options["distance"])
    values = run.scale.similarities(raw.similarities)
    return [
        [(run.paths[i], float(v)) for i, v in zip(near, of, strict=True) if i >= 0]
        for near, of in zip(raw.indices.tolist(), values.tolist(), strict=True)
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
        self._run = FinishedRun(work_dir)
        self.paths = self._run.paths
        self._embedder = _embedder_of(self._run)

    def prepare(self, data: bytes, path: str | None = None) -> Query:
        """Return the image in a file's bytes as a query.

        Parameters
        ----------
        data : bytes
        path : str, optional
            Where the file is, so that its bytes need not be kept.

        Raises
        ------
        ImageError
            When there is none.
        """
        max_pixels = self._run.options["max_pixels"]
        min_side = self._embedder.min_side
        picture = decode(data, min_side=min_side, max_pixels=max_pixels, frames=True)
        return Query(self._embedder.prepare_frames(picture), data if path is None else path)

    def nearest(self, queries: Sequence[Query], k: int) -> Nearest:
        """Return the `k` stored images nearest to each of q queries, and which are copies."""
        judged = self._run.pairs_on_request
        k = min(k, max(len(self.paths), 1))
        n_searched = max(k, min(judged.n_searched, len(self.paths))) if judged else k
        rows = self._embedder.embed_frames([query.pixels for query in queries])
        distance = self._run.options["distance"]
        raw = nearest(self._run.features, rows, n_searched, distance=distance)
        values = self._run.scale.similarities(raw.similarities)
        are_copies = np.ones(values.shape, bool)
        if judged:
            files = [query.file for query in queries]
            near = Neighbours(raw.indices, values)
            values, are_copies = judged.of_queries(files, near, raw.similarities)
        are_copies &= (raw.indices >= 0) & (values >= self._run.threshold)
        values = np.where(raw.indices < 0, -np.inf, values)
        indices, similarities = sort_neighbours(raw.indices, values, k)
        copies = [
            np.isin(found, all_of_it[is_copy])
            for found, all_of_it, is_copy in zip(indices, raw.indices, are_copies, strict=True)
        ]
        return Nearest(indices, similarities, np.array(copies, bool).reshape(indices.shape))

    def nearest_by_content(self, queries: Sequence[Query], k: int) -> tuple[IntArray, FloatArray]:
        """Return the `k` stored images nearest to each of q queries by their content.

        By the rows for copies, with a line in the log, where there are none for content.

        Returns
        -------
        (q, k) int64 array, (q, k) float64 array
            Positions in `paths`, -1 where there are fewer, and the cosines, from 0 to 1.
        """
        space, pictures = ContentSpace.of_run(self._run), [query.pixels for query in queries]
        files = [query.file for query in queries]
        rows = self._embedder.embed_frames(pictures)
        if space.has_content:
            rows = space.joined(rows, new_content(self._run, files, pictures))
        else:
            message = "%s has no rows for content: what is near is so by the rows for copies"
            logger.info(message, self._run.work.root)
        indices, cosines = np.empty((len(rows), 0), np.int64), np.empty((len(rows), 0))
        k = min(k, max(len(self.paths), 1))
        for start in range(0, len(self.paths), _ROWS_TOGETHER):
            block = space[slice(start, start + _ROWS_TOGETHER)]
            near = nearest(block, rows, min(k, len(block)))
            is_there = near.indices >= 0
            found = np.where(is_there, near.indices + start, -1)
            indices = np.concatenate([indices, found], axis=1)
            values = np.where(is_there, near.similarities, -np.inf)
            cosines = np.concatenate([cosines, values], axis=1)
        indices, cosines = sort_neighbours(indices, cosines, k)
        return indices, Scale(Metric.COSINE).similarities(cosines)


def look_up(work_dir: str, queries: Sequence[str], k: int = 5) -> Iterator[Answer]:
    """Yield for each query whether it is in the collection, in their order.

    A file that cannot be used gets an answer with its problem, and stops nothing.

    Parameters
    ----------
    work_dir : str
        The folder of a run.
    queries : sequence of str
        Paths of image files.
    k : int
        Most copies that are listed of each.

    Raises
    ------
    WorkDirError
        When the folder holds no features made by a model.
    """
    stored = StoredImages(work_dir)
    with closing(FinishedRun(work_dir).open_reader()) as reader:
        for start in range(0, len(queries), _AT_ONCE):
            block = queries[start : start + _AT_ONCE]
            usable, problems = _prepared(stored, reader, block)
            answers = {answer.query: answer for answer in _answered(stored, usable, k)}
            for path in block:
                yield answers.get(path) or Answer(path, problem=problems[path])


def _prepared(
    stored: StoredImages, reader: Reader, paths: Sequence[str]
) -> tuple[dict[str, Query], dict[str, str]]:
    """Return the queries that can be searched for, and what is wrong with the others, by path."""
    usable, problems = {}, {}
    for path in dict.fromkeys(paths):
        is_file = os.path.isfile(path)
        try:
            data = (LocalReader() if is_file else reader).read(path)
            # What is in an archive is looked at by its bytes.
            usable[path] = stored.prepare(data, path if is_file else None)
        except ImageError as exc:
            problems[path] = f"{exc.reason}, {exc}"
    return usable, problems


def _answered(stored: StoredImages, queries: Mapping[str, Query], k: int) -> Iterator[Answer]:
    if not queries:
        return
    found = stored.nearest(list(queries.values()), k)
    for name, rows, values, copies in zip(queries, *found, strict=True):
        hits = [
            Hit(name, stored.paths[row], float(value))
            for row, value in zip(rows, values, strict=True)
            if row >= 0
        ]
        of_copies = (hit for hit, is_copy in zip(hits, copies, strict=False) if is_copy)
        yield Answer(name, tuple(of_copies), hits[0] if hits else None)


def _embedder_of(run: FinishedRun) -> Embedder:
    """Return the model that made the stored features, ready to make more."""
    work, signature = run.work, read_signature(run.work.journal)
    if signature is None:
        raise WorkDirError(
            f"{work.features} was not made by a model here: "
            "search its rows with fastdup.run(…, run_mode=2)"
        )
    spec = load_spec(run.options["model_path"])
    if spec.sha256 != signature["model"]:
        raise WorkDirError(
            f"{work.features} was made by the model {signature['name']}, and {spec.name} is "
            "at hand: run again, or bring the model back"
        )
    return Embedder(spec)


def _prepare_files(paths: Sequence[str], stored: StoredImages) -> list[Query]:
    usable: list[Query] = []
    reasons: list[str] = []
    for path in paths:
        try:
            usable.append(stored.prepare(LocalReader().read(path), path))
        except ImageError as exc:
            reasons.append(f"cannot search for {os.fspath(path)!r}: {exc.reason}, {exc}")
    if reasons and not usable:
        raise SourceError(reasons[0])
    for reason in reasons:
        logger.warning("%s", reason)
    return usable
