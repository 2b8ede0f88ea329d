"""Looks through the frames of an animation, or through pages, for those that show something."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from fastdup.errors import ImageError, Reason
from fastdup.images.sampling import Samples

if TYPE_CHECKING:
    from fastdup.images.decode import DecodedImage

#: Standard deviation of the grey levels below which a frame is blank.
_BLANK = 2.5
#: Side of the small pictures by which pages are compared, and the mean difference in grey levels
#: up to which one is only another size of the other.
_SIDE, _SAME_LEVEL = 24, 3.0


def look_through(
    samples: Samples,
    start: int,
    show: Callable[[int], "DecodedImage"],
    *,
    all_of_them: bool,
    are_pages: bool,
    keeps_blank: bool = False,
) -> "DecodedImage":
    """Return the first frame that is not blank, with all samples if they are wanted.

    Where no frame differs from the first there are none: it is a single picture. What cannot be
    decoded behind the first frame counts as blank.

    Parameters
    ----------
    samples : Samples
    start : int
        The frame that a viewer shows first.
    show : callable
        Decodes a frame.
    all_of_them : bool
        Whether more than one frame is wanted.
    are_pages : bool
        Whether they are pages, of which some may be other sizes of one picture.
    keeps_blank : bool
        Whether blank frames are among those returned.

    Raises
    ------
    ImageError
        When the first frame cannot be decoded, or all are transparent.
    """
    first = _try(show, start)
    shown: dict[int, DecodedImage | None] = {}
    known: dict[bytes, DecodedImage] = {}
    for place in sorted(set(samples.places), key=lambda place: (place != start, place)):
        frame = first if place == start else _try_later(show, place)
        is_wanted = frame is not None and (keeps_blank or not is_blank(frame.image))
        shown[place] = _once(frame, known) if frame and is_wanted else None
        if shown[place] and not all_of_them:
            break
    found = next(filter(None, shown.values()), first)
    if found is None:
        raise ImageError("all of it is transparent", reason=Reason.NO_CONTENT)
    frames = tuple(shown.get(place) for place in samples.places)
    if not all_of_them or len({id(frame) for frame in frames}) < 2:
        return found
    if are_pages and all(frame and _is_same(frame, found) for frame in frames):
        return found
    return replace(found, frames=frames, n_beyond=samples.n_beyond)


def is_blank(image: Image.Image) -> bool:
    """Return whether a picture is of one colour, but for noise."""
    return float(np.asarray(image.convert("L"), np.float32).std()) < _BLANK


def _try(show: Callable[[int], "DecodedImage"], place: int) -> "DecodedImage | None":
    """Return a frame, None for one that is transparent."""
    try:
        return show(place)
    except ImageError as error:
        if error.reason is not Reason.NO_CONTENT:
            raise
        return None


def _try_later(show: Callable[[int], "DecodedImage"], place: int) -> "DecodedImage | None":
    # Broad on purpose: decoders raise anything, and the first frame is there.
    try:
        return _try(show, place)
    except Exception:
        return None


def _once(frame: "DecodedImage", known: dict[bytes, "DecodedImage"]) -> "DecodedImage":
    """Return the frame, or the one before it with the same pixels."""
    pixels = hashlib.blake2b(f"{frame.image.size}".encode() + frame.image.tobytes())
    return known.setdefault(pixels.digest(), frame)


def _is_same(one: "DecodedImage", other: "DecodedImage") -> bool:
    small, other_small = (
        np.asarray(frame.image.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX), np.int16)
        for frame in (one, other)
    )
    return float(np.abs(small - other_small).mean()) < _SAME_LEVEL
