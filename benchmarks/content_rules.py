"""The rules that `content.py` compares: what is an outlier, which label is in doubt."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from fastdup.analysis.components import connected_roots
from fastdup.analysis.mislabels import N_ASKED, ask_neighbours, find_mislabels
from fastdup.analysis.nearest_others import NearestOthers, nearest_others
from fastdup.analysis.outliers import N_NEAREST, score_outliers
from fastdup.runs.near_content import N_COPIES
from fastdup.scale import Scale

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
#: What the rules before looked at: the nearest image, and five that vote.
LOWER_THRESHOLD, N_VOTES, LEAST_SHARE = 0.3, 5, 0.5


class Space:
    """Rows of pictures, compared by the weighted mean of the cosines of one or several rows.

    Parameters
    ----------
    rows : sequence of ((n, d) array, weight)
    copies : (low, high)
        Two (m,) int64 arrays: pairs that show the same picture.
    features : (n, d) array
        The rows for copies, for the rules before.
    scale : Scale
        Of these.
    """

    def __init__(
        self,
        rows: Sequence[tuple[NDArray[np.float32], float]],
        copies: tuple[Ints, Ints],
        features: NDArray[np.float32],
        scale: Scale,
    ) -> None:
        total = sum(weight for _, weight in rows)
        parts = [_normed(part) * np.sqrt(weight / total) for part, weight in rows]
        self._rows, self._first = np.concatenate(parts, axis=1), _normed(features)
        self._kinds = connected_roots(*copies, len(self._rows))
        self._scale = scale

    def near(self, picked: Ints, k: int) -> NearestOthers:
        """Return the k nearest other pictures of some rows among them."""
        _, kinds = np.unique(self._kinds[picked], return_inverse=True)
        first = np.full(kinds.max() + 1, len(picked))
        np.minimum.at(first, kinds, np.arange(len(picked)))
        indices, cosines = _nearest(self._rows[picked], k + N_COPIES)
        return nearest_others(first[kinds], indices, cosines).nearest(k)

    def plain(self, picked: Ints, k: int) -> tuple[Ints, Floats]:
        """Return the k nearest of some rows among them, and similarities, copies included."""
        indices, cosines = _nearest(self._first[picked], k)
        return indices, self._scale.of_even(cosines)


def outliers_before(space: Space, picked: Ints) -> tuple[Floats, Flags]:
    """Return a score, low for odd images, and which are outliers: the nearest is below 0.3."""
    nearest = space.plain(picked, 1)[1][:, 0]
    return nearest, nearest < LOWER_THRESHOLD


def outliers_after(space: Space, picked: Ints) -> tuple[Floats, Flags]:
    """Return the same by the rule of `score_outliers`."""
    found = score_outliers(space.near(picked, N_NEAREST))
    return found.means, found.is_apart


def mislabels_before(space: Space, picked: Ints, labels: Ints) -> tuple[Floats, Flags]:
    """Return a score, high for doubtful labels, and which are reported: a share of five votes."""
    indices, similarities = space.plain(picked, N_VOTES)
    votes = np.where(similarities >= LOWER_THRESHOLD, similarities, 0.0)
    theirs = labels[indices]
    alike = theirs[:, :, None] == theirs[:, None, :]
    sums = (alike * votes[:, None, :]).sum(axis=2)
    sums[(votes == 0) | (theirs == labels[:, None])] = 0.0
    shares = sums.max(axis=1) / np.maximum(votes.sum(axis=1), 1e-9)
    return shares, shares > LEAST_SHARE


def mislabels_after(space: Space, picked: Ints, labels: Ints) -> tuple[Floats, Flags]:
    """Return the same by the rule of `find_mislabels`."""
    near = space.near(picked, N_ASKED)
    is_sure = np.zeros(len(picked), bool)
    is_sure[find_mislabels(near, labels).images] = True
    return ask_neighbours(near, labels).doubts(), is_sure


OUTLIER_RULES: dict[str, Callable[[Space, Ints], tuple[Floats, Flags]]] = {
    "before": outliers_before,
    "after": outliers_after,
}
MISLABEL_RULES: dict[str, Callable[[Space, Ints, Ints], tuple[Floats, Flags]]] = {
    "before": mislabels_before,
    "after": mislabels_after,
}


def same_among(space: Space, labels: Ints, k: int) -> float:
    """Return the mean share of the k nearest other pictures with the same label."""
    near = space.near(np.arange(len(labels)), k)
    is_there = near.indices >= 0
    return float((labels[near.indices] == labels[:, None])[is_there].mean())


def _normed(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(norms, 1e-9), np.float32)


def _nearest(rows: NDArray[np.float32], k: int) -> tuple[Ints, Floats]:
    cosines = (rows @ rows.T).astype(np.float64)
    np.fill_diagonal(cosines, -2)
    indices = np.argsort(-cosines, axis=1, kind="stable")[:, : min(k, len(rows) - 1)]
    return indices, np.take_along_axis(cosines, indices, axis=1)
