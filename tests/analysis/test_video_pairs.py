import numpy as np
import pytest

from fastdup.analysis.video_pairs import nearest_outside_video, pair_videos

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
