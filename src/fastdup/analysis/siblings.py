"""Neighbours among images that belong together: frames of one video, and videos by their frames."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.analysis.pairs import DECIMALS

#: Two videos are told as a pair when this share of the frames of one of them, or more, match.
LEAST_SHARE = 0.5


class Outside(NamedTuple):
    """The nearest neighbours outside an image's own group.

    Attributes
    ----------
    indices : (n, k) int64 array
        -1 where there are fewer.
    similarities : (n, k) float64 array
        Most similar first; 0 where there are fewer.
    is_short : (n,) bool array
        Whether there may be more than are known: members of its group took their places.
    """

    indices: NDArray[np.int64]
    similarities: NDArray[np.float64]
    is_short: NDArray[np.bool_]


def nearest_outside(
    indices: NDArray[np.int64],
    similarities: NDArray[np.float64],
    groups: NDArray[np.int64],
    k: int,
) -> Outside:
    """Return for each image the first k of its neighbours that belong to another group.

    Parameters
    ----------
    indices, similarities : (n, w) arrays
        Neighbours of each image, the most similar first; index -1 where there are none.
    groups : (n,) int64 array
        The group of each image, -1 for one that belongs to none.
    k : int
        At least 1, at most w.
    """
    is_sibling = (groups[indices] == groups[:, None]) & (groups[:, None] >= 0) & (indices >= 0)
    order = np.argsort(is_sibling, axis=1, kind="stable")[:, :k]
    kept = np.where(is_sibling, -1, indices)
    values = np.where(is_sibling, 0.0, similarities)
    nearest = np.take_along_axis(kept, order, axis=1)
    was_cut = is_sibling.any(axis=1) & (indices[:, -1] >= 0)
    return Outside(
        nearest, np.take_along_axis(values, order, axis=1), was_cut & (nearest[:, -1] < 0)
    )


class GroupPairs(NamedTuple):
    """Pairs of groups whose members match, those with the largest share first.

    Attributes
    ----------
    sources, targets : (m,) int64 arrays
        The two groups, the one with the lower number first.
    similarities : (m,) float64 array
        Mean similarity of the members that match to their best match.
    source_shares, target_shares : (m,) float64 arrays
        Share of the members of each that have a match in the other.
    """

    sources: NDArray[np.int64]
    targets: NDArray[np.int64]
    similarities: NDArray[np.float64]
    source_shares: NDArray[np.float64]
    target_shares: NDArray[np.float64]


def pair_groups(
    indices: NDArray[np.int64],
    similarities: NDArray[np.float64],
    groups: NDArray[np.int64],
    threshold: float,
) -> GroupPairs:
    """Return the pairs of groups of which one has a match for `LEAST_SHARE` of its members.

    Parameters
    ----------
    indices, similarities : (n, w) arrays
        Neighbours of each image; index -1 where there are none.
    groups : (n,) int64 array
        The group of each image, -1 for one that belongs to none.
    threshold : float
        Smallest similarity of two members that match, inclusive.
    """
    members, others, values = _matches(indices, similarities, groups, threshold)
    n_groups = int(groups.max(initial=-1)) + 1
    sizes = np.bincount(groups[groups >= 0], minlength=n_groups)
    ways, n_matched = np.unique(groups[members] * n_groups + others, return_counts=True)
    totals = np.bincount(
        np.searchsorted(ways, groups[members] * n_groups + others), values, len(ways)
    )
    # Who matches is matched: each pair of groups is there both ways.
    first, second = np.divmod(ways, max(n_groups, 1))
    forward = first < second
    backward = np.searchsorted(ways, (second * n_groups + first)[forward])
    shares = n_matched / sizes[first] if len(ways) else np.zeros(0)
    counts = n_matched[forward] + n_matched[backward]
    means = np.round((totals[forward] + totals[backward]) / np.maximum(counts, 1), DECIMALS)
    sources, targets = first[forward], second[forward]
    source_shares, target_shares = shares[forward], shares[backward]
    largest = np.maximum(source_shares, target_shares)
    order = np.lexsort((targets, sources, -means, -largest))
    order = order[largest[order] >= LEAST_SHARE]
    return GroupPairs(
        *(sources[order], targets[order], means[order]),
        *(source_shares[order], target_shares[order]),
    )


def _matches(
    indices: NDArray[np.int64],
    similarities: NDArray[np.float64],
    groups: NDArray[np.int64],
    threshold: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return (member, other group, similarity of its best match there), each pair once."""
    rounded = np.round(similarities, DECIMALS)
    is_match = (indices >= 0) & (rounded >= threshold)
    is_match &= (groups[:, None] >= 0) & (groups[indices] >= 0)
    is_match &= groups[:, None] != groups[indices]
    rows, columns = np.nonzero(is_match)
    targets, values = indices[rows, columns], rounded[rows, columns]
    members = np.concatenate([rows, targets])
    others = np.concatenate([groups[targets], groups[rows]])
    values = np.concatenate([values, values])
    order = np.lexsort((-values, others, members))
    members, others, values = members[order], others[order], values[order]
    is_first = np.ones(len(members), np.bool_)
    is_first[1:] = (members[1:] != members[:-1]) | (others[1:] != others[:-1])
    return members[is_first], others[is_first], values[is_first]
