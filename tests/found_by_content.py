"""What a search by content finds is what is nearest by content in the run."""

import pytest

from fastdup.image_search import search_images
from fastdup.runs import FinishedRun
from fastdup.runs.near_content import nearest_by_content


def assert_found_by_content(work_dir, query):
    """Search for an image of a finished run."""
    hits = search_images(str(work_dir), [query], 3, "content")
    assert hits[0].path == query
    assert hits[0].similarity == pytest.approx(1, abs=1e-6)
    finished = FinishedRun(work_dir)
    near = nearest_by_content(finished, 2)[finished.row_of[query]]
    assert [finished.row_of[hit.path] for hit in hits[1:]] == near.tolist()
