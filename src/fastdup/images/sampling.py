"""Which frames of an animation, and which pages of a document, are looked at.

Of an animation, frames at the same moments, as shares of its time: so the same animation gives
the same frames in every format, though one stores a still second as one frame and another as ten.
Of pages, all, or some spread over all of them.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from fastdup.images import tiff
from fastdup.images.frame_times import frame_times

#: Formats that hold several pictures: those with times, and those of pages.
_ANIMATED = frozenset({"GIF", "PNG", "WebP", "AVIF", "JPEG XL"})
PAGED = frozenset({"TIFF", "HEIC"})
#: Frames of an animation that are looked at, and pages.
_N_FRAMES, _MOST_PAGES = 8, 16
#: To reach a frame, those before it are decoded: at most so many frames, and pixels in all.
_MOST_REACHED, _MOST_PIXELS = 600, 2**26
#: However large they are, so many frames.
_FEWEST_REACHED = 16


class Samples(NamedTuple):
    """The frames to look at.

    Attributes
    ----------
    places : tuple of int
        Which frame each sample is, from 0, ascending; some may be there several times.
    n_beyond : int
        Frames after the last that may be looked at.
    """

    places: tuple[int, ...]
    n_beyond: int = 0


def choose_samples(
    name: str, data: bytes, n_frames: int, n_pixels: int, n_moments: int = 0
) -> Samples:
    """Return which frames of a file to look at; one place for a single picture.

    Parameters
    ----------
    name : str
        The format.
    data : bytes
        The whole file.
    n_frames : int
        Pictures that the decoder finds.
    n_pixels : int
        Of one of them.
    n_moments : int
        At how many moments of an animation to look, and at how many pages at most; 0: the usual.
    """
    if n_frames > 1 and name in _ANIMATED:
        n_first = n_reached(n_frames, n_pixels)
        times = frame_times(name, data, n_frames)
        return Samples(_at_moments(times[:n_first], n_moments or _N_FRAMES), n_frames - n_first)
    if n_frames > 1 and name in PAGED:
        pages = tiff.whole_pages(data) if name == "TIFF" else list(range(n_frames))
        n_wanted = max(2, n_moments or min(_MOST_PAGES, 2 * _MOST_PIXELS // max(n_pixels, 1)))
        if len(pages) > n_wanted:
            pages = [pages[i * len(pages) // n_wanted] for i in range(n_wanted)]
        return Samples(tuple(pages) or (0,))
    return Samples((0,))


def n_reached(n_frames: int, n_pixels: int) -> int:
    """Return how many frames of an animation may be looked at, of `n_pixels` each."""
    most = _MOST_PIXELS // max(n_pixels, 1)
    return min(n_frames, max(_FEWEST_REACHED, min(_MOST_REACHED, most)))


def _at_moments(times: Sequence[int], n: int) -> tuple[int, ...]:
    """Return the first frame, and those shown a quarter into each further one of n equal parts."""
    ends = [end * 4 * n for end in accumulate(times)]
    total = sum(times)
    moments = [0, *(total * (4 * i + 1) for i in range(1, n))]
    return tuple(min(bisect_right(ends, moment), len(times) - 1) for moment in moments)
