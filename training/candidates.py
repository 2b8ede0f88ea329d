"""Fit the classifier of pairs of neighbours that finds those which may be copies.

    python -m training.candidates AMONG COPIES [COPIES …] src/fastdup/judging/candidates.npz

AMONG is a folder of photos without copies, COPIES are folders of planted copies (`images/` and
`truth.csv`) of other photos. Logistic regression of copies against other neighbours: in each folder
of copies among the photos, in small parts of it, and in collections without copies. The threshold
is what so many other pairs of the photos exceed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.embed import Embedder
from fastdup.index import Neighbours
from fastdup.judging.pair_evidence import N_COUNTED, Evidence
from fastdup.models import load_spec
from fastdup.views import inset_scores
from training.calibrate import theme
from training.inset_gate import embed_photos
from training.logistic import Floats, fit_logistic
from training.metrics import Truth

#: Other pairs per photo that exceed the threshold, and are looked at in any collection.
OTHERS_PER_PHOTO = 0.025
#: Pictures of the small parts, and how many of each size there are.
SMALL, N_SMALL = (6, 20, 80), 40
#: Photos of one theme make a collection of their own from so many on, as the first so many do.
OF_ONE_THEME, FEWER = 120, (100, 600)
N_ROUNDS = 25
SEED = 5


class Pictures(NamedTuple):
    """Some pictures.

    Attributes
    ----------
    rows : (n, d) float32 array
        Their features.
    originals : (n,) int64 array
        What each was made from; the same for all that were made from one.
    edited : (n,) bool array
        Which are copies.
    """

    rows: NDArray[np.float32]
    originals: NDArray[np.int64]
    edited: NDArray[np.bool_]

    def chosen(self, which: NDArray[np.int64]) -> Pictures:
        """Return some of them."""
        return Pictures(*(column[which] for column in self))


class Pairs(NamedTuple):
    """Pairs of neighbours: the evidence, (m, f), and which are of a copy and its original."""

    evidence: Floats
    are_copies: NDArray[np.bool_]


def read_photos(folder: Path, embedder: Embedder) -> tuple[Pictures, NDArray[np.str_]]:
    """Return the photos of a folder without copies, and the theme of each."""
    paths = sorted(folder.iterdir())
    rows = embed_photos(paths, embedder).astype(np.float32)
    n = len(paths)
    return Pictures(rows, np.arange(n), np.zeros(n, bool)), np.array([theme(p) for p in paths])


def read_copies(folder: Path, embedder: Embedder) -> Pictures:
    """Return the pictures of a folder of planted copies."""
    paths = sorted((folder / "images").iterdir())
    truth = Truth.load(folder / "truth.csv")
    sources = [truth.original_of.get(path.name, path.name) for path in paths]
    _, originals = np.unique(sources, return_inverse=True)
    edited = np.array([s != path.name for s, path in zip(sources, paths, strict=True)])
    return Pictures(embed_photos(paths, embedder).astype(np.float32), originals, edited)


def together(copies: Pictures, photos: Pictures) -> Pictures:
    """Return both as one collection."""
    first_free = copies.originals.max() + 1
    return Pictures(
        np.concatenate([copies.rows, photos.rows]),
        np.concatenate([copies.originals, photos.originals + first_free]),
        np.concatenate([copies.edited, photos.edited]),
    )


def collections(
    photos: Pictures, themes: NDArray[np.str_], copies: list[Pictures]
) -> Iterator[Pictures]:
    """Yield the collections that are fitted to."""
    rng = np.random.default_rng(SEED)
    for planted in copies:
        whole = together(planted, photos)
        yield whole
        for size in SMALL:
            for _ in range(N_SMALL):
                yield _small_part(planted, photos, size, rng)
    for name in np.unique(themes):
        (of_theme,) = np.nonzero(themes == name)
        if len(of_theme) >= OF_ONE_THEME:
            yield photos.chosen(of_theme)
    for fewer in FEWER:
        yield photos.chosen(rng.permutation(len(photos.rows))[:fewer])


def _small_part(
    planted: Pictures, photos: Pictures, size: int, rng: np.random.Generator
) -> Pictures:
    """Return a third of `size` from what was planted, with all of one original, and photos."""
    some = rng.permutation(planted.originals.max() + 1)[: max(1, size // 9)]
    part = planted.chosen(np.flatnonzero(np.isin(planted.originals, some)))
    others = rng.permutation(len(photos.rows))[: max(1, size - len(part.rows))]
    return together(part, photos.chosen(others))


def pairs_of(pictures: Pictures, knots: tuple[Floats, Floats]) -> Pairs:
    """Return the pairs of neighbours in a collection, each once; two copies of one are no pair."""
    cosines = (pictures.rows @ pictures.rows.T).astype(np.float64)
    np.fill_diagonal(cosines, -2)
    order = np.argsort(-cosines, axis=1, kind="stable")[:, : min(N_COUNTED, len(cosines) - 1)]
    values = np.take_along_axis(cosines, order, axis=1)
    near = Neighbours(order, np.interp(values, *knots))
    n = len(pictures.rows)
    evidence = Evidence(near, values, inset_scores(pictures.rows, np.arange(n)))
    rows, columns = np.nonzero(order >= 0)
    others = order[rows, columns]
    keys = np.minimum(rows, others) * n + np.maximum(rows, others)
    _, first = np.unique(keys, return_index=True)
    rows, columns, others = rows[first], columns[first], others[first]
    same = pictures.originals[rows] == pictures.originals[others]
    are_copies = same & (pictures.edited[rows] != pictures.edited[others])
    counts = are_copies | ~same
    found = evidence.of_rows(slice(None))[rows, columns]
    return Pairs(found[counts], are_copies[counts])


def fit(pairs: Pairs) -> Floats:
    """Return the weights of the evidence, by Newton's method; the last one is of a constant."""
    constant = np.arange(pairs.evidence.shape[1]) == pairs.evidence.shape[1] - 1
    mean = np.where(constant, 0, pairs.evidence.mean(axis=0))
    spread = np.where(constant, 1, pairs.evidence.std(axis=0))
    rows = (pairs.evidence - mean) / spread
    weights = fit_logistic(rows, pairs.are_copies, N_ROUNDS)
    weights /= spread
    weights[-1] -= mean @ weights
    return weights


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("among", type=Path)
    parser.add_argument("copies", type=Path, nargs="+")
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    spec = load_spec()
    embedder = Embedder(spec)
    knots = np.array(spec.calibration.cosine), np.array(spec.calibration.similarity)
    photos, themes = read_photos(options.among, embedder)
    copies = [read_copies(folder, embedder) for folder in options.copies]
    parts = [pairs_of(part, knots) for part in collections(photos, themes, copies)]
    every = Pairs(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    weights = fit(every)
    others = pairs_of(photos, knots)
    least = np.quantile(
        others.evidence @ weights, 1 - OTHERS_PER_PHOTO * len(photos.rows) / len(others.evidence)
    )
    np.savez(options.out, weights=weights, least=least)
    found = every.evidence[every.are_copies] @ weights >= least
    print(f"{found.mean():.3f} of {len(found)} copies among the neighbours: {options.out}")


if __name__ == "__main__":
    main()
