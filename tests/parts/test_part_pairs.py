"""Pictures that show a part of each other are paired, whatever part, and others are not."""

import numpy as np
import pytest
from PIL import Image, ImageOps

from fastdup.parts import part_pairs
from fastdup.parts.part_pairs import Points, find_part_pairs
from fastdup.parts.part_points import POINT, describe_points
from pictures import photo, reopened

N_PHOTOS = 8


def grid(seeds):
    page = Image.new("RGB", (640, 480), "white")
    for number, seed in enumerate(seeds):
        page.paste(photo(seed).resize((316, 236)), (number % 2 * 324, number // 2 * 244))
    return page


def page_with(picture):
    page = Image.new("RGB", (900, 700), "white")
    page.paste(picture.resize((300, 225)), (520, 130))
    return page


#: Name → the picture, and the photo of which it is or shows a part.
COPIES = {
    "grid": (grid([0, 20, 21, 22]), 0),
    "page": (page_with(photo(1)), 1),
    "detail": (photo(2).crop((200, 120, 480, 330)).resize((560, 420)), 2),
    "mirrored": (page_with(ImageOps.mirror(photo(3))), 3),
    "turned": (page_with(photo(4).rotate(35, expand=True)), 4),
}


@pytest.fixture(scope="module")
def described():
    pictures = [photo(seed) for seed in range(N_PHOTOS)]
    pictures += [reopened(picture, 85) for picture, _ in COPIES.values()]
    return [describe_points(picture.convert("L")) for picture in pictures]


def pairs_of(described, may_pair=None, n_threads=1):
    def load(start, stop):
        some = described[start:stop]
        points = np.concatenate([np.empty(0, POINT), *some])
        return Points(points, np.array([len(each) for each in some], np.int64))

    def all_may(ones, others):
        return np.ones(len(ones), bool)

    found = find_part_pairs(load, len(described), may_pair or all_may, n_threads)
    return list(map(tuple, found.tolist()))


EXPECTED = sorted((photo, N_PHOTOS + n) for n, (_, photo) in enumerate(COPIES.values()))


@pytest.fixture(scope="module")
def found(described):
    return pairs_of(described)


def test_all_parts_are_found_and_hardly_anything_else(described, found):
    assert set(EXPECTED) <= set(found)
    n_pairs = len(described) * (len(described) - 1) // 2
    assert len(set(found) - set(EXPECTED)) < 0.1 * n_pairs  # judging refuses these
    assert found == sorted(set(found))
    assert all(low < high for low, high in found)


def test_pictures_that_may_not_be_compared_are_not(described, found):
    def may_pair(ones, others):
        return (ones != 1) & (others != 1)

    assert pairs_of(described, may_pair) == [pair for pair in found if 1 not in pair]


def test_any_number_of_threads_finds_the_same(described, found):
    assert pairs_of(described, n_threads=3) == found


def test_parts_are_found_in_pictures_of_other_blocks(described, monkeypatch):
    monkeypatch.setattr(part_pairs, "FINE_BLOCK", 3)
    monkeypatch.setattr(part_pairs, "COARSE_BLOCK", 4)
    assert set(EXPECTED) <= set(pairs_of(described))


@pytest.mark.parametrize("n_matches", [1, 7, 100])
def test_however_many_matches_are_placed_at_a_time_the_same_is_found(
    n_matches, described, found, monkeypatch
):
    monkeypatch.setattr(part_pairs, "MATCHES_AT_A_TIME", n_matches)
    assert pairs_of(described) == found


def test_the_order_of_the_pictures_changes_nothing_but_their_numbers(described, found):
    order = np.random.default_rng(0).permutation(len(described))
    turned = pairs_of([described[place] for place in order])
    assert sorted(tuple(sorted(order[list(pair)].tolist())) for pair in turned) == found


def test_of_many_copies_of_one_part_the_best_partners_are_kept(described):
    twelve = [describe_points(page_with(photo(1)).convert("L"))] * 12
    found = pairs_of([described[1], *twelve])
    # The pages are copies of each other, and have nearer partners.
    assert 10 <= sum(pair[0] == 0 for pair in found) <= 12


def test_where_many_pairs_have_few_points_only_those_of_more_are_kept(
    described, found, monkeypatch
):
    monkeypatch.setattr(part_pairs, "DOUBTFUL_PAIRS", 0)
    monkeypatch.setattr(part_pairs, "DOUBTFUL_PER_PICTURE", 0)
    fewer = set(pairs_of(described))
    assert fewer < set(found)
    assert {(0, 8), (1, 9), (2, 10), (3, 11)} <= fewer  # the turned one has five points


@pytest.mark.parametrize("n_pictures", [0, 1, 2])
def test_few_pictures_or_none_have_no_pairs(n_pictures, described):
    assert pairs_of(described[:n_pictures]) == []


def test_pictures_without_points_have_no_pairs():
    assert pairs_of([np.empty(0, POINT)] * 3) == []
