"""Views of pictures that may show others, or are worn: in rounds, the likeliest pictures first."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray, IntArray
from fastdup.executors import Executor
from fastdup.judging.candidates import Candidates
from fastdup.judging.hidden_pairs import Insets
from fastdup.judging.inset_embedder import InsetEmbedder
from fastdup.judging.inset_stage import embed_insets
from fastdup.judging.inset_store import InsetStore
from fastdup.judging.open_pictures import PictureFile
from fastdup.judging.rounds import LOOKS_PER_COPY, Looks, Search
from fastdup.progress import Progress

#: The first round is of so large a share of the likely pictures.
_FIRST = 1 / 6


class Pictures(NamedTuple):
    """The m pictures that may be looked at.

    Attributes
    ----------
    files : sequence of n PictureFile
        These pictures, and others.
    rows : (m,) int64 array
        Where each is among `files`.
    kinds : (m,) int64 array
        Numbers of different rows, ascending.
    scores : (m,) float32 array
        How likely there is something to see; 0 or more: worth a look if there are copies.
    """

    files: Sequence[PictureFile]
    rows: IntArray
    kinds: IntArray
    scores: NDArray[np.float32]


class Views(NamedTuple):
    """Views of some pictures, how many were looked at, and whether these are likely ones."""

    insets: Insets
    n_looks: int
    are_likely: bool


class PairsOfViews(Protocol):
    """What finds pairs by views."""

    def __call__(self, views: Insets, /, *, more: bool) -> Candidates:
        """Return the pairs that views suggest, with `more` less likely ones, too."""


def pairs_in_rounds(rounds: Iterator[Views], pairs_of: PairsOfViews) -> Search:
    """Yield the pairs that views suggest.

    Once they show copies, less likely pairs, too, of all views of likely pictures; of others, only
    pairs that stand out, as there are many of them.
    """
    seen: Insets | None = None
    for views in rounds:
        if views.are_likely:
            every = views.insets if seen is None else seen.joined(views.insets)
            yield Looks(pairs_of(every, more=seen is not None), views.n_looks)
            seen = every
        else:
            yield Looks(pairs_of(views.insets, more=False), views.n_looks)


def views_in_rounds(
    pictures: Pictures,
    embedder: InsetEmbedder,
    path: str,
    executor: Executor,
    progress: Progress,
) -> Iterator[Views]:
    """Yield the views of pictures: the likeliest, the other likely ones, and ever less likely ones.

    Each round of those is of as many pictures as were looked at before.

    Parameters
    ----------
    pictures : Pictures
    embedder : InsetEmbedder
        Looks at them; its reader is closed after each round.
    path : str
        The file that keeps what was seen.
    executor : Executor
        Where it is done.
    progress : Progress
        Counts the pictures.
    """
    options, width = {"max_pixels": embedder.max_pixels}, embedder.nothing.shape[1]
    files, rows, kinds, scores = pictures
    n_likely, n_all = int(np.count_nonzero(scores >= 0)), len(scores)
    before = np.zeros(n_all, bool)
    for stop in _bounds(n_likely, n_all):
        every = _highest(scores, stop)
        (some,) = np.nonzero(every & ~before)
        of_round = [files[row] for row in rows[some].tolist()]
        with closing(embedder.reader), InsetStore(path, options, width) as store:
            if not before.any():
                store.drop_others(n_all, map(files.__getitem__, rows))
            known = embed_insets(of_round, embedder, store, executor, progress)
        views = [known.get(file, embedder.nothing) for file in of_round]
        owners = np.repeat(kinds[some], [len(rows) for rows in views])
        insets = Insets(owners, np.concatenate([embedder.nothing, *views]))
        yield Views(insets, len(some), are_likely=stop <= n_likely)
        before = every


def _bounds(n_likely: int, n_all: int) -> list[int]:
    """Return where rounds end, of pictures in the order of their scores; none is likely: []."""
    if not n_likely:
        return []
    bounds = [min(max(LOOKS_PER_COPY, int(n_likely * _FIRST)), n_likely), n_likely]
    while bounds[-1] < n_all:
        bounds.append(min(2 * bounds[-1], n_all))
    return sorted(set(bounds))


def _highest(scores: NDArray[np.float32], n_highest: int) -> BoolArray:
    """Return which scores are the highest, of equal ones the first, without sorting all of them."""
    place = len(scores) - n_highest
    least = np.partition(scores, place)[place]
    chosen = scores > least
    (equal,) = np.nonzero(scores == least)
    chosen[equal[: n_highest - np.count_nonzero(chosen)]] = True
    return np.asarray(chosen)
