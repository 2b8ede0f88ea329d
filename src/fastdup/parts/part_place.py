"""Where one of two pictures lies in the other, by their points alone."""

from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.parts.placing import Views, find_places
from fastdup.parts.point_index import MOST_BITS

#: Points that agree from which on a place is worth a look, and how far they are spread over it.
FEWEST_POINTS, LEAST_SPREAD = 3, 0.04
#: Matches that are looked at: more are those of a pattern.
_MOST_MATCHES = 400


class PartPlace(NamedTuple):
    """Where the part lies in the whole picture; places are x + iy in units of the longest side.

    Attributes
    ----------
    is_first_whole : bool
        Whether the second picture is the part.
    is_mirrored : bool
        Whether it is mirrored in the whole: its x is 1 - x there.
    centre, scale, centre_of_part : complex
        The place p of the part is centre + scale (p - centre_of_part) in the whole.
    n_points : int
        How many points agree on that.
    """

    is_first_whole: bool
    is_mirrored: bool
    centre: complex
    scale: complex
    centre_of_part: complex
    n_points: int

    def in_whole(self, part: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """Return where places of the part are in the whole."""
        if self.is_mirrored:
            part = 1 - part.conj()
        return np.asarray(self.centre + self.scale * (part - self.centre_of_part))


def find_part_place(first: NDArray[np.void], second: NDArray[np.void]) -> PartPlace | None:
    """Return where one of two pictures lies in the other, None where too few points agree.

    Parameters
    ----------
    first, second : arrays of POINT
        All points of either picture.
    """
    best: PartPlace | None = None
    for is_first_whole, is_mirrored in product((True, False), (False, True)):
        whole, part = (first, second) if is_first_whole else (second, first)
        found = _placed(whole, part, is_first_whole=is_first_whole, is_mirrored=is_mirrored)
        if found and (best is None or found.n_points > best.n_points):
            best = found
    return best


def _placed(
    whole: NDArray[np.void], part: NDArray[np.void], *, is_first_whole: bool, is_mirrored: bool
) -> PartPlace | None:
    whole, part = whole[whole["is_fine"] == 1], part[part["is_fine"] == 0]
    words = part["words"][:, ::-1] if is_mirrored else part["words"]
    bits = sum(
        np.bitwise_count(whole["words"][:, None, word] ^ words[:, word]) for word in range(2)
    )
    ours, theirs = np.nonzero(bits <= MOST_BITS)
    if len(ours) < FEWEST_POINTS:
        return None
    differing = bits[ours, theirs].astype(np.int64)
    nearest = np.argsort(differing, kind="stable")[:_MOST_MATCHES]
    ours, theirs = ours[nearest], theirs[nearest]
    views = Views.of(whole[ours]), Views.of(part[theirs], is_mirrored)
    found = find_places(*views, differing[nearest], np.array([0]))
    n_points = int(found.n_points[0])
    if n_points < FEWEST_POINTS or found.spread[0] < LEAST_SPREAD:
        return None
    return PartPlace(
        is_first_whole=is_first_whole,
        is_mirrored=is_mirrored,
        centre=complex(found.centre[0]),
        scale=complex(found.scale[0]),
        centre_of_part=complex(found.centre_of_part[0]),
        n_points=n_points,
    )
