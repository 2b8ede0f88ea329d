"""Which pictures are near to the negatives of others, by their features alone."""

import numpy as np
import pytest
from PIL import ImageOps

from fastdup.embed import Embedder
from fastdup.index import Resources
from fastdup.models import load_spec
from fastdup.views import nearest_to_views, view_space
from pictures import textured_scene as scene

N_PHOTOS = 12


def negative(picture):
    return ImageOps.invert(picture)


def grey_negative(picture):
    return ImageOps.invert(ImageOps.grayscale(picture)).convert("RGB")


@pytest.fixture(scope="module")
def embed():
    embedder = Embedder(load_spec())
    return lambda pictures: embedder.embed([embedder.prepare(p) for p in pictures])


@pytest.fixture(scope="module")
def photos(embed):
    return embed([scene(number) for number in range(N_PHOTOS)])


def near_to_negatives(features, rows, others, k, n_threads=1):
    space = view_space()
    pictures = space.project(features, np.arange(len(features)))
    views = space.negatives(pictures[rows])
    return nearest_to_views(views, rows, pictures, others, k, Resources(n_threads=n_threads))


@pytest.mark.parametrize("edit", [negative, grey_negative])
def test_the_picture_nearest_to_a_negative_is_its_original(edit, embed, photos):
    features = np.concatenate([photos, embed([edit(scene(number)) for number in range(5)])])
    rows = np.arange(len(features))
    found = near_to_negatives(features, rows, rows, 3)
    assert found.indices.shape == (len(rows), 3)
    assert found.indices[N_PHOTOS:, 0].tolist() == list(range(5))
    assert found.indices[:5, 0].tolist() == list(range(N_PHOTOS, N_PHOTOS + 5))
    assert (found.similarities[N_PHOTOS:, 0] > found.similarities[N_PHOTOS:, 1] + 0.02).all()
    assert (found.indices != rows[:, None]).all()


def test_one_set_is_compared_with_another_only(embed, photos):
    features = np.concatenate([embed([negative(scene(number)) for number in (3, 1)]), photos])
    rows, others = np.arange(2), np.arange(2, len(features))
    found = near_to_negatives(features, rows, others, 10, n_threads=2)
    assert found.indices[:, 0].tolist() == [2 + 3, 2 + 1]
    assert found.indices.min() >= 2
    nobody = near_to_negatives(features, rows, rows[:0], 10)
    assert nobody.indices.tolist() == [[-1] * 10] * 2
    only_two = near_to_negatives(features, rows, others[:2], 10)
    assert (only_two.indices >= 0).sum(axis=1).tolist() == [2, 2]


def test_the_negative_of_a_negative_is_the_picture(photos):
    space = view_space()
    rows = np.arange(len(photos))
    projected = space.project(photos, rows)
    assert np.array_equal(space.negatives(space.negatives(projected)), projected)
    lengths = np.linalg.norm(projected.astype(float), axis=1)
    assert np.allclose(lengths, 1, atol=1e-3)
    assert np.array_equal(space.project(photos, rows[::2], n_threads=2), projected[::2])


def test_rows_that_the_space_cannot_place_do_no_harm():
    space = view_space()
    projected = space.project(np.repeat(space.mean[None], 3, axis=0), np.arange(3))
    assert np.isfinite(projected).all()
