"""Pictures that seem the same are read again, and their values count, too."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from fastdup.judging.open_pictures import PictureFile
from fastdup.judging.pair_judge import JudgeTask, PairJudge
from fastdup.sources import UriReader
from fastdup.verify import Verdict
from pictures import photo


def finding_of(folder, first, second, ending="png", **options):
    files = []
    for name, picture, how in (("first", first, {}), ("second", second, options)):
        path = str(folder / f"{name}.{ending}")
        picture.save(path, **how)
        files.append(PictureFile(path, UriReader().stamp(path)))
    return PairJudge(UriReader(), 10**7)(JudgeTask(0, (tuple(files),))).findings[0]


def table(total):
    page = Image.new("RGB", (1280, 900), "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(size=16)
    for row in range(36):
        for column in range(12):
            number = total if (row, column) == (20, 7) else (row * 613 + column * 271) % 900 + 100
            draw.text((20 + 105 * column, 10 + 24 * row), str(number), "black", font)
    return page


def labels(*values, dtype=np.uint16, size=(240, 320)):
    grid = np.zeros(size, dtype)
    for number, value in enumerate(values):
        grid[20 + 60 * number : 70 + 60 * number, 40 + 50 * number : 200 + 30 * number] = value
    return Image.fromarray(grid)


@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_tables_with_another_number_are_not_the_same(tmp_path, ending):
    assert finding_of(tmp_path, table(417), table(471), ending).verdict is Verdict.ALTERED


def test_a_page_that_was_saved_again_is_the_same(tmp_path):
    table(417).save(tmp_path / "again.jpg", quality=50)
    again = Image.open(tmp_path / "again.jpg")
    assert finding_of(tmp_path, table(417), again).verdict is Verdict.SAME_PICTURE


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32])
def test_the_same_shape_of_another_label_is_not_the_same(tmp_path, dtype):
    ending = "tif" if dtype is np.int32 else "png"
    first, second = (labels(value, dtype=dtype) for value in (1, 2))
    found = finding_of(tmp_path, first, second, ending)
    assert (found.verdict, found.kinds) == (Verdict.EDITED, ("toned",))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_one_label_all_over_is_not_the_same_as_another(tmp_path, dtype):
    first, second = (Image.fromarray(np.full((90, 120), value, dtype)) for value in (3, 7))
    assert finding_of(tmp_path, first, second).verdict is not Verdict.SAME_PICTURE


def test_labels_that_were_saved_again_have_the_same_pixels(tmp_path):
    found = finding_of(tmp_path, labels(1, 5, 9), labels(1, 5, 9), compress_level=0)
    assert found.verdict is Verdict.SAME_PIXELS


def test_values_that_were_resized_are_the_same(tmp_path):
    rows, columns = np.mgrid[:480, :640]
    depths = 800 + rows + columns + 200 * ((rows // 60 + columns // 70) % 3)
    picture = Image.fromarray(depths.astype(np.int32))
    smaller = picture.resize((480, 360), Image.Resampling.BILINEAR)
    assert finding_of(tmp_path, picture, smaller, "tif").verdict is Verdict.SAME_PICTURE


def test_jpegs_have_the_same_pixels_only_if_they_hold_the_same_numbers(tmp_path):
    picture = photo(2, (1200, 900))
    again = finding_of(tmp_path, picture, picture, "jpg", quality=74)
    assert again.verdict is Verdict.SAME_PICTURE
    otherwise = finding_of(tmp_path, picture, picture, "jpg", progressive=True)
    assert otherwise.verdict is Verdict.SAME_PIXELS
