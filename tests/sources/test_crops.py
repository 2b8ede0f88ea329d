"""Parts of images: their names, and where they are."""

import os

import pytest

from fastdup.sources import UNREACHABLE, UriReader
from fastdup.sources.crops import Box, RotatedBox, crop_name, parse_crop
from pictures import jpeg, scene


@pytest.mark.parametrize(
    ("box", "name"),
    [
        (Box(10, 20, 100, 50), "a.jpg#xywh=10,20,100,50"),
        (Box(10.5, 0.0, 100.25, 50), "a.jpg#xywh=10.5,0,100.25,50"),
        (Box(-3, 0, 7, 7), "a.jpg#xywh=-3,0,7,7"),
        (Box(25, 25, 50, 33.333333, True), "a.jpg#xywh=percent:25,25,50,33.333333"),
        (RotatedBox((5, 0, 9.5, 4, 5, 8, -1, 4)), "a.jpg#corners=5,0,9.5,4,5,8,-1,4"),
    ],
)
def test_a_part_is_called_by_its_box(box, name):
    assert crop_name("a.jpg", box) == name
    assert parse_crop(name) == ("a.jpg", box)


@pytest.mark.parametrize(
    "name",
    [
        "a.jpg",
        "a.jpg#xywh=1,2,3",
        "a.jpg#xywh=1,2,3,x",
        "#xywh=1,2,3,4",
        "a#xywh=1,2,3,4.b",
        "a.jpg#corners=1,2,3,4",
        "#corners=1,2,3,4,5,6,7,8",
    ],
)
def test_what_is_no_part(name):
    assert parse_crop(name) is None


@pytest.mark.parametrize(
    ("box", "corners"),
    [
        (Box(10, 20, 100, 50), (10, 20, 110, 70)),
        (Box(-5, -5, 10, 10), (0, 0, 5, 5)),
        (Box(150, 100, 100, 100), (150, 100, 200, 150)),
        (Box(50, 50, 25, 20, True), (100, 75, 150, 105)),
        (Box(0, 0, 100, 100, True), (0, 0, 200, 150)),
        (Box(0.4, 0.6, 10, 10), (0, 1, 10, 11)),
    ],
)
def test_corners_are_whole_pixels_inside_the_picture(box, corners):
    assert box.corners(200, 150) == corners


@pytest.mark.parametrize("box", [Box(300, 0, 10, 10), Box(5, 5, 0, 10), Box(5, 5, 10, -3)])
def test_what_is_outside_or_empty_has_no_corners(box):
    left, top, right, bottom = box.corners(200, 150)
    assert right <= left or bottom <= top


@pytest.mark.parametrize("part", ["#xywh=1,2,30,40", "#corners=9,0,19,9,9,19,0,9"])
def test_a_part_is_read_as_its_whole_image(part, tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg(scene(1)))
    reader, name = UriReader(), f"{path}{part}"
    assert reader.read(name) == path.read_bytes()
    assert reader.stamp(name) == reader.stamp(str(path))
    assert reader.is_file(name)
    assert reader.stamp(f"{tmp_path}/none.jpg#xywh=1,2,30,40") == UNREACHABLE


def test_a_file_with_such_a_name_is_whole(tmp_path, opened):
    path = tmp_path / "a.jpg#xywh=1,2,3,4"
    path.write_bytes(jpeg(scene(1)))
    source = opened(str(tmp_path))
    assert list(map(os.path.basename, source.uris())) == [path.name]
    assert source.crop(str(path)) is None
    assert source.read(str(path)) == path.read_bytes()
