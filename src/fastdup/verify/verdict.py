"""What two pictures are to each other, with the evidence."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # 20 ms, and a stored verdict needs none of it
    from fastdup.verify.agreement import Agreement
    from fastdup.verify.changes import Changes, Region
    from fastdup.verify.registration import Aligned

#: Stretch from which on a picture has other proportions.
STRETCHED = 1.04
#: Share of a picture that counts as all of it, and degrees from which on a picture is turned.
WHOLE, UPRIGHT = 0.97, 1.0


class Verdict(StrEnum):
    """What two pictures are to each other.

    ``same_bytes``, ``same_pixels``, ``same_picture``: copies, at most saved again, resized or
    slightly toned. ``edited``: a copy that was cropped, framed, turned, toned or drawn on.
    ``part_of``: one shows a part of the other. ``altered``: the same but for local content.
    ``look_alike``: no copy. ``unverified``: nobody looked.
    """

    SAME_BYTES = "same_bytes"
    SAME_PIXELS = "same_pixels"
    SAME_PICTURE = "same_picture"
    EDITED = "edited"
    PART_OF = "part_of"
    ALTERED = "altered"
    LOOK_ALIKE = "look_alike"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, kw_only=True, eq=False)
class Placement:
    """How the second picture lies in the first.

    Attributes
    ----------
    to_first : (3, 3) array
        Unit coordinates of the second picture to those of the first: (0, 0) is the upper left
        corner, (1, 1) the lower right.
    of_first, of_second : float
        Share of the first picture that the second shows, and of the second that the first shows.
    scale : float
        Pixels of the second picture, at full size, for one of the first, along a side.
    angle : float
        Degrees by which the second is turned, clockwise, from -180 to 180; mirrored first if it is.
    is_mirrored, is_inverted : bool
        Whether the second is a mirror image, and a negative.
    n_inliers : int
        Matched points that agree; 0 where none were needed.
    stretch : float
        By how much more it is scaled along one direction than along another, from 1.
    agreeing : float
        Share of all matched points that agree, from 0 to 1.
    is_bent : bool
        Whether no flat map brings it back, and it was bent back to be compared.
    """

    to_first: NDArray[np.float64]
    of_first: float
    of_second: float
    scale: float
    angle: float
    is_mirrored: bool
    is_inverted: bool
    n_inliers: int
    stretch: float = 1.0
    agreeing: float = 0.0
    is_bent: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether both pictures show all of the other, upright."""
        is_upright = not self.is_mirrored and abs(self.angle) < UPRIGHT
        return is_upright and min(self.of_first, self.of_second) > WHOLE


@dataclass(frozen=True, kw_only=True, eq=False)
class Judgement:
    """A verdict and its evidence.

    Attributes
    ----------
    verdict : Verdict
    kinds : tuple of str
        How the second differs from the first, in words of one kind each: "mirrored", "toned".
    placement : Placement or None
        None where the pictures could not be aligned.
    agreement : Agreement or None
    changes : Changes or None
    aligned : Aligned or None
        Both pictures on one grid.
    """

    verdict: Verdict
    kinds: tuple[str, ...] = ()
    placement: Placement | None = None
    agreement: "Agreement | None" = None
    changes: "Changes | None" = None
    aligned: "Aligned | None" = None

    @property
    def regions(self) -> "tuple[Region, ...]":
        """What differs locally, the largest region first."""
        return self.changes.regions if self.changes else ()

    @property
    def changed(self) -> float:
        """Share of the overlap that differs, from 0 to 1."""
        return self.changes.share if self.changes else 0.0
