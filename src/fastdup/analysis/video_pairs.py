"""Frames of videos: neighbours outside a frame's own video, and pairs of videos by their frames."""

from typing import NamedTuple

import numpy as np

from fastdup.arrays import BoolArray, FloatArray, IntArray
from fastdup.index import Neighbours
from fastdup.scale import rounded

#: Two videos are a pair when at least this share of the frames of one of them match.
LEAST_SHARE = 0.5


def nearest_outside_video(
    indices: IntArray, similarities: FloatArray, videos: IntArray, k: int
) -> tuple[Neighbours, BoolArray]:
    """Return for each image the first k of its neighbours that are not of its own video.

    Parameters
    ----------
    indices, similarities : (n, w) arrays
        Neighbours of each image, the most similar first; index -1 where there are none.
    videos : (n,) int64 array
        The video that each image is a frame of, -1 for an image that is no frame.
    k : int
        At least 1, at most w.

    Returns
    -------
    neighbours : Neighbours
        Index -1 and similarity 0 where there are fewer than k.
    is_short : (n,) bool array
        Whether there may be more than are known: frames of its own video took their places.
    """
    is_same_video = (videos[indices] == videos[:, None]) & (videos[:, None] >= 0) & (indices >= 0)
    order = np.argsort(is_same_video, axis=1, kind="stable")[:, :k]
    kept = np.where(is_same_video, -1, indices)
    values = np.where(is_same_video, 0.0, similarities)
    nearest = np.take_along_axis(kept, order, axis=1)
    was_cut = is_same_video.any(axis=1) & (indices[:, -1] >= 0)
    found = Neighbours(nearest, np.take_along_axis(values, order, axis=1))
    return found, was_cut & (nearest[:, -1] < 0)


class VideoPairs(NamedTuple):
    """Pairs of videos whose frames match, those with the largest share first.

    Attributes
    ----------
    sources, targets : (m,) int64 arrays
        Numbers of the two videos, the lower one first.
    similarities : (m,) float64 array
        Mean similarity of the frames that match with their best match.
    source_shares, target_shares : (m,) float64 arrays
        Share of the frames of each that have a match in the other.
    """

    sources: IntArray
    targets: IntArray
    similarities: FloatArray
    source_shares: FloatArray
    target_shares: FloatArray


def pair_videos(
    indices: IntArray, similarities: FloatArray, videos: IntArray, threshold: float
) -> VideoPairs:
    """Return the pairs of videos of which one has a match for `LEAST_SHARE` of its frames.

    Parameters
    ----------
    indices, similarities : (n, w) arrays
        Neighbours of each image; index -1 where there are none. Similarities as
        `fastdup.scale` rounds them.
    videos : (n,) int64 array
        The video that each image is a frame of, -1 for an image that is no frame.
    threshold : float
        Smallest similarity of two frames that match, inclusive.
    """
    frames, others, values = _matches(indices, similarities, videos, threshold)
    n_videos = int(videos.max(initial=-1)) + 1
    sizes = np.bincount(videos[videos >= 0], minlength=n_videos)
    ways, n_matched = np.unique(videos[frames] * n_videos + others, return_counts=True)
    totals = np.bincount(
        np.searchsorted(ways, videos[frames] * n_videos + others), values, len(ways)
    )
    # A match counts for both frames: each pair of videos is there both ways.
    first, second = np.divmod(ways, max(n_videos, 1))
    forward = first < second
    backward = np.searchsorted(ways, (second * n_videos + first)[forward])
    shares = n_matched / sizes[first] if len(ways) else np.zeros(0)
    counts = n_matched[forward] + n_matched[backward]
    means = rounded((totals[forward] + totals[backward]) / np.maximum(counts, 1))
    sources, targets = first[forward], second[forward]
    source_shares, target_shares = shares[forward], shares[backward]
    largest = np.maximum(source_shares, target_shares)
    order = np.lexsort((targets, sources, -means, -largest))
    order = order[largest[order] >= LEAST_SHARE]
    return VideoPairs(
        sources=sources[order],
        targets=targets[order],
        similarities=means[order],
        source_shares=source_shares[order],
        target_shares=target_shares[order],
    )


def _matches(
    indices: IntArray, similarities: FloatArray, videos: IntArray, threshold: float
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return (frame, other video, similarity of its best match there), each pair once."""
    is_match = (indices >= 0) & (similarities >= threshold)
    is_match &= (videos[:, None] >= 0) & (videos[indices] >= 0)
    is_match &= videos[:, None] != videos[indices]
    rows, columns = np.nonzero(is_match)
    targets, values = indices[rows, columns], similarities[rows, columns]
    frames = np.concatenate([rows, targets])
    others = np.concatenate([videos[targets], videos[rows]])
    values = np.concatenate([values, values])
    order = np.lexsort((-values, others, frames))
    frames, others, values = frames[order], others[order], values[order]
    is_first = np.ones(len(frames), np.bool_)
    is_first[1:] = (frames[1:] != frames[:-1]) | (others[1:] != others[:-1])
    return frames[is_first], others[is_first], values[is_first]
