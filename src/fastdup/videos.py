"""Videos among the images: frames of the same video are no copies; pairs of similar videos."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from fastdup.analysis.video_pairs import nearest_outside_video, pair_videos
from fastdup.arrays import BoolArray, FloatArray, IntArray
from fastdup.errors import WorkDirError
from fastdup.index import Neighbours
from fastdup.index.rerank import sort_neighbours
from fastdup.runs.tables import STATS
from fastdup.runs.writers import write_videos
from fastdup.sources.containers.videos.frame_names import parse_frame
from fastdup.sources.crops import parse_crop
from fastdup.workdir import WorkDir
from fastdup.workdir.csv_files import remove_files

#: Additional neighbours to search, as frames of the same video are left out afterwards.
N_SPARE = 16

#: A picture whose grey levels, 0 to 255, deviate by less on average shows nothing.
_BLANK_STDV = 3
#: (rows, other rows, k) → the k nearest of the other rows, for each row.
Find = Callable[[IntArray, IntArray, int], Neighbours]
#: (q rows, (q, k) neighbours, (q, k) similarities) → other similarities.
Revalue = Callable[[IntArray, IntArray, FloatArray], FloatArray]


class Videos(NamedTuple):
    """The videos whose frames are among some images.

    Attributes
    ----------
    paths : list of str
        In order of first appearance.
    groups : (n,) int64 array
        Index of the video that each image is a frame of; -1 if it is not a frame.
    """

    paths: list[str]
    groups: IntArray

    @classmethod
    def among(cls, uris: Sequence[str]) -> "Videos":
        """Return the videos whose frames are among `uris`."""
        numbers: dict[str, int] = {}
        groups = np.full(len(uris), -1, np.int64)
        for row, uri in enumerate(uris):
            crop = parse_crop(uri)
            if frame := parse_frame(crop.uri if crop else uri):
                groups[row] = numbers.setdefault(frame.video, len(numbers))
        return cls(list(numbers), groups)


class Elsewhere:
    """Neighbours of images outside their own video, searched again where its frames hide them.

    Parameters
    ----------
    groups : (n,) int64 array
        See `Videos`.
    threshold : float
        Neighbours below this similarity are not needed.
    find : callable or None
        Searches again for images with too few neighbours left; gives raw similarities. None: they
        get fewer.
    n_found : int
        How many it is asked for, at least as many as are kept.
    scale : callable
        Raw similarities → similarities as `fastdup.scale` rounds them.

    Attributes
    ----------
    searched : list of (rows, Neighbours)
        What was searched again: (q,) int64 array, and raw similarities of shape (q, n_found).
    """

    def __init__(
        self,
        groups: IntArray,
        threshold: float,
        find: Find | None,
        n_found: int,
        scale: Callable[[FloatArray], FloatArray],
    ) -> None:
        self._groups, self._threshold = groups, threshold
        self._find, self._n_found, self._scale = find, n_found, scale
        self.searched: list[tuple[IntArray, Neighbours]] = []

    def keep(self, near: Neighbours, k: int, revalue: Revalue | None = None) -> Neighbours:
        """Return the k nearest neighbours of each image, without frames of its own video.

        Parameters
        ----------
        near : Neighbours
            At least k neighbours of each image, with similarities as `fastdup.scale` rounds them.
        k : int
            Number of neighbours, at least 1.
        revalue : callable, optional
            (rows, their neighbours, similarities) → similarities, of what is searched again.
        """
        groups = self._groups
        if (groups < 0).all():
            return Neighbours(near.indices[:, :k], near.similarities[:, :k])
        found, is_short = nearest_outside_video(near.indices, near.similarities, groups, k)
        # If the last known neighbour is below the threshold, all unknown ones are, too.
        is_open = is_short & (near.similarities[:, -1] >= self._threshold)
        for group in np.unique(groups[is_open]) if self._find else ():
            rows = np.flatnonzero(is_open & (groups == group))
            others = np.flatnonzero(groups != group)
            if self._find and len(others):
                nearest = self._find(rows, others, self._n_found)
                self.searched.append((rows, nearest))
                values = self._scale(nearest.similarities)
                if revalue:
                    values = revalue(rows, nearest.indices, values)
                values = np.where(nearest.indices < 0, -np.inf, values)
                kept = sort_neighbours(nearest.indices, values, k)
                found.indices[rows], found.similarities[rows] = kept
        return found


def report_videos(
    work: WorkDir,
    paths: Sequence[str],
    videos: Videos,
    near: Neighbours,
    threshold: float,
    k: int,
) -> int | None:
    """Write ``videos.csv`` and return its number of pairs.

    Matches are looked for among the `k` and `N_SPARE` nearest images of each frame. If no image is
    a frame, remove the file and return None.
    """
    if not videos.paths:
        remove_files([work.videos])
        return None
    width = k + N_SPARE
    times_s = np.array([_time_of(path) for path in paths])
    indices, similarities = near.indices[:, :width], near.similarities[:, :width]
    is_blank = _are_blank(work, len(paths))
    pairs = pair_videos(indices, similarities, videos.groups, threshold, times_s, is_blank)
    n_frames = np.bincount(videos.groups[videos.groups >= 0], minlength=len(videos.paths))
    write_videos(work, videos.paths, n_frames, pairs)
    return len(pairs.sources)


def _time_of(uri: str) -> float:
    """Return when a frame is shown, in seconds since the first; 0 for what is no frame."""
    crop = parse_crop(uri)
    frame = parse_frame(crop.uri if crop else uri)
    return frame.time_s if frame else 0.0


def _are_blank(work: WorkDir, n_rows: int) -> BoolArray:
    """Return which images show nothing, by their statistics; none where these are not known."""
    try:
        (deviations,) = STATS.read_columns(work.stats, "stdv")
    except WorkDirError:
        return np.zeros(n_rows, np.bool_)
    if len(deviations) != n_rows:
        return np.zeros(n_rows, np.bool_)
    return np.asarray(deviations, np.float64) < _BLANK_STDV
