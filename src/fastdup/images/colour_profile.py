"""Brings pictures with a colour profile to sRGB, in which all others are stored.

What is in sRGB already stays as it is, bit for bit: a profile counts as sRGB when it changes no
colour to be seen, whatever its name. Damaged profiles, and those of another kind of picture, are
ignored.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image

#: Larger profiles are not read.
_MOST_BYTES = 2**22
#: Colours by which a profile is tried: so many steps of each channel. What it changes by less than
#: this in the mean, and by less than that in any channel, is sRGB.
_STEPS, _MEAN_CHANGE, _LARGEST_CHANGE = 6, 1.0, 4
#: Mode → the colour space that a profile for it has, and the mode of the result.
_SPACES = {
    "RGB": ("RGB ", "RGB"),
    "RGBA": ("RGB ", "RGBA"),
    "L": ("GRAY", "RGB"),
    "CMYK": ("CMYK", "RGB"),
}


def is_other_than_srgb(profile: object, mode: str) -> bool:
    """Return whether a picture of this mode with this profile has to be brought to sRGB."""
    return _transform_of(profile, mode) is not None


def bring_to_srgb(image: Image.Image, profile: object) -> Image.Image:
    """Return a picture in sRGB; the same object if it needs no change.

    Relative colorimetric, with black brought to black.

    Parameters
    ----------
    image : PIL image
    profile : object
        The bytes of its profile; anything else counts as none.
    """
    transform = _transform_of(profile, image.mode)
    if transform is None:
        return image
    result: Image.Image = transform.apply(image)
    return result


def lab_to_srgb(image: Image.Image) -> Image.Image:
    """Return a picture of mode LAB in mode RGB."""
    from PIL import ImageCms

    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    result = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
    assert result is not None
    return result


def _transform_of(profile: object, mode: str) -> Any:
    if not isinstance(profile, bytes) or not profile or mode not in _SPACES:
        return None
    return _transform(profile, mode) if len(profile) <= _MOST_BYTES else None


@lru_cache(maxsize=24)
def _transform(profile: bytes, mode: str) -> Any:
    """Return what brings pictures to sRGB; None where nothing does, or nothing has to."""
    space, to_mode = _SPACES[mode]
    if profile[16:20] != space.encode():
        return None
    # Broad on purpose: without the library, and with a damaged profile, a picture is as it is.
    try:
        from io import BytesIO

        from PIL import ImageCms

        transform = ImageCms.buildTransform(
            ImageCms.ImageCmsProfile(BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            mode,
            to_mode,
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        is_same = mode != "CMYK" and _changes_nothing(transform, mode)
    except Exception:
        return None
    return None if is_same else transform


def _changes_nothing(transform: Any, mode: str) -> bool:
    levels = np.linspace(0, 255, _STEPS).round().astype(np.uint8)
    if mode == "L":
        sample = levels[None]
    else:
        sample = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3)
        opaque = np.full((*sample.shape[:2], 1), 255, np.uint8)
        sample = np.concatenate([sample, opaque], axis=2) if mode == "RGBA" else sample
    given = Image.fromarray(sample)
    found = np.asarray(transform.apply(given).convert("RGB"), np.int16)
    change = np.abs(found - np.asarray(given.convert("RGB"), np.int16))
    return bool(change.mean() < _MEAN_CHANGE and change.max() <= _LARGEST_CHANGE)
