"""What saving with little quality leaves of a picture is that picture, and no other shot of it."""

import pytest

from fastdup.verify import Picture, Verdict, judge
from fastdup.verify.coding_blocks import are_coded_differently
from pictures import photo, reopened, textured_scene

SIZE = (480, 360)


def saved_twice(picture, quality=6):
    """Return the picture saved with hardly any quality, cut so that blocks shift, and so again."""
    for _ in range(2):
        picture = reopened(picture.crop((3, 3, *picture.size)), quality)
    return reopened(picture)


@pytest.mark.parametrize("seed", [3, 8])
def test_a_picture_saved_twice_with_hardly_any_quality_is_a_copy(seed):
    picture = photo(seed, SIZE)
    copy = saved_twice(picture)
    for pair in ((picture, copy), (copy, picture)):
        assert judge(*(Picture(one, one.size) for one in pair)).verdict == Verdict.EDITED


def test_another_picture_saved_so_only_looks_alike():
    pair = photo(3, SIZE), saved_twice(photo(4, SIZE))
    assert judge(*(Picture(one, one.size) for one in pair)).verdict == Verdict.LOOK_ALIKE


def test_blocks_show_in_what_was_saved_with_little_quality_alone():
    picture = textured_scene(5, SIZE).convert("L")
    coarse = saved_twice(textured_scene(5, SIZE)).convert("L")
    assert are_coded_differently(picture, coarse)
    assert are_coded_differently(coarse, picture)
    assert not are_coded_differently(picture, picture)
    assert not are_coded_differently(coarse, coarse)


def test_pictures_smaller_than_a_block_have_none():
    picture = textured_scene(5, SIZE).convert("L").resize((6, 6))
    assert not are_coded_differently(picture, picture)
