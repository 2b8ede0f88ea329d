"""Pairs to judge that are no neighbours: pictures and their negatives."""

import numpy as np
import pytest
from PIL import ImageOps

from fastdup.analysis.cross_set import nearest_in_other_set
from fastdup.embed import Embedder
from fastdup.index import Metric, Resources, self_join
from fastdup.index.dedupe import DistinctRows
from fastdup.index.join import SelfJoin
from fastdup.judging.hidden_pairs import HiddenPairs, Insets
from fastdup.models import load_spec
from fastdup.scale import Scale
from fastdup.views import view_space
from pictures import photo, textured_scene

SCALE = Scale(Metric.COSINE)
#: Of these photos, and two negatives: that of the first, and a grey one of the last.
N_PHOTOS, NEGATIVE, GREY_NEGATIVE = 8, 8, 9


def embed(pictures):
    embedder = Embedder(load_spec())
    return embedder.embed([embedder.prepare(picture) for picture in pictures])


@pytest.fixture(scope="module")
def features():
    photos = [textured_scene(seed) for seed in range(N_PHOTOS)]
    grey = ImageOps.grayscale(photos[-1]).convert("RGB")
    return embed([*photos, ImageOps.invert(photos[0]), ImageOps.invert(grey)])


def pairs_of(join, features, one_way=False):
    found = HiddenPairs(join, features, SCALE, Resources(), one_way).negatives()
    first = join.distinct.first
    products = (features[first[found.low]] * features[first[found.high]]).sum(axis=1)
    assert np.allclose(found.cosine, products, atol=0.02)  # not all rows are of length 1
    assert np.array_equal(found.similarity, SCALE.similarities(found.cosine))
    return list(zip(found.low.tolist(), found.high.tolist(), strict=True))


def test_pictures_and_their_negatives_are_looked_at(features):
    found = pairs_of(self_join(features, 5), features)
    assert {(0, NEGATIVE), (N_PHOTOS - 1, GREY_NEGATIVE)} <= set(found)


def test_photos_alone_are_not_looked_at():
    photos = embed([photo(seed) for seed in range(N_PHOTOS)])
    assert pairs_of(self_join(photos, 5), photos) == []
    assert pairs_of(self_join(photos[:1], 1), photos[:1]) == []


def test_many_copies_of_a_picture_do_not_hide_its_negative(features):
    rng = np.random.default_rng(0)
    copies = features[:1] + rng.normal(0, 0.004, (20, features.shape[1])).astype(np.float32)
    rows = np.concatenate([features, copies])
    found = {high for low, high in pairs_of(self_join(rows, 5), rows) if low == NEGATIVE}
    found |= {low for low, high in pairs_of(self_join(rows, 5), rows) if high == NEGATIVE}
    assert found & {0, *range(len(features), len(rows))}


def test_pairs_are_numbered_by_different_rows(features):
    rows = np.concatenate([features[[0, 0, 0]], features])
    join = self_join(rows, 5)
    kinds = join.distinct.inverse[[3, 3 + NEGATIVE]].tolist()
    assert tuple(kinds) in pairs_of(join, rows)


def test_of_two_sets_the_queries_come_first(features):
    is_query = np.arange(len(features)) >= NEGATIVE
    near = nearest_in_other_set(features, is_query, 5)
    different = DistinctRows.all_different(len(features))
    join = SelfJoin(Metric.COSINE, "", different, near)
    expected = [(NEGATIVE, 0), (GREY_NEGATIVE, N_PHOTOS - 1)]
    assert pairs_of(join, features, one_way=True) == expected


def insets_of(features, owners, shown):
    """Return insets of some rows that show just what other rows show."""
    rows = view_space().project(features, np.array(shown, np.int64))
    return Insets(np.array(owners, np.int64), rows)


def inset_pairs_of(join, features, insets, one_way=False):
    found = HiddenPairs(join, features, SCALE, Resources(), one_way).of_insets(insets)
    return list(zip(found.low.tolist(), found.high.tolist(), strict=True))


def test_a_picture_is_looked_at_with_what_it_shows(features):
    join = self_join(features, 5)
    assert inset_pairs_of(join, features, insets_of(features, [5, 5, 6], [2, 5, 7])) == [
        (2, 5),
        (6, 7),
    ]
    assert inset_pairs_of(join, features, insets_of(features, [], [])) == []


def test_of_two_sets_either_may_show_the_other(features):
    is_query = np.arange(len(features)) >= NEGATIVE
    near = nearest_in_other_set(features, is_query, 5)
    different = DistinctRows.all_different(len(features))
    join = SelfJoin(Metric.COSINE, "", different, near)
    insets = insets_of(features, [1, 2, GREY_NEGATIVE], [NEGATIVE, 3, 4])
    found = inset_pairs_of(join, features, insets, one_way=True)
    assert found == [(NEGATIVE, 1), (GREY_NEGATIVE, 4)]
