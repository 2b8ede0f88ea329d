"""Camera raw files stand for themselves by their largest preview."""

import io
from random import Random

import numpy as np
import pytest
from PIL import Image

import fastdup
import raws
from fastdup import images
from fastdup.errors import ImageError, Reason
from fastdup.images import is_decodable
from pictures import scene

#: A mean difference that JPEG makes here.
TOLERANCE = 6.0


def shows_scene(decoded):
    wanted = np.asarray(scene(3, (decoded.width, decoded.height)), float)
    return np.abs(np.asarray(decoded.image, float) - wanted).mean() < TOLERANCE


@pytest.mark.parametrize("kind", raws.KINDS)
def test_the_largest_preview_is_the_picture(kind):
    decoded = images.decode(raws.KINDS[kind](raws.preview()))
    assert (decoded.width, decoded.height) == raws.SIZE
    assert shows_scene(decoded)
    grey = images.decode(raws.KINDS[kind](raws.preview()), min_side=100, grey=True)
    assert (grey.width, grey.height) == raws.SIZE
    assert grey.image.size == (160, 120)


@pytest.mark.parametrize("kind", [k for k in raws.KINDS if k not in raws.TURNED_BY_THEMSELVES])
def test_it_is_turned_as_the_raw_file_says(kind):
    data = raws.KINDS[kind](raws.preview(is_turned=True), 6)
    decoded = images.decode(data)
    assert (decoded.width, decoded.height) == raws.SIZE
    assert shows_scene(decoded)


def test_a_preview_that_says_itself_how_it_is_turned_is_turned_once():
    turned = Image.open(io.BytesIO(raws.preview(is_turned=True)))
    exif, data = Image.Exif(), io.BytesIO()
    exif[0x112] = 6
    turned.save(data, "JPEG", exif=exif, quality=90)
    for kind in raws.KINDS.values():
        assert shows_scene(images.decode(kind(data.getvalue(), 6)))


@pytest.mark.parametrize("kind", raws.KINDS)
def test_a_raw_file_that_is_cut_is_truncated_though_its_preview_is_whole(kind):
    data = raws.KINDS[kind](raws.preview())
    for n_bytes in (1, 2, 8, len(data) // 10, len(data) // 2, len(data) - 200):
        with pytest.raises(ImageError) as failure:
            images.decode(data[:-n_bytes])
        assert failure.value.reason is Reason.TRUNCATED, n_bytes


@pytest.mark.parametrize("kind", raws.KINDS)
def test_a_thumbnail_does_not_stand_for_the_picture(kind):
    with pytest.raises(ImageError, match="preview") as failure:
        images.decode(raws.KINDS[kind](raws.preview((320, 240))))
    assert failure.value.reason is Reason.UNSUPPORTED


@pytest.mark.parametrize("kind", raws.KINDS)
def test_whatever_is_damaged_raises_only_image_errors(kind):
    whole, random = raws.KINDS[kind](raws.preview()), Random(kind)
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(random.randint(1, 30)):
            end = random.choice((200, len(data)))
            data[random.randrange(end)] = random.choice((0, 0xFF, random.randrange(256)))
        if random.random() < 0.3:
            start = random.randrange(len(data))
            data[start : start + random.randrange(2000)] = random.randbytes(random.randrange(99))
        try:
            decoded = images.decode(bytes(data))
        except ImageError as error:
            assert "\n" not in str(error)
        else:
            assert max(decoded.width, decoded.height) >= 500


def test_a_file_made_to_take_time_does_not():
    start = b"\xff\xd8\xff\xe0\0\2"
    for filling in (start * 100_000, (start + b"\xff\xda\0\2") * 50_000, b"\xff" * 500_000):
        with pytest.raises(ImageError):
            images.decode(raws.orf(filling))


def test_what_an_earlier_version_refused_is_decodable_now():
    assert is_decodable("camera raw (DNG, NEF, ARW, …) files cannot be decoded")
    assert is_decodable("CR3 files cannot be decoded")
    assert is_decodable("PSD files cannot be decoded")
    assert not is_decodable("XCF files cannot be decoded")
    assert not is_decodable("a camera raw file is shown by its preview, and this has none")
    assert not is_decodable("TIFF: not supported")
    assert not is_decodable("PSD files of 16 bits cannot be decoded")
    assert is_decodable("HEIC needs an extra package: pip install pillow-heif")
    assert is_decodable("HEIC needs an extra: pip install …")  # as older lists have it
    assert not is_decodable("a video needs an extra package: pip install av")


def test_a_run_compares_a_raw_file_with_its_jpeg(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "IMG_1.CR2").write_bytes(raws.cr2(raws.preview()))
    (folder / "IMG_1.JPG").write_bytes(raws.preview())
    assert fastdup.run(folder, tmp_path / "out") == 0
    text = (tmp_path / "out/similarity.csv").read_text()
    assert "IMG_1.CR2" in text and "1.000000" in text
