"""Lays a picture with transparent parts on a plain ground on which it shows.

White paper, unless much of what the picture shows would be lost on it: a white drawing becomes
one on grey. The choice depends on the picture alone.
"""

from typing import cast

import numpy as np
from PIL import Image

from fastdup.arrays import BoolArray, FloatArray
from fastdup.errors import ImageError, Reason

#: Grey levels to try, in this order.
_GROUNDS = (255, 96, 0)
#: The choice is made at this longest side or above.
_CHOICE_SIDE = 256
#: Grey levels between neighbours from which on there is an edge.
_EDGE = 24
#: Share of the edges that may be lost on a ground that serves.
_MOST_LOST = 0.1
#: Opacity, of 255, at or below which nothing of a pixel is to be seen.
_INVISIBLE = 2


def lay_on_ground(image: Image.Image) -> Image.Image:
    """Return a picture in mode RGBA as mode RGB.

    Raises
    ------
    ImageError
        NO_CONTENT: all of it is transparent.
    """
    opacity = image.getchannel("A")
    lowest, highest = cast(tuple[int, int], opacity.getextrema())
    if highest <= _INVISIBLE:
        raise ImageError("all of it is transparent", reason=Reason.NO_CONTENT)
    if lowest == 255:
        return image.convert("RGB")
    ground = Image.new("RGB", image.size, (_choose(image),) * 3)
    ground.paste(image, mask=opacity)
    ground.info = image.info.copy()
    return ground


def _choose(image: Image.Image) -> int:
    """Return the first grey level on which nearly all edges show, else that on which most do."""
    factor = max(image.size) // _CHOICE_SIDE
    weighted = image.convert("RGBa")
    small = weighted.reduce(factor) if factor > 1 else weighted
    values = np.asarray(small, np.float32)
    # The levels over black; over any other ground, what is clear lets some of it through.
    grey = values[..., :3] @ np.array([0.299, 0.587, 0.114], np.float32)
    clear = 1 - values[..., 3] / 255
    edges = [_edges(grey + clear * ground) for ground in _GROUNDS]
    every = np.logical_or.reduce(edges)
    n_edges = int(every.sum())
    lost = [n_edges - int(of_ground.sum()) for of_ground in edges]
    for ground, n_lost in zip(_GROUNDS, lost, strict=True):
        if n_lost <= _MOST_LOST * n_edges:
            return ground
    return _GROUNDS[lost.index(min(lost))]


def _edges(grey: FloatArray) -> BoolArray:
    """Return between which neighbours there is an edge: down, then to the right, in one array."""
    down = np.abs(np.diff(grey, axis=0)) >= _EDGE
    right = np.abs(np.diff(grey, axis=1)) >= _EDGE
    return np.concatenate([down.ravel(), right.ravel()])
