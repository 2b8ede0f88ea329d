"""Videos among the images: frames of one are not reported as copies, and two may match."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.analysis import nearest_outside_video, pair_videos
from fastdup.index import Neighbours
from fastdup.runs import write_videos
from fastdup.sources import parse_crop, parse_frame
from fastdup.workdir import WorkDir, remove_files

#: Neighbours searched for besides those asked for, where frames of the same video may take places.
N_SPARE = 16

#: Returns of the first rows the k nearest ones among the others.
Find = Callable[[NDArray[np.int64], NDArray[np.int64], int], Neighbours]


class Videos(NamedTuple):
    """The videos whose frames are among some images.

    Attributes
    ----------
    paths : list of str
        In the order in which they are met.
    groups : (n,) int64 array
        Which of them each image is a frame of, -1 for one that is none.
    """

    paths: list[str]
    groups: NDArray[np.int64]

    @classmethod
    def among(cls, uris: Sequence[str]) -> "Videos":
        """Return the videos whose frames `uris` name."""
        numbers: dict[str, int] = {}
        groups = np.full(len(uris), -1, np.int64)
        for row, uri in enumerate(uris):
            crop = parse_crop(uri)
            if frame := parse_frame(crop.uri if crop else uri):
                groups[row] = numbers.setdefault(frame.video, len(numbers))
        return cls(list(numbers), groups)


def neighbours_elsewhere(
    near: Neighbours, groups: NDArray[np.int64], k: int, threshold: float, find: Find | None
) -> Neighbours:
    """Return the k nearest neighbours of each image, for a frame those outside its own video.

    Parameters
    ----------
    near : Neighbours
        At least k neighbours of each image, with similarities as `fastdup.scale` rounds them.
    groups : (n,) int64 array
        See `Videos`.
    k : int
        At least 1.
    threshold : float
        No neighbours less similar than this are needed.
    find : callable or None
        Searches for those that frames of the same video keep out of `near`. None: they are left
        out.
    """
    found, is_short = nearest_outside_video(near.indices, near.similarities, groups, k)
    # Where even the last neighbour known is below the threshold, the unknown ones are too.
    is_open = is_short & (near.similarities[:, -1] >= threshold)
    for group in np.unique(groups[is_open]) if find else ():
        rows, others = np.flatnonzero(is_open & (groups == group)), np.flatnonzero(groups != group)
        if find and len(others):
            nearest = find(rows, others, k)
            found.indices[rows], found.similarities[rows] = nearest.indices, nearest.similarities
    return found


def report_videos(work: WorkDir, videos: Videos, near: Neighbours, threshold: float) -> int | None:
    """Write ``videos.csv`` and return how many pairs of videos it has.

    Where no image is a frame there is no such file, and None is returned.
    """
    if not videos.paths:
        remove_files([work.videos])
        return None
    pairs = pair_videos(near.indices, near.similarities, videos.groups, threshold)
    n_frames = np.bincount(videos.groups[videos.groups >= 0], minlength=len(videos.paths))
    write_videos(work, videos.paths, n_frames, pairs)
    return len(pairs.sources)
