"""A first look settles most pairs: others are refused before all of them is decoded."""

import numpy as np
import pytest
from PIL import Image, ImageOps

from fastdup.verify import FIRST_SIDE, Picture, Verdict, judge
from fastdup.verify.keypoints import CLOSE, FIRST, QUICK
from fastdup.verify.orientation import whole_frame
from pictures import jpeg, opened_jpeg, textured_scene

SIZE = (500, 375)
COPIES = (Verdict.SAME_PICTURE, Verdict.EDITED, Verdict.PART_OF, Verdict.ALTERED)


class Counted:
    """A picture that counts how often all of it was asked for."""

    def __init__(self, image):
        self.n_loads = 0
        self._image = image
        small = image.convert("L")
        if min(small.size) >= 2 * FIRST_SIDE:
            small = small.reduce(2)
        self.picture = Picture(self._load, image.size, small)

    def _load(self):
        self.n_loads += 1
        return self._image


@pytest.mark.parametrize("seed", range(6))
def test_other_scenes_are_refused_without_loading_them(seed):
    one, other = (Counted(textured_scene(number, SIZE)) for number in (seed, seed + 20))
    assert judge(one.picture, other.picture).verdict == Verdict.LOOK_ALIKE
    assert (one.n_loads, other.n_loads) == (0, 0)


EDITS = {
    "saved": lambda p: opened_jpeg(jpeg(p, 50)),
    "half": lambda p: p.resize((250, 188)),
    "mirrored": ImageOps.mirror,
    "negative": ImageOps.invert,
    "turned by a quarter": lambda p: p.transpose(Image.Transpose.ROTATE_90),
    "half of it": lambda p: p.crop((70, 50, 430, 320)),
    "a third of it": lambda p: p.crop((150, 100, 440, 320)),
    "enlarged crop": lambda p: p.crop((100, 80, 400, 305)).resize((500, 375)),
    "tilted": lambda p: p.rotate(30, Image.Resampling.BICUBIC, expand=True),
}


@pytest.mark.parametrize("seed", [3, 4])
@pytest.mark.parametrize("name", EDITS)
def test_copies_are_found_and_loaded_once(name, seed):
    scene = textured_scene(seed, SIZE)
    one, other = Counted(scene), Counted(EDITS[name](scene))
    assert judge(one.picture, other.picture).verdict in COPIES
    assert (one.n_loads, other.n_loads) == (1, 1)


@pytest.mark.parametrize("seed", range(1, 5))
def test_pictures_without_points_are_compared_as_a_whole(seed):
    plain = textured_scene(seed, SIZE).resize((8, 6)).resize(SIZE, Image.Resampling.BICUBIC)
    one, other = Counted(plain), Counted(opened_jpeg(jpeg(plain, 80)))
    assert judge(one.picture, other.picture).verdict in COPIES


def test_the_first_look_needs_no_more_than_the_small_picture():
    counted = Counted(textured_scene(2, SIZE))
    assert counted.picture.features(FIRST).size == (250, 188)
    assert counted.picture.glance.shape == (32, 32)
    assert not counted.picture.is_page
    assert counted.n_loads == 0
    for detail in (QUICK, CLOSE):
        assert max(counted.picture.features(detail).size) == detail.side
    assert counted.n_loads == 1


@pytest.mark.parametrize("seed", range(3))
def test_frames_that_are_alike_only_squashed_are_refused_without_loading_them(seed):
    """Both have the same light and dark places, and other detail."""
    places = np.asarray(textured_scene(seed, (5, 4)).resize(SIZE, Image.Resampling.BICUBIC))
    rng = np.random.default_rng(seed)
    details = (rng.normal(0, 30, (75, 100)).repeat(5, 0).repeat(5, 1) for _ in range(2))
    one, other = (
        Counted(Image.fromarray((places + detail[..., None]).clip(0, 255).astype(np.uint8)))
        for detail in details
    )
    whole = whole_frame(one.picture.glance, other.picture.glance)
    assert whole.transform is not None
    assert judge(one.picture, other.picture).verdict == Verdict.LOOK_ALIKE
    assert (one.n_loads, other.n_loads) == (0, 0)
