"""A few images that stand for all: the most different ones of a collection, copies counted once."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fastdup.analysis.components import connected_roots
from fastdup.analysis.farthest_points import choose_farthest, shares_of
from fastdup.analysis.spherical_kmeans import find_clusters
from fastdup.arrays import IntArray
from fastdup.clustering.compared_rows import DEFAULT_ROWS, checked_count, load_rows
from fastdup.config.machine import available_cores
from fastdup.errors import ConfigError
from fastdup.index import Rows
from fastdup.index.dedupe import dedupe_rows
from fastdup.runs import FinishedRun
from fastdup.runs.finished import stored_labels
from fastdup.runs.near_content import stored_copies
from fastdup.scale import decimal
from fastdup.workdir import WorkDir
from fastdup.workdir.csv_files import write_table
from fastdup.workdir.features import load_binary_feature

FARTHEST, CENTRES = "farthest", "centres"
METHODS = (FARTHEST, CENTRES)
#: Images among which the most different ones are looked for, of larger collections: at least so
#: many, and so many for each that is wanted.
_LEAST_POOL, _POOL_PER_WANTED = 50_000, 20
_SEED = 0
#: Where no pairs were judged, two images as similar as this are copies.
_ALMOST_IDENTICAL = 0.98


@dataclass(frozen=True)
class Sample:
    """The images that were chosen.

    Attributes
    ----------
    paths : list of str
        In the order of choice.
    labels : list of str or None
        Of the column that was balanced; None where none was.
    distances : (n,) float64 array
        Of each image: cosine distance, 0 to 2. ``farthest``: to the nearest of those chosen before
        it, 0 for the first; ``centres``: to the centre for which it stands.
    n_different : int
        Images that it was chosen from: copies counted once.
    """

    paths: list[str]
    labels: list[str] | None
    distances: NDArray[np.float64]
    n_different: int

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Yield ``filename, distance`` of each image, and ``label`` where labels were balanced."""
        columns: list[Sequence[str]] = [self.paths, list(map(decimal, self.distances.tolist()))]
        if self.labels is not None:
            columns.append(self.labels)
        yield from zip(*columns, strict=True)

    def write(self, path: str | os.PathLike[str]) -> str:
        """Write a CSV file, and return its path."""
        names = ("filename", "distance", *(() if self.labels is None else ("label",)))
        write_table(os.fspath(path), names, self.rows())
        return os.fspath(path)


def sample(
    work_dir: str | os.PathLike[str],
    n: int,
    method: str = FARTHEST,
    *,
    balance: str | None = None,
    by: str = DEFAULT_ROWS,
) -> Sample:
    """Return the `n` most different images of a work folder: what to label first, for example.

    Copies are counted once: of pictures that a run found to be the same, or edited, only the first
    may be chosen; where no pairs were judged, of almost identical ones; where nothing was searched,
    of those with the same features. The result is the same each time.

    Parameters
    ----------
    work_dir : path
        The folder of a run, extract-only or not, or of features of your own.
    n : int
        How many, at least 1. If there are fewer different images, all are returned.
    method : {"farthest", "centres"}
        ``farthest``: each next image is the farthest from all before, which covers the whole
        collection and brings rare pictures first (Gonzalez 1985). ``centres``: the image nearest to
        each of n k-means centres, which brings typical pictures of every region.
    balance : str or None
        A column of the annotations, such as "label": as many images of each label, as far as there
        are so many. Images without a label are left out.
    by : {"copies", "content"}
        By what images are compared: the features that find copies, or these and the rows for
        content, which bring together what looks to be of one kind.

    Raises
    ------
    ConfigError
        When an option is out of range, or there is no such column.
    WorkDirError
        When there are no features.
    """
    checked_count("n", n)
    if method not in METHODS:
        raise ConfigError.not_among("method", method, METHODS, FARTHEST)
    paths, rows = load_rows(work_dir, by)
    chosen_from = _each_once(os.fspath(work_dir))
    kinds, names = np.zeros(len(chosen_from), np.int64), np.array([""])
    if balance is not None:
        labels = _labels(os.fspath(work_dir), balance)
        chosen_from = np.array([r for r in chosen_from.tolist() if paths[r] in labels], np.int64)
        names, numbers = np.unique([labels[paths[r]] for r in chosen_from], return_inverse=True)
        kinds = np.asarray(numbers, np.int64)
    choose = _farthest if method == FARTHEST else _nearest_to_centres
    places, distances = choose(rows, chosen_from, n, kinds)
    return Sample(
        [paths[row] for row in chosen_from[places].tolist()],
        None if balance is None else [str(names[kind]) for kind in kinds[places].tolist()],
        distances,
        len(chosen_from),
    )


def _each_once(work_dir: str) -> IntArray:
    """Return the first row of each different picture, ascending."""
    _, rows = load_binary_feature(work_dir)
    distinct = dedupe_rows(rows, available_cores())
    first = distinct.first[distinct.inverse]
    low, high = [first], [np.arange(len(rows))]
    if os.path.exists(WorkDir(work_dir).config) and (run := FinishedRun(work_dir)).has_searched:
        copies = stored_copies(run)
        if copies is None:
            found = run.copies(_ALMOST_IDENTICAL)
            copies = found.sources, found.targets
        low, high = [*low, copies[0]], [*high, copies[1]]
    roots = connected_roots(np.concatenate(low), np.concatenate(high), len(rows))
    return np.asarray(np.flatnonzero(roots == np.arange(len(rows))))


def _labels(work_dir: str, column: str) -> Mapping[str, str]:
    labels = stored_labels(work_dir, column)
    if not labels:
        raise ConfigError(
            f"balance={column!r}: the images in {work_dir} have no such column of annotations; run "
            "with annotations=, or leave balance out"
        )
    return labels


def _farthest(
    rows: Rows, among: IntArray, n_wanted: int, kinds: IntArray
) -> tuple[IntArray, NDArray[np.float64]]:
    n_pool = max(_LEAST_POOL, _POOL_PER_WANTED * n_wanted)
    pool = np.arange(len(among))
    if len(pool) > n_pool:
        pool = np.sort(np.random.default_rng(_SEED).choice(len(pool), n_pool, replace=False))
    places, distances = choose_farthest(rows.take(among[pool]), n_wanted, kinds[pool])
    # Of rows of length 1, half the squared distance is 1 − the cosine.
    return pool[places], distances**2 / 2


def _nearest_to_centres(
    rows: Rows, among: IntArray, n_wanted: int, kinds: IntArray
) -> tuple[IntArray, NDArray[np.float64]]:
    places, distances = [np.empty(0, np.int64)], [np.empty(0)]
    for kind, share in enumerate(shares_of(np.bincount(kinds), n_wanted).tolist()):
        (members,) = np.nonzero(kinds == kind)
        if share:
            found = find_clusters(rows.choose(among[members]), share, n_threads=available_cores())
            nearest = found.nearest(1)
            places.append(members[nearest])
            distances.append(found.distances[nearest])
    return np.concatenate(places), np.concatenate(distances)
