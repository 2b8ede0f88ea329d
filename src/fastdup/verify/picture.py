"""A picture as judging needs it: small enough to compare, described once."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFilter

from fastdup.verify.cells import Grey
from fastdup.verify.keypoints import FIRST, SOFT, Detail, LocalFeatures, describe
from fastdup.verify.orientation import glance
from fastdup.verify.pyramid import shrunk
from fastdup.verify.screen import Screen, find_screen, without_screen

#: Longest side at which pixels are compared.
COMPARE_SIDE = 640
#: Both sides keep so many pixels in what the first look is at.
FIRST_SIDE = 180
#: Share of one grey level from which on a picture is mostly a plain ground.
_PLAIN_SHARE = 0.45
#: Radius of the blur in which the dots of a print vanish; points from which on there may be dots.
_DOTS, _DOTTED_POINTS = 2.0, 800
#: Side of cells in whose means they vanish, and the share of the variance that is then left: of
#: prints made of dots less (nine in ten), of nine in ten photos more.
_COARSE, _SMOOTH = 5, 0.65
#: Points from which on much is on that ground.
_MANY_POINTS = 550


class Picture:
    """What judging needs of a picture. Thread-safe.

    Parameters
    ----------
    image : PIL image, mode RGB, or callable
        Upright, at full or reduced scale; shrunk to `COMPARE_SIDE`. A callable returns it, and is
        called when it is needed: most pairs are settled by a look at `small`.
    size : (int, int)
        Width and height of the full picture, in pixels.
    small : PIL image, mode L, optional
        The same in grey levels, reduced to 1/2, 1/4, … as far as both sides keep `FIRST_SIDE`
        pixels. None: made of the image.

    Attributes
    ----------
    size : (int, int)
    """

    def __init__(
        self,
        image: Image.Image | Callable[[], Image.Image],
        size: tuple[int, int],
        small: Image.Image | None = None,
    ) -> None:
        self.size = size
        self._load: Callable[[], Image.Image] | None
        self._load = (lambda: image) if isinstance(image, Image.Image) else image
        self._image: Image.Image | None = None
        self._grey: Image.Image | None = None
        self._small = small
        self._glance: Grey | None = None
        self._is_dotted: bool | None = None
        self._screens: list[Screen | None] = []
        self._features: dict[Detail, LocalFeatures] = {}

    # Two threads may do the same work at once, with the same result: a lock would cost more.

    @property
    def image(self) -> Image.Image:
        """The picture as it is compared, mode RGB."""
        load = self._load
        if load is not None:
            self._image = shrunk(load(), COMPARE_SIDE, reducing_gap=3.0)
            self._load = None  # what it holds may be large
        assert self._image is not None
        return self._image

    @property
    def n_pixels(self) -> int:
        """Of `image`; 0 as long as nobody needed it."""
        return 0 if self._image is None else self._image.width * self._image.height

    @property
    def grey(self) -> Image.Image:
        """The picture in grey levels, mode L."""
        if self._grey is None:
            self._grey = self.image.convert("L")
        return self._grey

    @property
    def small(self) -> Image.Image:
        """What the first look is at, mode L."""
        if self._small is None:
            factor = 1
            while min(self.grey.size) // (2 * factor) >= FIRST_SIDE:
                factor *= 2
            self._small = self.grey.reduce(factor) if factor > 1 else self.grey
        return self._small

    @property
    def glance(self) -> Grey:
        """The picture squashed to a few pixels, in grey levels."""
        if self._glance is None:
            self._glance = glance(self.small)
        return self._glance

    def features(self, detail: Detail) -> LocalFeatures:
        """Return the local features, described once."""
        if detail not in self._features:
            source = self.small if detail == FIRST else self.grey
            source = self._soft if detail == SOFT else source
            self._features[detail] = describe(source, detail)
        return self._features[detail]

    @property
    def _soft(self) -> Image.Image:
        """What the first look is at, without the dots of a print."""
        return self.small.filter(ImageFilter.GaussianBlur(_DOTS))

    @property
    def is_dotted(self) -> bool:
        """Whether it is a print made of dots, or as rough as one."""
        if self.features(FIRST).n_found < _DOTTED_POINTS:
            return False
        if self._is_dotted is None:
            width, height = (side // _COARSE * _COARSE for side in self.small.size)
            of_cells = np.asarray(
                self.small.crop((0, 0, width, height)).reduce(_COARSE), np.float32
            )
            of_pixels = np.asarray(self.small, np.float32)
            self._is_dotted = bool(of_cells.var() < _SMOOTH * of_pixels.var())
        return self._is_dotted

    @property
    def screen(self) -> Screen | None:
        """The pattern that a print adds to a picture; None where there is none."""
        if not self._screens:
            self._screens = [find_screen(self.small)]
        return self._screens[0]

    def without_screen(self, pitch: float) -> "Picture":
        """Return the picture without the pattern of a print, whose dots are as far apart."""
        return Picture(without_screen(self.image, self.screen, pitch), self.size)

    @property
    def is_page(self) -> bool:
        """Whether much of it is one plain colour, with much on it: a page, a screen, a slide."""
        if self.features(FIRST).n_found <= _MANY_POINTS:
            return False
        counts = np.bincount(np.asarray(self.small).ravel() >> 3, minlength=32)
        return bool(counts.max() > _PLAIN_SHARE * counts.sum())
