"""Looks closer at the place where one picture seems to lie in another: a judgement of that place.

Compared as wholes, a picture and a page that shows it small have few points in common. Cut out of
the page, it is a picture like any other.
"""

from dataclasses import replace

import numpy as np
from PIL import Image

from fastdup.images import DecodedImage
from fastdup.parts.part_place import PartPlace
from fastdup.verify import Judgement, Picture, Verdict, judge
from fastdup.verify.edit_kinds import list_kinds
from fastdup.verify.planes import Matrix, covered_share, pixel_scale

#: A part larger than this share of the whole is not small: nothing is gained.
_LARGEST = 0.6
#: Sides in pixels of a place, in the whole, below which it shows too little.
_SMALLEST = 32
#: Share by which the place is widened on each side.
_MARGIN = 0.08
#: Smaller pictures are enlarged to this longest side, in pixels: they have too few points.
_LEAST_SIDE = 256
#: Verdicts of copies.
_COPIES = frozenset({Verdict.SAME_PICTURE, Verdict.EDITED, Verdict.PART_OF})
#: Inliers that it takes: a plain place looks like any plain picture.
_FEWEST_INLIERS = 8
#: A part that is smaller than this share is a part, not a crop.
_SMALL_PART = 0.25

_CORNERS = np.array([[0.0, 1, 0, 1], [0, 0, 1, 1], [1, 1, 1, 1]])


def look_closer(first: DecodedImage, second: DecodedImage, place: PartPlace) -> Judgement | None:
    """Return what two pictures are to each other by the place where one lies in the other.

    Parameters
    ----------
    first, second : DecodedImage
        At full size, or reduced.
    place : PartPlace

    Returns
    -------
    Judgement or None
        Of the whole pictures, a copy; None where that place shows none.
    """
    one, other = first.image, second.image
    whole, part = (one, other) if place.is_first_whole else (other, one)
    box = _box(_to_pixels(whole.size, part.size, place), whole.size)
    if box is None:
        return None
    cut, shown = (_large_enough(image) for image in (whole.crop(box), part))
    found = judge(*((cut, shown) if place.is_first_whole else (shown, cut)))
    return _of_wholes(found, first, second, _unit_map(box, whole.size), place)


def _to_pixels(whole: tuple[int, int], part: tuple[int, int], place: PartPlace) -> Matrix:
    """Return the map of unit coordinates of the part to pixels of the whole."""
    ends = np.array([[0, 0], [1, 0], [0, 1]]) * np.array(part) / max(part)
    origin, right, below = place.in_whole(ends @ [1, 1j]) * max(whole)
    columns = [right - origin, below - origin, origin]
    return np.array([[z.real for z in columns], [z.imag for z in columns], [0, 0, 1]])


def _box(to_whole: Matrix, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """Return the place in whole pixels, a little widened; None where it is no small part."""
    corners = to_whole[:2] @ _CORNERS
    low, high = corners.min(axis=1), corners.max(axis=1)
    seen = np.minimum(high, size) - np.maximum(low, 0)
    if seen.min() < _SMALLEST or seen.prod() > _LARGEST * np.prod(size):
        return None
    margin = _MARGIN * (high - low)
    left, top = np.floor(np.maximum(low - margin, 0)).astype(int).tolist()
    right, bottom = np.ceil(np.minimum(high + margin, size)).astype(int).tolist()
    return left, top, right, bottom


def _large_enough(image: Image.Image) -> Picture:
    """Return a picture to judge, enlarged where it is too small to have points."""
    factor = _LEAST_SIDE / max(image.size)
    if factor <= 1:
        return Picture(image, image.size)
    width, height = (round(side * factor) for side in image.size)
    return Picture(image.resize((width, height), Image.Resampling.BICUBIC), image.size)


def _unit_map(box: tuple[int, int, int, int], size: tuple[int, int]) -> Matrix:
    """Return the map of unit coordinates of a box to those of the picture."""
    left, top, right, bottom = box
    width, height = size
    scale_x, scale_y = (right - left) / width, (bottom - top) / height
    return np.array([[scale_x, 0, left / width], [0, scale_y, top / height], [0, 0, 1]])


def _of_wholes(
    found: Judgement,
    first: DecodedImage,
    second: DecodedImage,
    in_whole: Matrix,
    place: PartPlace,
) -> Judgement | None:
    """Return the judgement of the cut-out as one of the whole pictures, None if it is no copy."""
    seen, changes = found.placement, found.changes
    if seen is None or changes is None or found.aligned is None or found.verdict not in _COPIES:
        return None
    if seen.n_inliers < _FEWEST_INLIERS:
        return None
    to_first = seen.to_first
    to_first = in_whole @ to_first if place.is_first_whole else to_first @ np.linalg.inv(in_whole)
    to_second = np.linalg.inv(to_first)
    placement = replace(
        seen,
        to_first=to_first,
        of_first=covered_share(to_first),
        of_second=covered_share(to_second),
        scale=pixel_scale((first.width, first.height), (second.width, second.height), to_second),
    )
    is_part = min(placement.of_first, placement.of_second) < _SMALL_PART
    verdict = Verdict.PART_OF if is_part else Verdict.EDITED
    pictures = _picture(first), _picture(second)
    kinds = list_kinds(pictures, found.aligned, changes, placement, verdict)
    return replace(found, verdict=verdict, kinds=kinds, placement=placement)


def _picture(decoded: DecodedImage) -> Picture:
    return Picture(decoded.image, (decoded.width, decoded.height))
