"""Which of two files of one picture was saved again."""

import io

import numpy as np
import pytest
from PIL import Image

from fastdup.verify.enlargement import Gain
from fastdup.verify.resaving import Saved, gain_of_second
from pictures import photo

OTHER = {Gain.MORE: Gain.NONE, Gain.NONE: Gain.MORE, Gain.UNCLEAR: Gain.UNCLEAR}


def saved(image, quality, **options):
    """Return a picture that was saved as a JPEG, or without loss where there is no quality."""
    if quality is None:
        return Saved(image.convert("L"), None)
    data = io.BytesIO()
    image.convert("RGB").save(data, "JPEG", quality=quality, **options)
    return Saved(Image.open(data).convert("L"), quality)


def in_colour(image, quality):
    """Return what a picture is once it was saved."""
    data = io.BytesIO()
    image.save(data, "JPEG", quality=quality)
    return Image.open(data).convert("RGB")


@pytest.fixture(scope="module")
def original():
    return photo(3, (405, 299))


@pytest.mark.parametrize("turn", [None, *Image.Transpose])
@pytest.mark.parametrize(("quality", "later"), [(75, 92), (92, 75), (60, 97), (None, 80), (85, 85)])
def test_what_was_saved_again_has_nothing_over_what_it_was_made_of(original, quality, later, turn):
    first = original if quality is None else in_colour(original, quality)
    second = first if turn is None else first.transpose(turn)
    files = saved(original, quality), saved(second, later)
    found = gain_of_second(*files)
    # At the same quality the second may be the very same as the first.
    assert found is Gain.NONE or (quality == later and found is Gain.UNCLEAR)
    assert gain_of_second(*files[::-1]) is OTHER[found]


@pytest.mark.parametrize("poor", [20, 35, 50])
def test_what_coarse_steps_took_does_not_come_back(original, poor):
    lossy = in_colour(original, poor)
    noisy = Image.fromarray(np.asarray(lossy) // 2 * 2)  # so that it was not made of the other one
    files = saved(noisy, 95), saved(original, 90)
    assert gain_of_second(*files) is Gain.MORE
    assert gain_of_second(*files[::-1]) is Gain.NONE


def test_noise_is_not_taken_for_detail_that_saving_took(original):
    values = np.asarray(original, np.float32)
    noise = np.random.default_rng(0).normal(0, 9, values.shape)
    noisy = Image.fromarray(np.clip(values + noise, 0, 255).astype(np.uint8))
    assert gain_of_second(saved(original, 80), saved(noisy, 90)) is Gain.UNCLEAR


def test_of_pictures_that_are_plain_or_of_other_sizes_nothing_is_said(original):
    plain = Image.new("RGB", (200, 150), "grey")
    assert gain_of_second(saved(plain, 80), saved(plain, 90)) is Gain.UNCLEAR
    smaller = original.resize((200, 150))
    assert gain_of_second(saved(original, 80), saved(smaller, 90)) is Gain.UNCLEAR
    tiny = original.crop((0, 0, 6, 5))
    assert gain_of_second(saved(tiny, 80), saved(tiny, 90)) is Gain.UNCLEAR
