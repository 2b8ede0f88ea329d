"""The part that two videos have in common: frames of one that follow one another in the other."""

from typing import NamedTuple

import numpy as np

from fastdup.arrays import BoolArray, FloatArray, IntArray

#: So many frames in a row are a common part, if they are at least …
LEAST_FRAMES = 3
#: … this share of the frames of one of the videos.
LEAST_PART = 0.2
#: Frames of which so many other videos have a match, and far more than have one of the video's
#: usual frame, are titles, test pictures and the like.
_LEAST_SHARING = 3
_USUAL_RATIO = 2


class CommonPart(NamedTuple):
    """Where a part lies in both videos.

    Attributes
    ----------
    n_frames : int
        Frames of the first video in it.
    n_others : int
        Frames of the second video that they match.
    start_s, end_s : float
        Times of its first and last frame in the first video, in seconds.
    other_start_s, other_end_s : float
        The same in the second video.
    """

    n_frames: int
    n_others: int
    start_s: float
    end_s: float
    other_start_s: float
    other_end_s: float


def common_part(
    places: IntArray, times_s: FloatArray, others: IntArray, other_times_s: FloatArray
) -> CommonPart:
    """Return the longest part in which frames of two videos match in the same order.

    One frame without a match may be between two that have one.

    Parameters
    ----------
    places : (m,) int64 array
        Which of its video's frames each matching frame is, ascending.
    times_s : (m,) float64 array
        When these are shown, in seconds.
    others : (m,) int64 array
        The best match of each in the other video.
    other_times_s : (m,) float64 array
        When those are shown.
    """
    is_next = (np.diff(places) <= 2) & (np.diff(other_times_s) >= 0)
    starts = np.concatenate([[0], np.flatnonzero(~is_next) + 1])
    lengths = np.diff(np.concatenate([starts, [len(places)]]))
    longest = int(np.argmax(lengths))
    first, last = int(starts[longest]), int(starts[longest] + lengths[longest]) - 1
    inside = slice(first, last + 1)
    return CommonPart(
        n_frames=last + 1 - first,
        n_others=len(np.unique(others[inside])),
        start_s=float(times_s[first]),
        end_s=float(times_s[last]),
        other_start_s=float(other_times_s[first]),
        other_end_s=float(other_times_s[last]),
    )


def are_shared_by_many(frames: IntArray, videos: IntArray) -> BoolArray:
    """Return which images are frames that say nothing of their video: many others have them.

    Parameters
    ----------
    frames : (m,) int64 array
        The frame of each match, one for each other video in which it has one.
    videos : (n,) int64 array
        The video that each image is a frame of, -1 for an image that is no frame.

    Returns
    -------
    (n,) bool array
    """
    n_sharing = np.bincount(frames, minlength=len(videos))
    is_shared = np.zeros(len(videos), np.bool_)
    candidates = np.flatnonzero((n_sharing >= _LEAST_SHARING) & (videos >= 0))
    for video in np.unique(videos[candidates]):
        of_video = videos == video
        usual = np.median(n_sharing[of_video])
        is_shared |= of_video & (n_sharing >= max(_LEAST_SHARING, _USUAL_RATIO * usual + 1))
    return is_shared
