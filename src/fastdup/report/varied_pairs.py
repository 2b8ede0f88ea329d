"""The pairs of a run that are of interest: some of each kind; exact copies are counted apart."""

import numpy as np

from fastdup.analysis.components import connected_roots, distinct_pairs
from fastdup.analysis.pairs import Pairs
from fastdup.arrays import IntArray
from fastdup.errors import WorkDirError
from fastdup.report.gallery_options import GalleryOptions
from fastdup.report.gallery_rows import Table
from fastdup.report.kinds_of_pairs import rank_of
from fastdup.report.selection import ExactCopies, Selection
from fastdup.report.wording import IDENTICAL_FROM
from fastdup.runs import FinishedRun
from fastdup.runs.stored_findings import StoredFindings

#: Most exact copies whose names are listed.
MOST_LISTED = 500


def ranks_of_pairs(pairs: Pairs, findings: StoredFindings) -> IntArray:
    """Return how interesting each pair is; see `rank_of`.

    Pairs that were not judged are exact if they are identical by their features: of many copies,
    not all pairs are judged.
    """
    codes = findings.codes_of(pairs.sources, pairs.targets)
    ranks = [rank_of(verdict, kinds) for verdict, kinds in findings.texts]
    unknown = rank_of("unverified", ())
    found: IntArray = np.array([*ranks, unknown], np.int64)[codes]  # code -1 is the last
    return np.where((codes < 0) & (pairs.similarities >= IDENTICAL_FROM), -1, found)


def choose_varied(pairs: Pairs, ranks: IntArray, limit: int) -> IntArray:
    """Return the places of up to `limit` pairs, of each rank in turn, the best rank first.

    Of one rank, those come first that come first in `pairs`. An image is shown in two pairs only
    if there are no others.

    Parameters
    ----------
    pairs : Pairs
    ranks : (m,) int64 array
        Negative: the pair is left out.
    limit : int
        At least 1.
    """
    queues = [iter(np.flatnonzero(ranks == rank).tolist()) for rank in np.unique(ranks[ranks >= 0])]
    ends = pairs.sources.tolist(), pairs.targets.tolist()
    shown, passed, chosen = set[int](), list[int](), list[int]()
    while queues and len(chosen) < limit:
        for queue in tuple(queues):
            for place in queue:
                images = {ends[0][place], ends[1][place]}
                if images & shown:
                    passed.append(place)
                    continue
                shown |= images
                chosen.append(place)
                break
            else:
                queues.remove(queue)
    return np.array([*chosen, *passed][:limit], np.int64)


def exact_copies(run: FinishedRun, exact: Pairs) -> ExactCopies:
    """Return what some pairs of exact copies come to."""
    sizes = file_sizes(run)
    roots = connected_roots(exact.sources, exact.targets, len(run.paths))
    copies = np.flatnonzero(roots != np.arange(len(roots)))
    largest = np.zeros(len(roots), np.int64)
    np.maximum.at(largest, roots, sizes)
    in_sets = np.union1d(copies, roots[copies])
    n_bytes = int(sizes[in_sets].sum() - largest[np.unique(roots[copies])].sum())
    names = [(run.paths[roots[row]], run.paths[row]) for row in copies[:MOST_LISTED].tolist()]
    return ExactCopies(len(copies), n_bytes, tuple(names))


def most_similar_first(pairs: Pairs) -> Pairs:
    """Return each unordered pair once, the most similar first, ties by rows."""
    pairs = distinct_pairs(pairs)
    return pairs.picked(np.argsort(-pairs.similarities, kind="stable"))


def varied_pairs(
    table: Table, options: GalleryOptions, limit: int
) -> tuple[Selection | None, ExactCopies | None]:
    """Return the most interesting pairs of a run, the most similar first, and its exact copies.

    Neither where there are no other pairs, the options ask for the exact ones, or the table is not
    that of the run beside it.

    Parameters
    ----------
    table : Table
    options : GalleryOptions
    limit : int
        Most pairs.
    """
    if table.beside is None or options.exact or not table.beside.run.has_searched:
        return None, None
    run = table.beside.run
    try:
        pairs = most_similar_first(run.pairs(options.threshold or 0.0))
    except WorkDirError:  # reading the table itself will say by which row
        return None, None
    if options.keyword is not None or options.slice is not None:
        rows = zip(pairs.sources.tolist(), pairs.targets.tolist(), strict=True)
        wanted = (options.wants((run.paths[one], run.paths[other])) for one, other in rows)
        pairs = pairs.picked(np.fromiter(wanted, bool, len(pairs.sources)))
    ranks = ranks_of_pairs(pairs, table.beside.findings)
    others = pairs.picked(ranks >= 0)
    if not len(others.sources):
        return None, None
    exact = exact_copies(run, pairs.picked(ranks < 0))
    places = np.sort(choose_varied(others, ranks[ranks >= 0], limit))
    columns = (column.tolist() for column in others.picked(places))
    selection = Selection(
        tuple(
            (run.paths[one], run.paths[other], s) for one, other, s in zip(*columns, strict=True)
        ),
        len(others.sources),
        float(others.similarities[-1]),
        float(others.similarities[0]),
    )
    return selection, exact if exact.n_copies else None


def file_sizes(run: FinishedRun) -> IntArray:
    """Return the size of each file in bytes, 0 where it is not known."""
    sizes = run.stats("file_size").get("file_size")
    return np.zeros(len(run.paths), np.int64) if sizes is None else np.array(sizes, np.int64)
