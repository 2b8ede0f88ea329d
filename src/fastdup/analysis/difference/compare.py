"""Two pictures → what differs, in words, and where one lies in the other."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from fastdup.analysis.difference.alignment import Alignment, Orientation, align
from fastdup.analysis.difference.detail import (
    Sharpness,
    describe_addition,
    describe_noise,
    describe_sharpness,
)
from fastdup.analysis.difference.framing import Frame, Size, describe_frame, describe_scale
from fastdup.analysis.difference.pixels import Pixels, luma
from fastdup.analysis.difference.tone import SAME_TONE, Tone, describe_colour, describe_tone
from fastdup.analysis.difference.words import Words

#: Longest side at which pixels are compared.
_COMPARE_SIDE = 640


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two pictures.

    Attributes
    ----------
    first, second : tuple of str
        What is true of each, seen from the other: ("mirrored", "smaller").
    placement : tuple of 6 floats, or None
        Where the second lies in the first, see `Alignment.placement`; None when they do not show
        the same.
    """

    first: tuple[str, ...] = ()
    second: tuple[str, ...] = ()
    placement: tuple[float, ...] | None = None


def compare(
    first: Image.Image, second: Image.Image, first_size: Size, second_size: Size
) -> Difference:
    """Return what differs between two pictures.

    Parameters
    ----------
    first, second : PIL images, mode RGB
        Upright, at full or reduced scale.
    first_size, second_size : (width, height)
        Of the full pictures.
    """
    greys = [image.convert("L") for image in (first, second)]
    alignment = align(greys[0], greys[1], (first_size, second_size))
    if alignment is None:
        return Difference()
    words = Words()
    _describe_orientation(words, alignment.orientation)
    turned = Image.fromarray(np.ascontiguousarray(alignment.orientation.apply(np.asarray(second))))
    swaps = alignment.orientation.quarter_turns % 2
    turned_size = (second_size[1], second_size[0]) if swaps else second_size
    frame = Frame.of(alignment, first_size, turned_size)
    if frame.is_same:
        _describe_size(words, first_size, turned_size)
        describe_content(words, first, turned)
        placement = Alignment(alignment.orientation, np.eye(3), 1.0).placement()
    else:
        describe_frame(words, frame, first, turned)
        placement = alignment.placement()
    if not words:
        words.second.append("re-encoded")
    return Difference(tuple(words.first), tuple(words.second), placement)


def _describe_orientation(words: Words, orientation: Orientation) -> None:
    mirrored, turns = orientation
    if mirrored and turns == 2:
        words.second.append("mirrored top to bottom")
        return
    if mirrored:
        words.second.append("mirrored")
    if turns:
        words.second.append(f"rotated {180 if turns == 2 else 90}°")


def _describe_size(words: Words, first: Size, second: Size) -> None:
    shape = (second[0] / second[1]) / (first[0] / first[1])
    # What rounding to whole pixels does to the shape is no stretching.
    tolerance = 0.02 + 1.0 / min(*first, *second)
    if abs(np.log(shape)) > tolerance:
        words.second.append("stretched")
        return
    describe_scale(words, float(np.sqrt(second[0] * second[1] / (first[0] * first[1]))))


def describe_content(words: Words, first: Image.Image, second: Image.Image) -> None:
    """Say how two pictures of the same part differ in tone, colour, sharpness and content."""
    size = _common_size(first.size, second.size)
    one, other = (_pixels(image, size) for image in (first, second))
    tone = Tone.of(one, other)
    sharpness = Sharpness.of(luma(one), luma(other), max(tone.gain, 0.2))
    has_detail = describe_sharpness(words, sharpness) or describe_noise(words, sharpness)
    has_colour = describe_colour(words, tone, 2.0 if has_detail else 1.0)
    # Strong edits of colour and detail clip at black and white, which moves the tone a little.
    limit = 14.0 if has_detail else 9.0 if has_colour else SAME_TONE
    if "other colours" not in words.second:
        describe_tone(words, tone, limit)
    if not has_colour and not has_detail and tone.is_same(SAME_TONE):
        describe_addition(words, one, other)


def _common_size(first: Size, second: Size) -> Size:
    """Return the smaller of two sizes, or what keeps within the side to compare at."""
    width, height = min(first, second, key=lambda size: size[0] * size[1])
    shrink = min(1.0, _COMPARE_SIDE / max(width, height))
    return max(1, round(width * shrink)), max(1, round(height * shrink))


def _pixels(image: Image.Image, size: Size) -> Pixels:
    if image.size != size:
        image = image.resize(size, Image.Resampling.LANCZOS)
    return np.asarray(image, np.float32)
