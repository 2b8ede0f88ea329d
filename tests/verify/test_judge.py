"""The verdict on a pair, by value: copies, edits, parts, altered pictures, and look-alikes."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

from fastdup.verify import COMPARE_SIDE, Picture, Verdict, judge
from fastdup.verify.keypoints import QUICK
from pictures import jpeg, opened_jpeg, textured_scene
from warped import pixels_off, seen_from_the_side

SIZE = (480, 360)


def script(name):
    """Return a script of the benchmarks as a module."""
    path = Path(__file__).parents[2] / "benchmarks" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


LOOK_ALIKES = script("look_alikes")


def judged(first, second):
    return judge(Picture(first, first.size), Picture(second, second.size))


def captioned(picture):
    picture = picture.copy()
    font = ImageFont.load_default(size=36)
    ImageDraw.Draw(picture).text((90, 280), "Hello from here", "white", font)
    return picture


def patched(picture):
    picture = picture.copy()
    picture.paste(textured_scene(99, SIZE).crop((200, 120, 280, 190)), (230, 150))
    return picture


def on_a_page(picture):
    page = Image.new("RGB", (700, 900), "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(size=14)
    for line in range(45):
        draw.text((30, 10 + 20 * line), f"{line * 7919} words of a page {line * 31}", "black", font)
    page.paste(picture.resize((240, 180)), (400, 300))
    return page


def tilted(degrees):
    return lambda p: p.rotate(degrees, Image.Resampling.BICUBIC, expand=True)


SAME, EDITED, PART = Verdict.SAME_PICTURE, Verdict.EDITED, Verdict.PART_OF
#: Name → the edit, the verdict, and all kinds that are said.
EDITS = {
    "nothing": (lambda p: p, SAME, set()),
    "jpeg q50": (lambda p: opened_jpeg(jpeg(p, 50)), SAME, set()),
    "half": (lambda p: p.resize((240, 180)), SAME, {"resized"}),
    "double": (lambda p: p.resize((960, 720)), SAME, {"resized"}),  # seen at a smaller size
    "stretched": (lambda p: p.resize((480, 300)), EDITED, {"stretched"}),
    "slightly blurred": (lambda p: p.filter(ImageFilter.GaussianBlur(0.5)), SAME, set()),
    "blurred": (lambda p: p.filter(ImageFilter.GaussianBlur(2)), EDITED, {"blurred"}),
    "cropped": (lambda p: p.crop((60, 40, 440, 320)), EDITED, {"cropped"}),
    "framed": (lambda p: ImageOps.expand(p, 40, "white"), EDITED, {"framed"}),
    "mirrored": (ImageOps.mirror, EDITED, {"mirrored"}),
    "flipped": (ImageOps.flip, EDITED, {"mirrored", "turned"}),
    "turned by a quarter": (tilted(90), EDITED, {"turned"}),
    "on its head": (tilted(180), EDITED, {"turned"}),
    "tilted by 10 degrees": (tilted(10), EDITED, {"turned"}),
    "tilted by 50 degrees": (tilted(50), EDITED, {"turned"}),
    "negative": (ImageOps.invert, EDITED, {"inverted"}),
    "darker": (lambda p: ImageEnhance.Brightness(p).enhance(0.6), EDITED, {"toned", "darker"}),
    "grey": (lambda p: ImageOps.grayscale(p).convert("RGB"), EDITED, {"toned", "grey"}),
    "captioned": (captioned, EDITED, {"overlaid", "captioned"}),
    "a fifth of it": (lambda p: p.crop((200, 100, 410, 260)), PART, {"cropped"}),
    "on a page": (on_a_page, PART, {"framed", "in a larger picture", "resized"}),
    "patched": (patched, Verdict.ALTERED, {"overlaid"}),
}


@pytest.mark.parametrize("seed", [11, 12, 13])
@pytest.mark.parametrize("name", EDITS)
def test_the_verdict_on(name, seed):
    scene, (edit, verdict, kinds) = textured_scene(seed, SIZE), EDITS[name]
    copy = edit(scene)
    found = judged(scene, copy)
    assert (found.verdict, set(found.kinds)) == (verdict, kinds)
    assert (found.regions != ()) == ("overlaid" in kinds)
    assert judged(copy, scene).verdict == verdict


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_a_copy_that_was_enlarged_is_called_so_where_its_detail_can_be_seen(seed):
    scene = textured_scene(seed, (300, 225))
    assert set(judged(scene, scene.resize((600, 450))).kinds) == {"resized", "enlarged"}
    assert set(judged(scene.resize((150, 112)), scene).kinds) == {"resized"}


def test_the_placement_says_what_is_shown_how_large_and_how_far_turned():
    scene = textured_scene(1, SIZE)
    part = scene.crop((120, 90, 360, 270))  # the middle half of each side
    place = judged(scene, part.resize((480, 360))).placement
    assert place.of_first == pytest.approx(0.25, abs=0.02)
    assert place.of_second == pytest.approx(1, abs=0.02)
    assert place.scale == pytest.approx(2, rel=0.01)
    assert place.angle == pytest.approx(0, abs=0.2)
    assert place.n_inliers >= 12
    corners = place.to_first @ np.array([[0.0, 1], [0, 1], [1, 1]])
    assert corners[:2].ravel() == pytest.approx([0.25, 0.75, 0.25, 0.75], abs=0.005)
    place = judged(scene, tilted(-30)(ImageOps.mirror(scene))).placement
    assert place.is_mirrored
    assert abs(place.angle) == pytest.approx(30, abs=0.3)


@pytest.mark.parametrize("seed", range(20, 30))
def test_other_scenes_are_look_alikes_without_kinds(seed):
    found = judged(textured_scene(seed, SIZE), textured_scene(seed + 1, SIZE))
    assert found.verdict == Verdict.LOOK_ALIKE
    assert found.kinds == ()


COPIES = (Verdict.SAME_PICTURE, Verdict.EDITED, Verdict.PART_OF)
CORNERS = {
    "from the left": ((0.05, 0.05), (0.9, 0.2), (0.9, 0.8), (0.05, 0.95)),
    "from above": ((0.05, 0.1), (0.95, 0.05), (0.8, 0.9), (0.15, 0.95)),
}


@pytest.mark.parametrize("seed", [11, 12, 13])
@pytest.mark.parametrize("side", CORNERS)
def test_a_picture_seen_from_the_side_is_a_copy(side, seed):
    scene = textured_scene(seed, SIZE)
    seen, true = seen_from_the_side(scene, CORNERS[side], "white")
    found = judged(scene, seen)
    assert found.verdict == Verdict.EDITED
    assert found.agreement.same > 0.95
    place = found.placement
    assert place.of_first == pytest.approx(1, abs=0.02)
    assert place.of_second == pytest.approx(area(CORNERS[side]), abs=0.02)
    assert pixels_off(place.to_first, true, scene.size) < 2
    assert judged(seen, scene).verdict == Verdict.EDITED


def area(corners):
    """Return the area of a quadrilateral."""
    x, y = np.array(corners).T
    return abs((x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2)


def printed(picture):
    """Return a print of the picture, photographed: soft, with noise and uneven light."""
    seen, _ = seen_from_the_side(picture, CORNERS["from the left"], "white")
    values = np.asarray(seen.filter(ImageFilter.GaussianBlur(1.4)), np.float32)
    light = np.linspace(1.0, 0.8, picture.width)[None, :, None]
    values = values * light + np.random.default_rng(5).normal(0, 8, values.shape)
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def photocopied(picture):
    """Return a photocopy: grey, hard, with grain."""
    grey = np.asarray(ImageOps.autocontrast(ImageOps.grayscale(picture), cutoff=5), np.float32)
    grain = np.random.default_rng(6).normal(0, 20, grey.shape)
    values = ((grey - 60) * 1.8 + grain).clip(0, 255).astype(np.uint8)
    return Image.fromarray(values).filter(ImageFilter.GaussianBlur(0.7)).convert("RGB")


def smeared(picture):
    """Return the picture as a moving camera sees it."""
    values = np.stack([np.roll(np.asarray(picture), step, axis=1) for step in range(-5, 6)])
    return Image.fromarray(values.mean(0).astype(np.uint8))


@pytest.mark.parametrize("seed", [11, 12, 13])
@pytest.mark.parametrize("edit", [printed, photocopied, smeared])
def test_prints_photocopies_and_blurred_copies_are_copies(edit, seed):
    scene = textured_scene(seed, SIZE)
    assert judged(scene, edit(scene)).verdict in COPIES


@pytest.mark.parametrize("kind", LOOK_ALIKES.LOOK_ALIKES)
def test_drawn_look_alikes_are_no_copies(kind):
    pictures = [Picture(p, p.size) for p in LOOK_ALIKES.draw_kind(kind, 5, "tests")]
    pairs = [(a, b) for n, a in enumerate(pictures) for b in pictures[n + 1 : n + 3]]
    verdicts = [judge(a, b).verdict for a, b in pairs]
    assert not set(verdicts) & set(COPIES)
    if kind in LOOK_ALIKES.ALTERED:
        assert set(verdicts) == {Verdict.ALTERED}


@pytest.mark.parametrize(
    "size",
    [
        (1, 1),
        (2, 300),
        (300, 2),
        (8, 8),
        (23, 31),
    ],
    ids=lambda size: f"{size[0]}x{size[1]}",
)
def test_tiny_pictures_are_judged_without_an_error(size):
    scene, tiny = textured_scene(1, SIZE), textured_scene(1, SIZE).resize(size)
    for pair in ((tiny, tiny), (scene, tiny), (tiny, scene)):
        assert judged(*pair).verdict in Verdict


def test_large_pictures_are_compared_small_and_keep_their_size():
    large = textured_scene(1, SIZE).resize((1920, 1440))
    picture = Picture(large, large.size)
    assert max(picture.image.size) == COMPARE_SIDE
    assert picture.size == (1920, 1440)
    assert large.size == (1920, 1440)
    assert picture.features(QUICK) is picture.features(QUICK)


def test_pages_are_known_as_pages():
    page = on_a_page(textured_scene(1, SIZE))
    assert Picture(page, page.size).is_page
    scene = textured_scene(1, SIZE)
    assert not Picture(scene, scene.size).is_page
    plain = Image.new("RGB", SIZE, "white")
    assert not Picture(plain, plain.size).is_page


@pytest.mark.parametrize("degrees", [-90, -20, 20, 90])
@pytest.mark.parametrize("is_mirrored", [False, True])
def test_the_angle_is_that_by_which_the_second_was_turned_clockwise(degrees, is_mirrored):
    scene = textured_scene(1, SIZE)
    copy = ImageOps.mirror(scene) if is_mirrored else scene
    turned = copy.rotate(-degrees, Image.Resampling.BICUBIC, expand=True)  # Pillow's: the other way
    place = judged(scene, turned).placement
    assert place.is_mirrored == is_mirrored
    assert place.angle == pytest.approx(degrees, abs=0.3)


@pytest.mark.parametrize("size", [(576, 360), (480, 450), (240, 150)])
def test_a_stretched_copy_is_edited_and_one_whose_sides_were_rounded_is_not(size):
    picture = textured_scene(4, SIZE)
    found = judged(picture, picture.resize(size, Image.Resampling.BICUBIC))
    assert found.verdict is Verdict.EDITED
    assert "stretched" in found.kinds
    rounded = judged(picture, picture.resize((101, 77), Image.Resampling.BICUBIC))
    assert rounded.verdict is Verdict.SAME_PICTURE
    assert "stretched" not in rounded.kinds


def nearly_symmetric(seed, size):
    """Return a picture whose halves are each other's mirror images but for a few shapes."""
    picture = textured_scene(seed, size)
    half = picture.crop((0, 0, size[0] // 2, size[1]))
    picture.paste(ImageOps.mirror(half), (size[0] - half.width, 0))
    draw, rng = ImageDraw.Draw(picture), np.random.default_rng(seed)
    for _ in range(4):
        x, y = rng.integers(10, size[0] // 2 - 60), rng.integers(10, size[1] - 70)
        draw.ellipse((x, y, x + 50, y + 60), fill=tuple(rng.integers(0, 256, 3).tolist()))
    return picture


@pytest.mark.parametrize("seed", range(30, 36))
@pytest.mark.parametrize("size", [(240, 180), (480, 360), (640, 480)])
def test_the_mirror_image_of_a_nearly_symmetric_picture_is_known_as_one(size, seed):
    picture = nearly_symmetric(seed, size)
    found = judged(picture, opened_jpeg(jpeg(ImageOps.mirror(picture))))
    assert (found.verdict, set(found.kinds)) == (EDITED, {"mirrored"})
