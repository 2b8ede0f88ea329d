"""Frames of videos: neighbours outside a frame's own video, and pairs of videos by their frames."""

from typing import NamedTuple

import numpy as np

from fastdup.analysis.video_parts import (
    LEAST_FRAMES,
    LEAST_PART,
    CommonPart,
    are_shared_by_many,
    common_part,
)
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
    parts : tuple of CommonPart
        The longest part that both have in the same order; the first video is the source.
    """

    sources: IntArray
    targets: IntArray
    similarities: FloatArray
    source_shares: FloatArray
    target_shares: FloatArray
    parts: tuple[CommonPart, ...]


def pair_videos(
    indices: IntArray,
    similarities: FloatArray,
    videos: IntArray,
    threshold: float,
    times_s: FloatArray,
    is_blank: BoolArray,
) -> VideoPairs:
    """Return the pairs of videos of which one has a match for `LEAST_SHARE` of its frames.

    So are pairs with a common part; see `common_part`. Frames that show nothing, and those that
    many videos share, count for nothing, unless a video has no others.

    Parameters
    ----------
    indices, similarities : (n, w) arrays
        Neighbours of each image; index -1 where there are none. Similarities as
        `fastdup.scale` rounds them.
    videos : (n,) int64 array
        The video that each image is a frame of, -1 for an image that is no frame.
    threshold : float
        Smallest similarity of two frames that match, inclusive.
    times_s : (n,) float64 array
        When each frame is shown in its video, in seconds.
    is_blank : (n,) bool array
        Which images show nothing, such as a black frame.
    """
    frames, others, values, matches = _matches(indices, similarities, videos, threshold)
    n_videos = int(videos.max(initial=-1)) + 1
    counts = _that_count(videos, is_blank | are_shared_by_many(frames, videos))
    is_kept = counts[frames] & counts[matches]
    frames, others = frames[is_kept], others[is_kept]
    values, matches = values[is_kept], matches[is_kept]
    sizes = np.bincount(videos[counts], minlength=n_videos)
    ways, n_matched = np.unique(videos[frames] * n_videos + others, return_counts=True)
    totals = np.bincount(
        np.searchsorted(ways, videos[frames] * n_videos + others), values, len(ways)
    )
    # A match counts for both frames: each pair of videos is there both ways.
    first, second = np.divmod(ways, max(n_videos, 1))
    forward = first < second
    backward = np.searchsorted(ways, (second * n_videos + first)[forward])
    shares = n_matched / sizes[first] if len(ways) else np.zeros(0)
    n_both = n_matched[forward] + n_matched[backward]
    means = rounded((totals[forward] + totals[backward]) / np.maximum(n_both, 1))
    sources, targets = first[forward], second[forward]
    source_shares, target_shares = shares[forward], shares[backward]
    largest = np.maximum(source_shares, target_shares)
    places = _places(videos, counts, times_s)
    parts = _parts(sources, targets, videos, times_s, places, frames, others, matches)
    n_parts = np.array([(part.n_frames, part.n_others) for part in parts]).reshape(-1, 2)
    part_shares = (n_parts / np.stack([sizes[sources], sizes[targets]], axis=1)).max(axis=1)
    has_part = (n_parts.min(axis=1) >= LEAST_FRAMES) & (part_shares >= LEAST_PART)
    order = np.lexsort((targets, sources, -means, -largest))
    order = order[(largest[order] >= LEAST_SHARE) | has_part[order]]
    return VideoPairs(
        sources=sources[order],
        targets=targets[order],
        similarities=means[order],
        source_shares=source_shares[order],
        target_shares=target_shares[order],
        parts=tuple(parts[i] for i in order.tolist()),
    )


def _that_count(videos: IntArray, is_idle: BoolArray) -> BoolArray:
    """Return which images are frames that count; all of a video that has only idle ones."""
    is_frame = videos >= 0
    counts = is_frame & ~is_idle
    has_others = np.isin(videos, np.unique(videos[counts]))
    return counts | (is_frame & ~has_others)


def _places(videos: IntArray, counts: BoolArray, times_s: FloatArray) -> IntArray:
    """Return which of the frames of its video that count each image is, by its time."""
    places = np.full(len(videos), -1, np.int64)
    rows = np.flatnonzero(counts)
    rows = rows[np.lexsort((rows, times_s[rows], videos[rows]))]
    starts = np.searchsorted(videos[rows], videos[rows])
    places[rows] = np.arange(len(rows)) - starts
    return places


def _parts(
    sources: IntArray,
    targets: IntArray,
    videos: IntArray,
    times_s: FloatArray,
    places: IntArray,
    frames: IntArray,
    others: IntArray,
    matches: IntArray,
) -> list[CommonPart]:
    """Return the longest common part of each pair of videos."""
    order = np.lexsort((places[frames], others, videos[frames]))
    frames, others, matches = frames[order], others[order], matches[order]
    n_videos = int(videos.max(initial=-1)) + 1
    ways = videos[frames] * n_videos + others
    parts = []
    for way in (sources * n_videos + targets).tolist():
        of_pair = slice(*np.searchsorted(ways, [way, way + 1]).tolist())
        rows, theirs = frames[of_pair], matches[of_pair]
        parts.append(common_part(places[rows], times_s[rows], theirs, times_s[theirs]))
    return parts


def _matches(
    indices: IntArray, similarities: FloatArray, videos: IntArray, threshold: float
) -> tuple[IntArray, IntArray, FloatArray, IntArray]:
    """Return (frame, other video, similarity of its best match there, that), each pair once."""
    is_match = (indices >= 0) & (similarities >= threshold)
    is_match &= (videos[:, None] >= 0) & (videos[indices] >= 0)
    is_match &= videos[:, None] != videos[indices]
    rows, columns = np.nonzero(is_match)
    targets, values = indices[rows, columns], similarities[rows, columns]
    frames = np.concatenate([rows, targets])
    matches = np.concatenate([targets, rows])
    others = videos[matches]
    values = np.concatenate([values, values])
    order = np.lexsort((matches, -values, others, frames))
    frames, others = frames[order], others[order]
    values, matches = values[order], matches[order]
    is_first = np.ones(len(frames), np.bool_)
    is_first[1:] = (frames[1:] != frames[:-1]) | (others[1:] != others[:-1])
    return frames[is_first], others[is_first], values[is_first], matches[is_first]
