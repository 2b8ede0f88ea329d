import pytest
from PIL import Image, ImageFilter

from fastdup.verify.enlargement import Gain, gain_of_larger
from pictures import photo, reopened

KERNELS = [Image.Resampling.BICUBIC, Image.Resampling.LANCZOS]


def grey(image, quality):
    return reopened(image, quality).convert("L")


def scaled(image, factor, kernel):
    return image.resize((round(image.width * factor), round(image.height * factor)), kernel)


@pytest.fixture(scope="module")
def original():
    return photo(3, (800, 600))


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("factor", [1.3, 1.6, 2.0])
def test_an_enlarged_copy_shows_no_more_than_what_it_was_made_from(original, factor, kernel):
    smaller = reopened(original, 92)
    larger = scaled(smaller, factor, kernel)
    assert gain_of_larger(grey(larger, 92), smaller.convert("L")) is Gain.NONE


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("factor", [0.8, 0.625, 0.5, 0.1])
def test_an_original_shows_more_than_a_smaller_copy(original, factor, kernel):
    larger = reopened(original, 92)
    smaller = grey(scaled(larger, factor, kernel), 85)
    assert gain_of_larger(larger.convert("L"), smaller, quality=85) is Gain.MORE


@pytest.mark.parametrize("factor", [0.8, 0.625, 0.5])
def test_the_noise_of_a_coarse_copy_is_not_taken_for_detail(original, factor):
    larger = reopened(original, 92).filter(ImageFilter.GaussianBlur(1.2))
    smaller = grey(scaled(larger, factor, Image.Resampling.LANCZOS), 40)
    assert gain_of_larger(grey(larger, 92), smaller, quality=40) is not Gain.NONE


@pytest.mark.parametrize("factor", [0.8, 0.625, 0.5])
def test_a_smaller_copy_that_was_sharpened_shows_no_more(original, factor):
    larger = reopened(original, 92)
    smaller = scaled(larger, factor, Image.Resampling.LANCZOS)
    smaller = smaller.filter(ImageFilter.UnsharpMask(1, 60, 1))
    assert gain_of_larger(larger.convert("L"), grey(smaller, 85), quality=85) is Gain.MORE


@pytest.mark.parametrize("factor", [0.625, 1.6])
def test_of_a_soft_picture_nobody_can_say_which_size_came_first(original, factor):
    soft = original.filter(ImageFilter.GaussianBlur(4))
    other = scaled(soft, factor, Image.Resampling.BICUBIC)
    smaller, larger = sorted((soft, other), key=lambda image: image.width)
    assert gain_of_larger(grey(larger, 92), grey(smaller, 92)) is Gain.UNCLEAR
