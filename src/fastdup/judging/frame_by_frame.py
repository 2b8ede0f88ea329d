"""Whether two animations, or documents, show the same at every moment and on every page.

Judging looks at a few frames. Of two long ones that differ in between it would say that they are
the same.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fastdup.images import DecodedImage

#: Moments that are compared: a frame that is shown for so small a part is seen. Most pages.
N_MOMENTS = 512
#: Side in pixels to which each frame is shrunk, and how far frames need be decoded for it.
SIDE = 24
#: Moments by which the same frame may be shown earlier or later, by the rounding of times.
_LATER = 10
#: Colour levels by which a pixel of that size differs where another thing is shown: the few colours
#: of a GIF, saving and toning make up to 20, a word of a caption 50.
_OTHER = 40


def shows_the_same_throughout(one: DecodedImage, other: DecodedImage) -> bool:
    """Return whether two files show the same at all moments, or on all pages.

    Parameters
    ----------
    one, other : DecodedImage
        With the frames at `N_MOMENTS` moments, or as many pages as there are; a still has none.
    """
    ours, theirs = (image.frames or (image,) for image in (one, other))
    n_moments = max(len(ours), len(theirs))
    ours, theirs = _repeated(ours, n_moments), _repeated(theirs, n_moments)
    later = _LATER if n_moments == N_MOMENTS else 0  # pages have their places
    compare = _Comparison()
    return all(
        any(compare(frame, another) for another in others[max(0, i - later) : i + later + 1])
        for frames, others in ((ours, theirs), (theirs, ours))
        for i, frame in enumerate(frames)
    )


class _Comparison:
    """Compares frames, each pair once."""

    def __init__(self) -> None:
        self._small: dict[int, NDArray[np.int16]] = {}
        self._known: dict[tuple[int, int], bool] = {}

    def __call__(self, one: DecodedImage | None, other: DecodedImage | None) -> bool:
        """Return whether two frames show the same; None is one that cannot be decoded."""
        if one is None or other is None:
            return one is other
        key = id(one), id(other)
        if key not in self._known:
            difference = self._shrunk(one) - self._shrunk(other)
            self._known[key] = bool(np.abs(difference).max() <= _OTHER)
        return self._known[key]

    def _shrunk(self, frame: DecodedImage) -> NDArray[np.int16]:
        if id(frame) not in self._small:
            small = frame.image.resize((SIDE, SIDE), Image.Resampling.BOX)
            self._small[id(frame)] = np.asarray(small, np.int16)
        return self._small[id(frame)]


def _repeated(
    frames: tuple[DecodedImage | None, ...], n_moments: int
) -> tuple[DecodedImage | None, ...]:
    """Return the frames at so many moments; a still is the same at all of them."""
    return frames if len(frames) == n_moments else frames[:1] * n_moments
