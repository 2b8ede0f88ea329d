"""The results of a run, read once and held as arrays."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.analysis import Pairs, distinct_pairs
from fastdup.errors import WorkDirError
from fastdup.report import stored_labels
from fastdup.search import read_options
from fastdup.workdir import WorkDir, read_names, read_table
from fastdup.workdir.append_only import LISTING_DTYPE

_PAIR_COLUMNS = ("from", "to", "distance")


class BadFile(NamedTuple):
    """A listed file that could not be used, and why."""

    filename: str
    reason: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Collection:
    """What a run found, by row numbers of its n good images.

    Attributes
    ----------
    work : WorkDir
        Where its files are.
    paths : sequence of n str
        As listed.
    stats : dict of str to (n,) float64 array
        The columns of ``stats.csv``; empty when nothing was measured.
    mtimes_ns : (n,) int64 array
        When each file was last changed, as the run saw it; empty when that is not known.
    pairs : Pairs
        Each pair once, the lower row first, most similar first.
    outliers : Pairs
        Each outlier and its nearest image, least similar first.
    bad : list of BadFile
        In listing order.
    labels : dict of str to str
        Path → label, of the images that have one.
    lowest : float
        Smallest similarity of a pair that the run told, inclusive.
    threshold : float
        Smallest similarity that joined images to groups in the run, inclusive; at least `lowest`.
    """

    work: WorkDir
    paths: Sequence[str]
    stats: dict[str, NDArray[np.float64]]
    mtimes_ns: NDArray[np.int64]
    pairs: Pairs
    outliers: Pairs
    bad: list[BadFile]
    labels: dict[str, str]
    lowest: float
    threshold: float

    @property
    def n_images(self) -> int:
        """Number of good images."""
        return len(self.paths)


def load_collection(work_dir: str) -> Collection:
    """Return the results in a work folder.

    Raises
    ------
    WorkDirError
        When there is no finished run, or a file of it is damaged.
    """
    options = read_options(work_dir)
    work = WorkDir(work_dir, options["features_out_file"])
    paths = read_names(work)
    row_of = {path: row for row, path in enumerate(paths)}
    lowest = float(options["threshold"])
    joined_from = options["threshold" if options["ccthreshold"] == -1 else "ccthreshold"]
    return Collection(
        work=work,
        paths=paths,
        stats=_read_stats(work.stats, len(paths)),
        mtimes_ns=_read_mtimes(work.listing, len(paths)),
        pairs=_most_similar_first(distinct_pairs(_read_pairs(work.similarity, row_of))),
        outliers=_read_pairs(work.outliers, row_of),
        bad=[BadFile(*row) for row in _rows(work.bad_csv, BadFile._fields)],
        labels=stored_labels(work_dir),
        lowest=lowest,
        threshold=max(lowest, float(joined_from)),
    )


def _most_similar_first(pairs: Pairs) -> Pairs:
    order = np.argsort(-pairs.similarities, kind="stable")
    return Pairs(pairs.sources[order], pairs.targets[order], pairs.similarities[order])


def _read_pairs(path: str, row_of: dict[str, int]) -> Pairs:
    rows = list(_rows(path, _PAIR_COLUMNS))
    try:
        sources = np.array([row_of[row[0]] for row in rows], np.int64)
        targets = np.array([row_of[row[1]] for row in rows], np.int64)
        similarities = np.array([row[2] for row in rows], np.float64)
    except KeyError as exc:
        raise WorkDirError(
            f"{path} names {exc.args[0]!r}, which is none of the run's images: run again"
        ) from exc
    except ValueError as exc:
        raise WorkDirError(f"{path} is damaged: {exc}: run again to write it anew") from exc
    if not np.isfinite(similarities).all():
        raise WorkDirError(f"{path} holds similarities that are no numbers: run again")
    return Pairs(sources, targets, similarities)


def _read_stats(path: str, n_images: int) -> dict[str, NDArray[np.float64]]:
    if not os.path.exists(path):
        return {}
    table = read_table(path)
    names = next(table, [])[2:]
    try:
        values = np.array([row[2:] for row in table], np.float64).reshape(-1, len(names))
    except ValueError as exc:
        raise WorkDirError(f"{path} is damaged: {exc}: run again to write it anew") from exc
    if len(values) != n_images:
        return {}  # of another run: features of one's own came since
    return dict(zip(names, values.T.copy(), strict=True))


def _read_mtimes(path: str, n_images: int) -> NDArray[np.int64]:
    if not os.path.exists(path):
        return np.empty(0, np.int64)
    listing = np.fromfile(path, LISTING_DTYPE)
    mtimes_ns = np.full(n_images, -1, np.int64)
    known = listing[(listing["row"] >= 0) & (listing["row"] < n_images)]
    mtimes_ns[known["row"]] = known["mtime_ns"]
    return mtimes_ns


def _rows(path: str, header: tuple[str, ...]) -> Iterator[list[str]]:
    """Yield the rows of a table without its header; nothing when there is no such file."""
    if not os.path.exists(path):
        return
    table = read_table(path)
    if (found := next(table, [])) != list(header):
        raise WorkDirError(f"{path} begins with {found}, not with {list(header)}: run again")
    for row in table:
        if len(row) != len(header):
            raise WorkDirError(f"{path} is damaged at {row}: run again to write it anew")
        yield row
