"""The last look of a judgement: two pictures that seem the same are read again at full size."""

from dataclasses import replace
from math import ceil

import numpy as np

from fastdup.errors import ImageError, SourceError
from fastdup.judging.finding import Finding
from fastdup.judging.frame_by_frame import N_MOMENTS, SIDE, shows_the_same_throughout
from fastdup.judging.open_pictures import OpenPicture, OpenPictures, PictureFile
from fastdup.verify import Judgement, Verdict
from fastdup.verify.kind_words import with_general

#: Mean difference in grey levels above which pixels at full size are not the same.
_NEARLY_NOTHING = 1.0
#: Share of the range of values by which resizing may change its ends.
_ENDS = 0.1

_Range = tuple[float, float] | None
_Files = tuple[PictureFile, PictureFile]


class FullLook:
    """Looks at pairs that were judged to be the same picture. Thread-safe.

    Parameters
    ----------
    pictures : OpenPictures
        Reads them.
    """

    def __init__(self, pictures: OpenPictures) -> None:
        self._pictures = pictures

    def __call__(
        self, judgement: Judgement, files: _Files, opened: tuple[OpenPicture, OpenPicture]
    ) -> Finding:
        """Return what two pictures are to each other; other verdicts are kept as they are."""
        if judgement.verdict is not Verdict.SAME_PICTURE:
            return Finding.of(judgement)
        one, other = opened
        is_one_size = one.picture.size == other.picture.size
        if _are_other_values(one.own_range, other.own_range, is_one_size=is_one_size):
            return Finding.of(_as_toned(judgement))
        if _may_be_identical(judgement, one, other) and self._same_pixels(files):
            return Finding.identical(Verdict.SAME_PIXELS)
        return Finding.of(self._at_full_size(judgement, files, opened))

    def of_frames(self, found: Finding, files: _Files) -> Finding:
        """Return what two files are of which one has several frames, given what some of them say.

        Where others differ, they are altered; files that seem to differ are kept as they are.
        """
        if found.verdict not in (Verdict.SAME_PICTURE, Verdict.SAME_PIXELS):
            return found
        try:
            one, other = (self._pictures.decoded(file, SIDE, frames=N_MOMENTS) for file in files)
        except (ImageError, SourceError):
            return found
        if shows_the_same_throughout(one, other):
            return found
        return replace(found, verdict=Verdict.ALTERED)

    def _same_pixels(self, files: _Files) -> bool:
        """Return whether all pixels are the same at full size; the files are read again."""
        try:
            one, other = (self._pictures.full(file) for file in files)
        except (ImageError, SourceError):
            return False
        return one.size == other.size and one.tobytes() == other.tobytes()

    def _at_full_size(
        self, judgement: Judgement, files: _Files, opened: tuple[OpenPicture, OpenPicture]
    ) -> Judgement:
        from fastdup.verify.full_detail import look_at_full_detail, shows_more_at_full_size

        sizes = [picture.picture.size for picture in opened]
        if not shows_more_at_full_size(judgement, *sizes):
            return judgement
        try:
            one, other = (
                self._pictures.decoded(file, _least_side(size)).image
                for file, size in zip(files, sizes, strict=True)
            )
        except (ImageError, SourceError):
            return judgement
        return look_at_full_detail(one, other, judgement)


def _least_side(size: tuple[int, int]) -> int:
    """Return the shorter side of a picture that is large enough for the look."""
    from fastdup.verify.full_detail import LEAST_SIDE

    return ceil(min(size) * LEAST_SIDE / max(size))


def _may_be_identical(judgement: Judgement, one: OpenPicture, other: OpenPicture) -> bool:
    """Return whether a look at the full pixels may show that they are the same.

    JPEGs whose reduced pixels differ hold other numbers, and have other full pixels.
    """
    first, second = one.picture, other.picture
    if judgement.kinds or judgement.changed:
        return False
    if first.size != second.size or first.image.size != second.image.size:
        return False
    pixels, others = (np.asarray(picture.image, np.int16) for picture in (first, second))
    if one.is_jpeg and other.is_jpeg:
        return bool((pixels == others).all())
    return bool(np.abs(pixels - others).mean() < _NEARLY_NOTHING)


def _are_other_values(one: _Range, other: _Range, *, is_one_size: bool) -> bool:
    """Return whether pictures that look the same have other values, as labels 1 and 2 have.

    Each was shown by its own range, or one of them was.
    """
    if one == other:
        return False
    if one is None or other is None:
        return True
    most = 0.0 if is_one_size else _ENDS * max(one[1] - one[0], other[1] - other[0])
    return max(abs(one[0] - other[0]), abs(one[1] - other[1])) > most


def _as_toned(judgement: Judgement) -> Judgement:
    """Return the judgement on pictures with other values: that they look the same is our doing."""
    return replace(
        judgement, verdict=Verdict.EDITED, kinds=with_general((*judgement.kinds, "toned"))
    )
