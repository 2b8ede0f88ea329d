"""Which pictures are looked at for parts: those that seem to show others."""

import numpy as np
import pytest

from composites import grid_of, page_with, phone_screen
from fastdup.embed import Embedder
from fastdup.models import load_spec
from fastdup.views import may_show_others
from pictures import textured_scene

N_PICTURES = 8


@pytest.fixture(scope="module")
def features():
    """Of photos, then of grids, pages and screens that show them."""
    photos = [textured_scene(number) for number in range(N_PICTURES)]
    grids = [grid_of(map(textured_scene, range(n, n + 4))) for n in range(N_PICTURES)]
    others = [make(picture) for make in (page_with, phone_screen) for picture in photos]
    embedder = Embedder(load_spec())
    return embedder.embed([embedder.prepare(p) for p in [*photos, *grids, *others]])


def test_grids_pages_and_screens_may_show_others_and_most_photos_do_not(features):
    is_likely = may_show_others(features, np.arange(len(features)))
    photos, grids, pages, screens = is_likely.reshape(4, N_PICTURES).mean(axis=1)
    assert photos <= 0.25
    assert min(grids, pages, screens) >= 0.75


def test_any_choice_of_rows_and_number_of_threads_gives_the_same(features):
    every = may_show_others(features, np.arange(len(features)))
    some = np.arange(1, len(features), 3)
    assert np.array_equal(may_show_others(features, some, n_threads=3), every[some])
    assert may_show_others(features, some[:0]).shape == (0,)
