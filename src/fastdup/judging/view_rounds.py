"""Views of pictures that may show others, or are worn: in rounds, the likeliest pictures first."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from fastdup.executors import Executor
from fastdup.judging.candidates import Candidates
from fastdup.judging.hidden_pairs import Insets
from fastdup.judging.inset_embedder import InsetEmbedder
from fastdup.judging.inset_stage import embed_insets
from fastdup.judging.inset_store import InsetStore
from fastdup.judging.open_pictures import PictureFile
from fastdup.judging.rounds import LOOKS_PER_COPY, Looks, Search
from fastdup.progress import Progress

#: The first round is of so large a share of the pictures.
_FIRST = 1 / 6


class Views(NamedTuple):
    """Views of some pictures, and how many pictures were looked at."""

    insets: Insets
    n_looks: int


class PairsOfViews(Protocol):
    """What finds pairs by views."""

    def __call__(self, views: Insets, /, *, more: bool) -> Candidates:
        """Return the pairs that views suggest, with `more` less likely ones, too."""


def pairs_in_rounds(rounds: Iterator[Views], pairs_of: PairsOfViews) -> Search:
    """Yield the pairs that views suggest; once they show copies, less likely ones of all views."""
    seen: Insets | None = None
    for views in rounds:
        every = views.insets if seen is None else seen.joined(views.insets)
        yield Looks(pairs_of(every, more=seen is not None), views.n_looks)
        seen = every


def views_in_rounds(
    kinds: NDArray[np.int64],
    files: Sequence[PictureFile],
    scores: NDArray[np.float32],
    embedder: InsetEmbedder,
    path: str,
    executor: Executor,
    progress: Progress,
) -> Iterator[Views]:
    """Yield the views of some pictures: of those with the highest scores, then of the others.

    Parameters
    ----------
    kinds : (m,) int64 array
        Numbers of different rows, ascending.
    files : sequence of m PictureFile
        Their pictures.
    scores : (m,) float32 array
        How likely there is something to see.
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
    order = np.argsort(-scores, kind="stable")
    n_first = max(LOOKS_PER_COPY, int(len(order) * _FIRST))
    for some in (np.sort(order[:n_first]), np.sort(order[n_first:])):
        if not len(some):
            return
        of_round = [files[place] for place in some.tolist()]
        with closing(embedder.reader), InsetStore(path, options, width) as store:
            known = embed_insets(of_round, embedder, store, executor, progress)
            store.drop_others(files)
        views = [known.get(file, embedder.nothing) for file in of_round]
        owners = np.repeat(kinds[some], [len(rows) for rows in views])
        yield Views(Insets(owners, np.concatenate([embedder.nothing, *views])), len(some))
