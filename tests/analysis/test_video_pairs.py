import numpy as np
import pytest

from fastdup.analysis import video_pairs
from fastdup.analysis.video_pairs import nearest_outside_video


def pair_videos(indices, similarities, videos, threshold, times_s=None, is_blank=None):
    """As the function itself; without times, frames are one second apart."""
    n_rows = len(videos)
    if times_s is None:
        times_s = np.arange(n_rows, dtype=float)
    if is_blank is None:
        is_blank = np.zeros(n_rows, bool)
    return video_pairs.pair_videos(indices, similarities, videos, threshold, times_s, is_blank)


INDICES = np.array([[1, 2, 3], [0, 3, 2], [3, 0, 1], [2, 1, 0]])
SIMILARITIES = np.array([[0.99, 0.9, 0.2], [0.99, 0.8, 0.7], [0.95, 0.9, 0.7], [0.95, 0.8, 0.2]])


def test_neighbours_of_the_same_video_are_left_out():
    videos = np.array([0, 0, 1, -1])
    found, is_short = nearest_outside_video(INDICES, SIMILARITIES, videos, 2)
    assert found.indices.tolist() == [[2, 3], [3, 2], [3, 0], [2, 1]]
    assert found.similarities.tolist() == [[0.9, 0.2], [0.8, 0.7], [0.95, 0.9], [0.95, 0.8]]
    assert not is_short.any()


def test_images_that_are_no_frames_keep_each_other():
    found, _ = nearest_outside_video(INDICES, SIMILARITIES, np.full(4, -1), 3)
    assert np.array_equal(found.indices, INDICES)
    assert np.array_equal(found.similarities, SIMILARITIES)


def test_a_row_whose_places_were_taken_by_its_own_video_is_short():
    found, is_short = nearest_outside_video(
        INDICES[:, :1], SIMILARITIES[:, :1], np.array([0, 0, 1, 2]), 1
    )
    assert found.indices.tolist() == [[-1], [-1], [3], [2]]
    assert found.similarities.tolist() == [[0.0], [0.0], [0.95], [0.95]]
    assert is_short.tolist() == [True, True, False, False]


def test_a_row_that_knows_all_others_is_not_short():
    indices = np.array([[1, -1], [0, -1]])
    _, is_short = nearest_outside_video(
        indices, np.array([[0.9, 0.0], [0.9, 0.0]]), np.array([0, 0]), 1
    )
    assert not is_short.any()


def test_videos_pair_by_the_share_of_their_frames_that_match():
    videos = np.array([0, 0, 1, 1, 1, 1, 2, -1])
    indices = np.array([[2], [3], [0], [1], [6], [7], [4], [5]])
    similarities = np.array([[0.9], [0.95], [0.9], [0.95], [0.99], [1.0], [0.99], [1.0]])
    found = pair_videos(indices, similarities, videos, 0.9)
    assert found.sources.tolist() == [1, 0]
    assert found.targets.tolist() == [2, 1]
    assert found.similarities.tolist() == [0.99, 0.925]
    assert found.source_shares.tolist() == [0.25, 1.0]
    assert found.target_shares.tolist() == [1.0, 0.5]


def test_a_match_counts_for_both_whichever_row_lists_it():
    videos = np.array([0, 0, 1, 1])
    indices = np.array([[-1], [-1], [0], [0]])
    found = pair_videos(indices, np.array([[0.0], [0.0], [0.9], [0.8]]), videos, 0.5)
    assert found.source_shares.tolist() == [0.5]
    assert found.target_shares.tolist() == [1.0]
    assert found.similarities.tolist() == [round((0.9 + 0.9 + 0.8) / 3, 6)]


def test_half_of_the_frames_of_one_video_are_enough():
    videos = np.array([0] * 2 + [1] * 3)
    indices = np.array([[2], [-1], [0], [-1], [-1]])
    found = pair_videos(indices, np.array([[0.9], [0.0], [0.9], [0.0], [0.0]]), videos, 0.5)
    assert (found.source_shares.tolist(), found.target_shares.tolist()) == ([0.5], [1 / 3])


@pytest.mark.parametrize(("threshold", "n_pairs"), [(0.9, 1), (0.900001, 0)])
def test_frames_match_at_the_threshold(threshold, n_pairs):
    found = pair_videos(np.array([[1], [0]]), np.full((2, 1), 0.9), np.array([0, 1]), threshold)
    assert len(found.sources) == n_pairs


def test_a_small_share_is_no_pair():
    videos = np.array([0] * 3 + [1] * 3)
    indices = np.array([[3], [-1], [-1], [0], [-1], [-1]])
    similarities = np.array([[0.9], [0.0], [0.0], [0.9], [0.0], [0.0]])
    assert not len(pair_videos(indices, similarities, videos, 0.5).sources)


def test_no_images_and_no_videos_are_fine():
    empty = np.zeros((0, 2), np.int64)
    assert not len(pair_videos(empty, np.zeros((0, 2)), np.zeros(0, np.int64), 0.5).sources)
    assert not len(pair_videos(INDICES, SIMILARITIES, np.full(4, -1), 0.5).sources)


def matches_of(n_rows, pairs):
    """Return neighbours of which each of `pairs` is one, both ways; the most a row has is 8."""
    indices, similarities = np.full((n_rows, 8), -1), np.zeros((n_rows, 8))
    n_of = np.zeros(n_rows, int)
    for one, other in pairs:
        for row, target in ((one, other), (other, one)):
            indices[row, n_of[row]], similarities[row, n_of[row]] = target, 0.95
            n_of[row] += 1
    return indices, similarities


def test_black_frames_that_two_videos_share_make_no_pair_of_them():
    videos = np.array([0] * 4 + [1] * 4)
    is_blank = np.array([True, True, False, False] * 2)
    given = matches_of(8, [(0, 4), (1, 5)])
    assert not len(pair_videos(*given, videos, 0.5, is_blank=is_blank).sources)
    assert len(pair_videos(*given, videos, 0.5).sources) == 1


def test_of_a_copy_the_black_frames_do_not_count():
    videos = np.array([0] * 4 + [1] * 4)
    is_blank = np.array([True, True, False, False] * 2)
    given = matches_of(8, [(0, 4), (1, 5), (2, 6)])
    found = pair_videos(*given, videos, 0.5, is_blank=is_blank)
    assert (found.source_shares.tolist(), found.target_shares.tolist()) == ([0.5], [0.5])


def test_videos_of_black_frames_alone_are_a_pair():
    videos = np.array([0, 0, 1, 1])
    given = matches_of(4, [(0, 2), (1, 3)])
    assert len(pair_videos(*given, videos, 0.5, is_blank=np.ones(4, bool)).sources) == 1


def test_titles_that_a_whole_series_shares_make_no_pairs():
    """Five parts of three frames: two titles that all share, and one of their own."""
    videos = np.repeat(np.arange(5), 3)
    titles = [(3 * one + i, 3 * two + i) for one in range(5) for two in range(one) for i in (0, 1)]
    given = matches_of(15, titles)
    assert len(pair_videos(*given, videos, 0.5).sources) == 10  # each is two of three frames
    videos = np.repeat(np.arange(5), 5)
    titles = [(5 * one + i, 5 * two + i) for one in range(5) for two in range(one) for i in (0, 1)]
    same = [(2, 7), (3, 8)]
    found = pair_videos(*matches_of(25, [*titles, *same]), videos, 0.5)
    assert list(zip(found.sources.tolist(), found.targets.tolist(), strict=True)) == [(0, 1)]
    assert found.source_shares.tolist() == [2 / 3]


def test_five_copies_of_a_video_are_pairs_of_each_other():
    videos = np.repeat(np.arange(5), 3)
    pairs = [(3 * one + i, 3 * two + i) for one in range(5) for two in range(one) for i in range(3)]
    found = pair_videos(*matches_of(15, pairs), videos, 0.5)
    assert len(found.sources) == 10
    assert set(found.source_shares.tolist()) == {1.0}


def test_a_part_that_was_spliced_in_is_reported_with_its_times_in_both():
    """Frames 4 to 8 of a video of 20 are frames 10 to 14 of another one of 20."""
    videos = np.array([0] * 20 + [1] * 20)
    times_s = np.concatenate([np.arange(20) * 0.5, np.arange(20) * 2.0])
    given = matches_of(40, [(4 + i, 30 + i) for i in range(5)])
    found = pair_videos(*given, videos, 0.5, times_s=times_s)
    assert found.source_shares.tolist() == found.target_shares.tolist() == [0.25]
    (part,) = found.parts
    assert (part.start_s, part.end_s) == (2.0, 4.0)
    assert (part.other_start_s, part.other_end_s) == (20.0, 28.0)


def test_as_many_frames_in_another_order_are_no_part():
    videos = np.array([0] * 20 + [1] * 20)
    given = matches_of(40, [(4 + i, 34 - i) for i in range(5)])
    assert not len(pair_videos(*given, videos, 0.5).sources)
