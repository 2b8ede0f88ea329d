"""A picture as judging needs it: small enough to compare, described once."""

from functools import cached_property

import numpy as np
from PIL import Image

from fastdup.verify.cells import Grey
from fastdup.verify.keypoints import QUICK, Detail, LocalFeatures, describe
from fastdup.verify.orientation import glance

#: Longest side at which pixels are compared.
COMPARE_SIDE = 640
#: Share of one grey level from which on a picture is mostly a plain ground.
_PLAIN_SHARE = 0.35
#: Points from which on much is on that ground.
_MANY_POINTS = 700


class Picture:
    """What judging needs of a picture.

    Parameters
    ----------
    image : PIL image, mode RGB
        Upright, at full or reduced scale; shrunk to `COMPARE_SIDE`.
    size : (int, int)
        Width and height of the full picture, in pixels.

    Attributes
    ----------
    image : PIL image, mode RGB
        As it is compared.
    size : (int, int)
    """

    def __init__(self, image: Image.Image, size: tuple[int, int]) -> None:
        if max(image.size) > COMPARE_SIDE:
            image = image.copy()
            image.thumbnail(
                (COMPARE_SIDE, COMPARE_SIDE), Image.Resampling.BILINEAR, reducing_gap=3.0
            )
        self.image, self.size = image, size
        self._features: dict[Detail, LocalFeatures] = {}

    @cached_property
    def grey(self) -> Image.Image:
        """The picture in grey levels, mode L."""
        return self.image.convert("L")

    @cached_property
    def glance(self) -> Grey:
        """The picture squashed to a few pixels, in grey levels."""
        return glance(self.grey)

    def features(self, detail: Detail) -> LocalFeatures:
        """Return the local features, described once."""
        if detail not in self._features:
            self._features[detail] = describe(self.grey, detail)
        return self._features[detail]

    @cached_property
    def is_page(self) -> bool:
        """Whether much of it is one plain colour, with much on it: a page, a screen, a slide."""
        counts = np.bincount(np.asarray(self.grey).ravel() >> 3, minlength=32)
        is_plain = counts.max() > _PLAIN_SHARE * counts.sum()
        return bool(is_plain and self.features(QUICK).n_found > _MANY_POINTS)
